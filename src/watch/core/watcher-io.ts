import type { Answer } from '../../model/answer.ts'
import type { Address, EndpointName, Family } from '../../model/endpoint.ts'
import type { MessageParams } from '../../model/message.ts'
import type { Happening } from './happening.ts'
import type { HoldersByEndpoint } from './holders.ts'
import type { Lease } from './lease.ts'
import type { SeenByFamily } from './outside-watch.ts'

/** What was seen, by whoever carries the commands out. Each ends the command of its kind. */
export type Input =
  /** This host: `addresses` are those that it has, `sources` those that it would send from. */
  | { readonly kind: 'looked'; readonly addresses: readonly string[]; readonly sources: readonly string[] }
  /**
   * `holders`: who listens on each endpoint (a process, as far as it is known), null where nobody does; undefined where
   * the host does not tell. `gone`: changes of ours on this host that are not there any more.
   */
  | {
      readonly kind: 'looked-closer'
      readonly holders: HoldersByEndpoint | undefined
      readonly gone: readonly string[]
    }
  | { readonly kind: 'gateways-said'; readonly said: readonly GatewaySaid[] }
  /** Where servers saw this host; null where one did not answer. */
  | { readonly kind: 'outside-said'; readonly seen: SeenByFamily }
  /** `isAsked`: it was a command that is carried out now; else somebody wanted it. */
  | { readonly kind: 'checked'; readonly result: Checked; readonly isAsked: boolean }
  /** The mappings that are to be kept, all of them, as the journal has them now. */
  | { readonly kind: 'leases'; readonly leases: readonly Lease[] }
  /** `changed`: strangers have to dial another port or address. `about`: the mapping, as it is told of. */
  | { readonly kind: 'renewed'; readonly id: string; readonly outcome: RenewalOutcome; readonly about: MessageParams }
  /** What this host could not do. */
  | { readonly kind: 'failed'; readonly task: Question }
  /** Somebody wants to know at once. */
  | { readonly kind: 'check-wanted' }

export type RenewalOutcome = 'renewed' | 'changed' | 'failed' | 'ended'

export interface GatewaySaid {
  readonly grantor: string
  readonly outcome: 'answered' | 'silent'
  /** Null where the protocol has none. */
  readonly epochSeconds: number | null
  readonly externalAddress: Address | null
  /** Mappings that the router says it does not have (UPnP alone can say so). */
  readonly missing: readonly string[]
}

export interface Checked {
  readonly endpoints: readonly { readonly name: EndpointName; readonly reachable: Answer }[]
  /** Could a router be asked to open the way? */
  readonly mayOpen: boolean
  /** Did anybody outside answer? */
  readonly isAnswered: boolean
  /** Where servers saw this host meanwhile. */
  readonly outside: Readonly<Partial<Record<Family, Address>>>
  /** How long an idle UDP flow lives on the way, where that was measured now. */
  readonly lifetimeSeconds: number | null
  /** What came of it, where it was a repair; null where it was none. */
  readonly repair: 'helped' | 'useless' | null
}

export type Question = 'look' | 'look-closer' | 'ask-gateways' | 'ask-outside' | 'check' | 'open'

export type Command =
  | { readonly do: 'look' }
  | { readonly do: 'look-closer' }
  | { readonly do: 'open' }
  /** `isDeep`: with what takes minutes. */
  | { readonly do: 'check'; readonly isDeep: boolean }
  /** `isKept`: on the same flow as the last time. */
  | { readonly do: 'ask-outside'; readonly isKept: boolean }
  /** `grantors`: those that hold a mapping of ours. */
  | { readonly do: 'ask-gateways'; readonly grantors: readonly string[] }
  /** One after the other; each is answered by `renewed`. */
  | { readonly do: 'renew'; readonly ids: readonly string[] }
  | { readonly do: 'tell'; readonly what: Happening }
