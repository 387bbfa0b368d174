import type { AddressId } from '../address-book.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import type { RouterGuard } from '../nat/router-guard.ts'

/** What a service of a router needs of it: its sockets, the table that it fills, and its two sides. */
export interface RouterSite {
  readonly machine: Machine
  /** `openings` is the table, `external` the address outside, `startedAtMs` what epochs count from. */
  readonly guard: RouterGuard
  readonly inside: Interface
  readonly outside: Interface
  /** Addresses on which its services answer: those inside, and of a faulty router its IPv4 ones outside. */
  readonly served: readonly AddressId[]
}
