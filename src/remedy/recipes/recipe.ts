import type { TwinChange } from '../../diagnose/twin/twin-change.ts'
import type { Message } from '../../model/message.ts'
import type { Obstacle, ObstacleId } from '../../model/obstacle.ts'
import type { RemedyId } from '../remedy-ids.ts'
import type { Site } from '../site.ts'

/** A remedy before it is offered to anybody. */
export interface Recipe {
  readonly id: RemedyId
  /** It is thought of where one of these stands in the way. */
  readonly against: readonly ObstacleId[]
  /** What its steps take away as well, where it stands in the way too. */
  readonly alsoClears?: readonly ObstacleId[]
  readonly offered?: (site: Site) => boolean
  /** It brings strangers in, and does nothing for what the node itself sends. */
  readonly inwardsAlone?: true
  /** What its steps come to in the network, for one endpoint. */
  readonly changes: (way: Way) => readonly TwinChange[]
  readonly steps: (site: Site) => readonly Message[]
  /** Can peerway do it by itself? Not without this. */
  readonly automatic?: (site: Site) => boolean
}

/** One endpoint's way in: the twin's boxes, from this host outwards, and the obstacles stated of the endpoint. */
export interface Way {
  readonly boxes: readonly string[]
  readonly obstacles: readonly Obstacle[]
}

/** What says that this host's own router does not forward to it. */
export const INNER_ROUTER = ['router-source-nat', 'router-forward-elsewhere'] as const

export const INBOUND_BLOCKS = [
  'provider-blocks-inbound-port',
  'provider-blocks-inbound-udp',
  'provider-blocks-inbound-tcp',
] as const
