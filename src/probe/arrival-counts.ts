import type { ArrivalCount, ArrivalCounters, Host } from '../host/host.ts'
import { type Address, type EndpointKey, endpointName } from '../model/endpoint.ts'
import { attempt } from './attempt.ts'

/** Packet counters for all dials of a family: one for each endpoint and source. */
export interface ArrivalCounts {
  /** Packets since arming; undefined where nothing counts. */
  read(key: EndpointKey, source: Address): Promise<ArrivalCount | undefined>
  close(): Promise<void>
}

/** What a host counts at the same time; dials beyond are made without. */
const MAX_WATCHES = 256

/** Arms the counters; to be awaited before the first dial. Without root or nft nothing is counted. */
export async function armArrivalCounts(
  host: Host,
  keys: readonly EndpointKey[],
  sources: readonly Address[],
): Promise<ArrivalCounts> {
  const watched = keys.flatMap((key) => sources.map((source) => ({ key, source }))).slice(0, MAX_WATCHES)
  const watches = watched.map(({ key, source }) => ({ ...key, sources: [source] }))
  const counters = await attempt<ArrivalCounters | undefined, undefined>(
    () => host.netfilter.countArrivals(watches),
    undefined,
  )
  if (counters === undefined) return { read: async () => undefined, close: async () => {} }

  const places = new Map(watched.map(({ key, source }, index) => [`${endpointName(key)} ${source}`, index]))
  return {
    read: async (key, source) => {
      const index = places.get(`${endpointName(key)} ${source}`)
      const counts = await attempt(() => counters.read(), undefined)
      return index === undefined ? undefined : counts?.[index]
    },
    close: () => attempt(() => counters.close(), undefined),
  }
}
