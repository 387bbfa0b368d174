import type { EndpointName } from './endpoint.ts'
import type { Message } from './message.ts'

/** Where on a stranger's way a thing stands, from the stranger to the node. */
export const STAGES = ['provider', 'carrier', 'router', 'host-firewall', 'container', 'process'] as const
export type Stage = (typeof STAGES)[number]

/** The closed list of reasons why a stranger is stopped, each with its stage (shared design, section 5). */
export const OBSTACLE_STAGES = {
  'not-listening': 'process',
  'listening-on-loopback': 'process',
  'port-not-published': 'container',
  'host-firewall-drops-inbound': 'host-firewall',
  'host-firewall-drops-forwarded': 'host-firewall',
  'host-firewall-drops-outbound': 'host-firewall',
  'ip-forwarding-disabled': 'host-firewall',
  'router-source-nat': 'router',
  'router-forward-elsewhere': 'router',
  'router-filter-drops-inbound': 'router',
  'double-nat': 'router',
  'carrier-nat': 'carrier',
  'provider-blocks-inbound-port': 'provider',
  'provider-blocks-inbound-udp': 'provider',
  'provider-blocks-inbound-tcp': 'provider',
  'provider-blocks-outbound-udp': 'provider',
  'provider-blocks-outbound-port': 'provider',
  'provider-filters-protocol': 'provider',
  'no-internet': 'provider',
  'announces-unreachable-address': 'process',
} as const satisfies Record<string, Stage>

export type ObstacleId = keyof typeof OBSTACLE_STAGES

/** `proven`: the evidence named leaves no other reading. `likely`: it does, and `settledBy` says what would decide. */
export type Certainty = 'proven' | 'likely'

export interface Obstacle {
  readonly id: ObstacleId
  readonly stage: Stage
  /** Which router, counted from the node: 1 is the node's own. Null where the stage has no layers. */
  readonly layer: number | null
  readonly certainty: Certainty
  /** The endpoints that it stops; empty where it stops the node's work rather than an endpoint asked for. */
  readonly endpoints: readonly EndpointName[]
  /** Ids of evidence in the same report. A proven obstacle names at least one. */
  readonly evidence: readonly string[]
  readonly text: Message
  readonly settledBy: Message | null
}

export const WARNING_IDS = [
  'admin-port-exposed',
  'few-peers',
  'hole-punching-impossible',
  'router-control-open-to-internet',
  'suspicious-mapping',
  'clock-skew',
] as const
export type WarningId = (typeof WARNING_IDS)[number]

export interface Warning {
  readonly id: WarningId
  readonly evidence: readonly string[]
  readonly text: Message
}
