import type { Host } from '../host/host.ts'
import type { RefusedLocation } from '../model/evidence.ts'
import type { Discovered } from './discovery.ts'
import type { IgdDevice } from './igd-device.ts'
import { IgdMapper } from './igd-mapper.ts'
import { type IgdSearch, searchIgd } from './igd-search.ts'

export interface IgdDiscovery {
  /** `garbage`: it answers, and describes no Internet gateway device that can be used. */
  readonly discovered: Discovered
  /** Null where it speaks no UPnP. */
  readonly mapper: IgdMapper | null
  readonly device: IgdDevice | null
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
    // Called off in the middle, it has not said the wrong thing, only not enough.
    const outcome = rttMs === null || search.signal?.aborted ? 'silent' : 'garbage'
    return { discovered: { outcome }, mapper: null, device: null, refused }
  }
  const { signal: _ended, patienceMs: _short, ...lasting } = search
  const findAgain = async () => (await searchIgd(host, lasting)).device
  const mapper = await IgdMapper.open(host, device, findAgain, search.signal)
  const { model, externalAddress, hasNoExternal } = mapper
  return {
    discovered: { outcome: 'speaks', externalAddress, hasNoExternal, epochSeconds: null, model, rttMs },
    mapper,
    device,
    refused,
  }
}
