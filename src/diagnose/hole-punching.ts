import type { Answer } from '../model/answer.ts'
import type { HolePunching, NatSummary } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import type { Behavior } from '../model/nat.ts'
import type { Obstacle, ObstacleId, Warning } from '../model/obstacle.ts'
import { type Findings, ids } from './findings.ts'

/** What stands between a node and the Internet, as far as hole punching asks: RFC 4787's two axes. */
export interface PunchingSide {
  /** Is every peer spoken to from the same port outside? Only then the port that a third party saw is the one to aim at. */
  readonly onePort: boolean
  readonly filtering: Behavior
}

/**
 * Can two nodes that know each other's endpoints, as a third party saw them, open the way by sending at the same time
 * (RFC 5128 §3.3)? One packet that gets in is enough: whoever receives it learns where it really came from, and answers.
 */
export function punches(one: PunchingSide, other: PunchingSide): boolean {
  return getsIn(one, other) || getsIn(other, one)
}

/** Does a packet of `from` get in at the endpoint of `to` that it was told of, and the answer back? */
function getsIn(from: PunchingSide, to: PunchingSide): boolean {
  if (to.filtering === 'endpoint-independent') {
    // Without one port for all, the answer leaves from another port than the one that was aimed at.
    return to.onePort || from.filtering !== 'address-and-port-dependent'
  }
  // What `to` itself has sent went out by another mapping, and opened another hole.
  if (!to.onePort) return false
  return to.filtering === 'address-dependent' || from.onePort
}

const FILTERINGS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const

/** The usual home router of a peer. */
const USUAL: PunchingSide = { onePort: true, filtering: 'address-and-port-dependent' }

/** The same, where not everything is known of our own side: whatever all its readings agree on. */
export function punchesWith(
  { mapping, filtering }: Pick<NatSummary, 'mapping' | 'filtering'>,
  peer: PunchingSide,
): Answer {
  const ports = mapping === 'unknown' ? [true, false] : [mapping === 'none' || mapping === 'endpoint-independent']
  const filterings = filtering === 'unknown' ? FILTERINGS : [filtering]
  const answers = ports.flatMap((onePort) => filterings.map((each) => punches({ onePort, filtering: each }, peer)))
  return answers.every(Boolean) ? 'yes' : answers.some(Boolean) ? 'unknown' : 'no'
}

export function punchesWithMost(nat: Pick<NatSummary, 'mapping' | 'filtering'>): Answer {
  return punchesWith(nat, USUAL)
}

/** What makes it of use: with a forwarding, or no filter, peers get in anyway. */
const ASKS_FOR_IT: ReadonlySet<ObstacleId> = new Set<ObstacleId>([
  'router-source-nat',
  'double-nat',
  'carrier-nat',
  'router-filter-drops-inbound',
])

/** What remains for a node that strangers cannot dial over IPv4; null where they can, or nothing of it was measured. */
export function holePunching(nat: NatSummary, obstacles: readonly Obstacle[]): HolePunching | null {
  const stands = obstacles.some(
    ({ id, endpoints }) => ASKS_FOR_IT.has(id) && endpoints.some((name) => name.includes('/ipv4/')),
  )
  if (!stands || (nat.mapping === 'unknown' && nat.filtering === 'unknown')) return null
  const udpBlocked = obstacles.some(
    ({ id, certainty }) => id === 'provider-blocks-outbound-udp' && certainty === 'proven',
  )
  const row = (onePort: boolean) =>
    FILTERINGS.map((filtering) => ({
      filtering,
      answer: udpBlocked ? ('no' as const) : punchesWith(nat, { onePort, filtering }),
    }))
  return { withMost: udpBlocked ? 'no' : punchesWithMost(nat), udpBlocked, onePort: row(true), portPerPeer: row(false) }
}

/** The warning where it does not work with most peers. */
export function punchingWarnings(
  findings: Findings,
  punching: HolePunching | null,
  nat: NatSummary,
): readonly Warning[] {
  if (punching?.withMost !== 'no') return []
  const { udpBlocked, onePort } = punching
  const blocked = findings.inFamily('outbound', 'ipv4').filter(({ value }) => value.arrived === 'no')
  const mapping = findings.inFamily('mapping', 'ipv4').filter(({ value }) => value.behavior === nat.mapping)
  const laxer = onePort.some(({ answer }) => answer === 'yes')
  return [
    {
      id: 'hole-punching-impossible',
      evidence: ids(udpBlocked ? blocked : mapping),
      text: message('warning.hole-punching-impossible', { blocked: udpBlocked ? 1 : null, laxer: laxer ? 1 : null }),
    },
  ]
}
