import type { Host } from '../host/host.ts'
import type { Discovered } from './discovery.ts'
import type { RefusedLocation } from './igd-device.ts'
import { IgdMapper } from './igd-mapper.ts'
import { type IgdSearch, searchIgd } from './igd-search.ts'

export interface IgdDiscovery {
  /** `garbage`: it answers, and describes no Internet gateway device that can be used. */
  readonly discovered: Discovered
  /** Null where it speaks no UPnP. */
  readonly mapper: IgdMapper | null
  /** URLs that were named and not followed: a faulty router, or somebody who wants this host to speak to others. */
  readonly refused: readonly RefusedLocation[]
}

/**
 * Does this gateway speak UPnP? Nothing is mapped by asking; see `searchIgd` for what is trusted. A gateway that answers and
 * then stalls is waited for some 8 s more, or until `signal` fires. `PeerwayError` when this host cannot send from `local`.
 */
export async function discoverIgd(host: Host, search: IgdSearch): Promise<IgdDiscovery> {
  const { device, rttMs, refused } = await searchIgd(host, search)
  if (device === undefined || rttMs === null) {
    return { discovered: { outcome: rttMs === null ? 'silent' : 'garbage' }, mapper: null, refused }
  }
  const { signal: _ended, patienceMs: _short, ...lasting } = search
  const findAgain = async () => (await searchIgd(host, lasting)).device
  const mapper = await IgdMapper.open(host, device, findAgain, search.signal)
  const { model, externalAddress } = mapper
  return { discovered: { outcome: 'speaks', externalAddress, epochSeconds: null, model, rttMs }, mapper, refused }
}
