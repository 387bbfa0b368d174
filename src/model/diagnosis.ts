import type { Answer } from './answer.ts'
import type { Address, Endpoint, EndpointKey, Family } from './endpoint.ts'
import type { Evidence, GatewayProtocol, PeerRange } from './evidence.ts'
import type { Message } from './message.ts'
import type { Behavior, FilteringBehavior, MappingBehavior } from './nat.ts'
import type { Obstacle, Stage, Warning } from './obstacle.ts'
import type { Remedy } from './remedy.ts'

export type Verdict = 'reachable' | 'partly-reachable' | 'unreachable' | 'unknown'

export const CAVEATS = [
  /** The only dial that got in came from an address that this host had contacted before. */
  'address-dependent-filter-not-excluded',
  /** The dial got in, and this host's rules let in some strangers and drop others. */
  'host-firewall-picks-strangers',
  /** Some vantages got in and others did not: a filter by country or by network. */
  'vantages-disagree',
] as const
export type Caveat = (typeof CAVEATS)[number]

export interface EndpointVerdict extends EndpointKey {
  readonly reachable: Answer
  /** Where strangers dial; null where it is not known. */
  readonly external: Endpoint | null
  readonly caveats: readonly Caveat[]
  readonly evidence: readonly string[]
}

export type StageState = 'pass' | 'block' | 'unknown' | 'absent'

export interface PathStage {
  readonly family: Family
  readonly stage: Stage
  /** Routers are counted from the node; null elsewhere. */
  readonly layer: number | null
  readonly address: Address | null
  readonly state: StageState
}

/** IPv4 alone. `layers` is null when the evidence does not tell how many translators there are. */
export interface NatSummary {
  readonly layers: number | null
  /** There are at least, and at most, so many; `most` is null where nothing bounds them. Left out: nothing is known of it. */
  readonly layerBounds?: { readonly least: number; readonly most: number | null }
  readonly mapping: MappingBehavior
  readonly filtering: FilteringBehavior
  readonly hairpinning: Answer
  readonly portPreservation: Answer
  readonly externalAddresses: readonly Address[]
  /**
   * For so long an idle UDP mapping was seen to live; one that was idle for longer had ended. Null where that was not
   * measured, or where none ended as long as was waited.
   */
  readonly udpLifetimeSeconds: number | null
}

/** Can a peer's NAT of this filtering be met half-way? */
export interface PunchingRow {
  readonly filtering: Behavior
  readonly answer: Answer
}

/** Hole punching over UDP, against each kind of peer; shown where strangers cannot dial. */
export interface HolePunching {
  /** With a peer behind the usual home router. */
  readonly withMost: Answer
  /** No UDP gets out at all. */
  readonly udpBlocked: boolean
  /** Peers whose NAT shows all others the same port. */
  readonly onePort: readonly PunchingRow[]
  /** Peers whose NAT takes a new port for every address, or every port, that they speak to. */
  readonly portPerPeer: readonly PunchingRow[]
}

/** A router that this host sends by. `protocols`: those by which it opens ports; empty where it speaks none. */
export interface Gateway {
  readonly address: Address
  readonly protocols: readonly GatewayProtocol[]
  /** As it tells itself. */
  readonly externalAddress: Address | null
  readonly model: string | null
}

/** The node itself, both halves of it together; numbers are null where it could not be asked. */
export interface NodeSummary {
  readonly kind: string
  readonly peers: number | null
  readonly peersWanted: PeerRange | null
}

/** What the evidence says, and nothing more. Pure data: `diagnose/` makes it, `remedy/` and `report/` read it. */
export interface Diagnosis {
  readonly verdict: Verdict
  readonly endpoints: readonly EndpointVerdict[]
  readonly path: readonly PathStage[]
  readonly nat: NatSummary
  /** Null where it is of no use, or nothing is known of it. */
  readonly holePunching: HolePunching | null
  readonly gateways: readonly Gateway[]
  readonly obstacles: readonly Obstacle[]
  readonly warnings: readonly Warning[]
  readonly remedies: readonly Remedy[]
  /** The node that runs here; null where none was found or named. */
  readonly node: NodeSummary | null
  /** What the operator should know beside the verdict: why it is unknown, how to get a proof, who disagreed. */
  readonly notes: readonly Message[]
  readonly evidence: readonly Evidence[]
}
