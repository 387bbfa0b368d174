import type { AddressId } from '../address-book.ts'
import type { Protocol } from '../packet.ts'

/** A port outside that stands for a port inside, for some time (RFC 4787 §4.1). */
export interface Mapping {
  readonly protocol: Protocol
  readonly internal: AddressId
  readonly internalPort: number
  readonly external: AddressId
  readonly externalPort: number
  readonly key: string
  expiresAtMs: number
  /** Flows that use it. */
  flows: number
  /** Outside addresses that were sent to through it, and until when that counts; only where filtering asks for them. */
  readonly contacted: Map<AddressId, number> | null
}
