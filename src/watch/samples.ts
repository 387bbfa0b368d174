import { endpointName } from '../model/endpoint.ts'
import type { Sample } from './store/store.ts'
import type { Measured } from './work.ts'

/** What of a check goes into the history as numbers. */
export function samplesOf({ diagnosis }: Measured): readonly Sample[] {
  const reachable = diagnosis.endpoints.flatMap((each) => {
    if (each.reachable === 'unknown') return []
    return [{ series: `reachable ${endpointName(each)}`, value: each.reachable === 'yes' ? 1 : 0 }]
  })
  const rtts = diagnosis.evidence.flatMap(({ probe, value }) => {
    if (probe !== 'vantage' || value.rttMs === null) return []
    return [{ series: `rtt ${value.name} ${value.family}`, value: value.rttMs }]
  })
  const peers = diagnosis.node?.peers ?? null
  const inbound = diagnosis.evidence.flatMap(({ probe, value }) => {
    // As of the half that `node.peers` is of.
    return probe === 'node-peers' && value.peers === peers && value.inbound !== null ? [value.inbound] : []
  })
  return [
    ...reachable,
    ...rtts,
    ...(peers === null ? [] : [{ series: 'peers', value: peers }]),
    ...inbound.slice(0, 1).map((value) => ({ series: 'peers inbound', value })),
    { series: 'obstacles', value: diagnosis.obstacles.length },
  ]
}
