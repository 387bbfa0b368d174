import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import type { RefusedLocation } from './igd-device.ts'
import { IgdMapper } from './igd-mapper.ts'
import { type IgdSearch, searchIgd } from './igd-search.ts'
import type { PortMapper } from './port-mapper.ts'

export interface IgdDiscovery {
  readonly gateway: Address
  /** Null where the gateway is no Internet gateway device, or none that can be used. */
  readonly mapper: PortMapper | null
  /** URLs that were named and not followed: a faulty router, or somebody who wants this host to speak to others. */
  readonly refused: readonly RefusedLocation[]
}

/** Looks for UPnP on one gateway; see `searchIgd` for what is trusted. At most some 7 s, when it answers and then stalls. */
export async function discoverIgd(host: Host, search: IgdSearch): Promise<IgdDiscovery> {
  const { gateway } = search
  const { device, refused } = await searchIgd(host, search)
  if (device === undefined) return { gateway, mapper: null, refused }
  const findAgain = async () => (await searchIgd(host, search)).device
  return { gateway, mapper: await IgdMapper.open(host, device, findAgain), refused }
}
