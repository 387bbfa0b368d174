import type { Report } from '../../src/report/report.ts'

/** What two runs of a check in the same network must agree on, whatever numbers and moments chance gave them. */
export interface Comparable {
  readonly verdict: string
  readonly endpoints: readonly string[]
  readonly obstacles: readonly string[]
  readonly nat: string
}

export function comparable({ verdict, endpoints, obstacles, nat }: Report): Comparable {
  // Which endpoints a guess speaks of may hang on what peers said at that moment.
  const of = ({ certainty, id, endpoints }: Report['obstacles'][number]) =>
    certainty === 'likely' ? `likely ${id}` : `proven ${id} of ${[...endpoints].sort().join(', ')}`
  const { layers, mapping, filtering, portPreservation, externalAddresses } = nat ?? ({} as never)
  return {
    verdict,
    endpoints: endpoints.map((each) => {
      return `${each.transport}/${each.family}/${each.port} at ${each.external}: ${[each.reachable, ...each.caveats].join(', ')}`
    }),
    obstacles: [...new Set(obstacles.map(of))].sort(),
    nat: JSON.stringify({
      layers,
      mapping,
      filtering,
      hairpinning: hairpinningIn(nat),
      portPreservation,
      externalAddresses,
    }),
  }
}

/** The lab's rules can turn packets around only where a mapping's port is known before it is made. */
function hairpinningIn(nat: Report['nat']): string | null {
  return nat?.mapping === 'endpoint-independent' ? nat.hairpinning : null
}
