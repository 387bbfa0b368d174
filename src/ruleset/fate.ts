import type { Translated } from './flight.ts'
import type { Packet } from './packet.ts'
import type { Backend, Hook, Rejection, Rule, TableFamily } from './ruleset.ts'

/** Where in the rules. `rule` is null for a chain's policy, and for what no rule decides. */
export interface Place {
  readonly hook: Hook
  readonly backend: Backend
  readonly family: TableFamily
  readonly table: string
  readonly chain: string
  readonly rule: Pick<Rule, 'text' | 'handle' | 'comment'> | null
}

/** What one base chain said of the packet. */
export interface Decision {
  readonly verdict: 'accept' | 'drop' | 'reject'
  readonly at: Place
}

export type Fate =
  /**
   * Every base chain let it pass. `packet` is what is left of it, null when an address was rewritten to one that is not
   * known; `out` the interface by which it leaves, null when it reached this host. `by`: the last chain of the input,
   * forward or output hook that decided, null when there was none.
   */
  | {
      readonly kind: 'accept'
      readonly packet: Packet | null
      readonly out: string | null
      readonly by: Decision | null
      readonly trail: readonly Decision[]
      readonly translations: readonly Translated[]
    }
  | { readonly kind: 'drop'; readonly by: Decision; readonly trail: readonly Decision[] }
  | {
      readonly kind: 'reject'
      readonly rejection: Rejection
      readonly by: Decision
      readonly trail: readonly Decision[]
    }
  /** No rule stopped it, but routing knows no way, or its TTL ends here. */
  | {
      readonly kind: 'unroutable'
      readonly why: 'unreachable' | 'expired'
      readonly packet: Packet | null
      readonly trail: readonly Decision[]
    }
  /**
   * `expression` could not be judged and matters: `possible` are ends seen with and without it. `stopped`: one who stops the
   * packet, where it is stopped whatever it comes to, and only how is not known.
   */
  | {
      readonly kind: 'unknown'
      readonly expression: string
      readonly at: Place | null
      readonly possible: readonly Fate['kind'][]
      readonly stopped?: Decision
    }

/** Does the packet come to the same end? Which of two rules drops it makes no difference. */
export function sameFate(a: Fate, b: Fate): boolean {
  if (a.kind === 'reject' && b.kind === 'reject') return sameRejection(a.rejection, b.rejection)
  if (a.kind === 'unroutable' && b.kind === 'unroutable') return a.why === b.why
  if (a.kind !== 'accept' || b.kind !== 'accept') return a.kind === b.kind
  return a.out === b.out && samePacket(a.packet, b.packet)
}

function sameRejection(a: Rejection, b: Rejection): boolean {
  return a.kind === b.kind && (a.kind !== 'icmp' || b.kind !== 'icmp' || a.name === b.name)
}

const ENDS = ['source', 'destination', 'sourcePort', 'destinationPort'] as const

function samePacket(a: Packet | null, b: Packet | null): boolean {
  return ENDS.every((end) => a?.[end] === b?.[end])
}
