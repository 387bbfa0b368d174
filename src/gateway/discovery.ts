import type { Address } from '../model/endpoint.ts'

/** Whom a discovery asks, from which address of this host, and how long it may take. */
export interface DiscoveryTarget {
  readonly gateway: Address
  readonly local: Address
  /** Ends the wait; what has not come by then counts as silence. */
  readonly signal?: AbortSignal
}

/**
 * What a gateway said when asked whether it speaks a protocol; nothing is mapped by asking. `refuses`: it knows the
 * protocol and will not serve. `other-version`: it listens there, and speaks another protocol. `closed`: it says that
 * nobody listens.
 */
export type Discovered =
  | {
      readonly outcome: 'speaks'
      /** Null where the protocol does not tell it by itself, or it told one that cannot be. */
      readonly externalAddress: Address | null
      /** It says that it has none. */
      readonly hasNoExternal?: boolean
      /** Null where the protocol has none. */
      readonly epochSeconds: number | null
      /** Manufacturer and model, printable, at most 128 characters; null where the protocol does not tell. */
      readonly model: string | null
      readonly rttMs: number
    }
  | { readonly outcome: 'refuses'; readonly detail: string }
  | { readonly outcome: 'other-version' | 'closed' | 'silent' | 'garbage' | 'not-permitted' }
