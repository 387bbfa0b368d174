import type { Host } from '../host/host.ts'
import type { Address, Family, Transport } from '../model/endpoint.ts'
import type { ControlErrorCode } from '../wire/control/messages.ts'
import type { OwnAddresses } from './address-rules.ts'
import type { Face } from './faces.ts'
import type { Flows } from './flows.ts'
import type { VantageLimits } from './limits.ts'
import type { OpenPorts } from './open-ports.ts'

/** What all control connections of one vantage share. */
export interface Desk {
  readonly host: Host
  readonly faces: readonly Face[]
  readonly own: OwnAddresses
  readonly limits: VantageLimits
  readonly openPorts: OpenPorts
  readonly flows: Flows
  readonly port: number
  readonly alternatePort: number | null
  /** The secret that vantages share for grants; null: none are signed and none are taken. */
  readonly token: string | null
  readonly canEcho: boolean
  /** How many control connections each address has open: those have shown that they receive there. */
  readonly proven: Map<Address, number>
  readonly log: (event: VantageEvent) => void
}

/** What a vantage did, for its operator. Nobody's address is in it: a vantage keeps nothing about anyone. */
export type VantageEvent =
  | { readonly kind: 'session'; readonly state: 'opened' | 'closed'; readonly family: Family }
  | { readonly kind: 'dial'; readonly transport: Transport; readonly family: Family; readonly outcome: string }
  | { readonly kind: 'refusal'; readonly code: ControlErrorCode }

/** A request that is not granted; the session makes the error line of it. */
export interface Refusal {
  readonly code: ControlErrorCode
  readonly message: string
  readonly retryAfterMs?: number
}
