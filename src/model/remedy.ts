import type { Message } from './message.ts'
import type { ObstacleId } from './obstacle.ts'

/** A change that clears obstacles. `rank` 1 is the best (design section 2, order of preference). */
export interface Remedy {
  readonly id: string
  readonly rank: number
  /** True where peerway can make the change by itself. */
  readonly automatic: boolean
  readonly clears: readonly ObstacleId[]
  readonly text: Message
  readonly steps: readonly Message[]
}
