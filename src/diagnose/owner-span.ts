import type { Address } from '../model/endpoint.ts'
import type { Hop } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { type Findings, ids } from './findings.ts'
import type { ToldByRouter } from './told-by-routers.ts'

export type InsideHop = Hop & { readonly address: Address }

/** Between which hops the outermost translator stands, both included. */
export interface OwnerSpan {
  readonly low: number
  /** Null where nothing shows how far out it can be. */
  readonly high: number | null
  /** It is shown not to be this host's first router. */
  readonly isBeyondFirst: boolean
  readonly evidence: readonly string[]
}

interface Seen {
  readonly hops: readonly Hop[]
  readonly inside: readonly InsideHop[]
  readonly told: readonly ToldByRouter[]
}

/**
 * Whose is the external address?
 *
 * - Whoever answers an echo request sent to it from inside with TTL n, and with no smaller one, has it, at hop n.
 * - A first router that says "time exceeded" to such a packet passes it on, so that it has it not. Farther boxes may say so
 *   of addresses that they translate to: a carrier's are often no interface's.
 * - A router whose own address outside is private has it not, nor has anybody before it.
 * - From the first hop with a public address on nobody translates; where the ways above contradict that, it is a public address
 *   misused inside, and shows nothing.
 *
 * A private address of a hop alone shows nothing: providers number their own routers so.
 */
export function ownerSpan(findings: Findings, { hops, inside, told }: Seen): OwnerSpan {
  const owner = findings.inFamily('external-owner', 'ipv4')[0]
  const ownerHops = owner?.value.hops ?? []
  const answered = ownerHops.find(({ answer, address }) => answer === 'echo-reply' && address === owner?.value.toward)
  const passedOn = ownerHops.some(({ ttl, answer }) => ttl === 1 && answer === 'time-exceeded')
  const beyond = told.filter(({ privateOutside }) => privateOutside !== null)
  const low = Math.max(passedOn ? 2 : 1, answered?.ttl ?? 1, ...beyond.map(({ hop }) => hop + 1))
  const high = answered?.ttl ?? firstPublic(hops, inside)
  const evidence = [...ids([owner]), ...beyond.flatMap((each) => each.evidence)]
  const isBeyondFirst = passedOn || beyond.length > 0
  if (high === null || high >= low) return { low, high, isBeyondFirst, evidence }
  // A router says that it has not the address, and a box as near as itself answers for it: neither is believed.
  if (answered !== undefined) return { low: 1, high: null, isBeyondFirst: false, evidence }
  return { low, high: null, isBeyondFirst, evidence }
}

/** The hop before the first one with a public address; null where none showed itself. */
function firstPublic(hops: readonly Hop[], inside: readonly InsideHop[]): number | null {
  const last = inside.at(-1)?.ttl ?? 0
  const beyond = hops.find(({ ttl, address }) => ttl > last && address !== null && scopeOf(address) === 'global')
  return beyond === undefined ? null : Math.max(1, beyond.ttl - 1)
}
