import type { Address, PortSpec } from '../model/endpoint.ts'
import type { ControlReply } from '../wire/control/messages.ts'
import type { Desk } from './desk.ts'
import type { Face } from './faces.ts'

/** One asker at the desk, for as long as its control connection lives. */
export interface Visit {
  readonly desk: Desk
  /** The address of ours that it contacted. */
  readonly face: Face
  /** The far end of the control connection: it completed a handshake, so it receives there. */
  readonly asker: Address
  /** What our hello carried, so that a grant is good for this connection alone. */
  readonly nonce: Uint8Array
  readonly send: (reply: ControlReply) => void
  /** Fires when the connection has ended. */
  readonly over: AbortSignal
  /** Dials that run or are held, and ports that are open, by the id of their request: what can be released. */
  readonly lasting: Map<number, AbortController>
  /** The ports opened last. */
  opened: readonly PortSpec[]
  grantUsed: boolean
  /** Until then it is expected to say nothing (monotonic). */
  silentUntilMs: number
}
