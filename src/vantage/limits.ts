import { type Address, familyOf } from '../model/endpoint.ts'
import { prefixOf } from '../model/ip.ts'

/** Whom a limit counts together: a /24, or a /56, which is what one customer commonly gets. */
export function sourcePrefix(address: Address): string {
  // Canonical text: its first three numbers are the /24. Every datagram of a busy vantage comes past here.
  return familyOf(address) === 'ipv4' ? `${address.slice(0, address.lastIndexOf('.'))}.0/24` : prefixOf(address, 56)
}

/** Prefixes that are remembered at most. Whoever comes from more of them has that many machines anyway. */
const MOST_PREFIXES = 10_000

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number }

interface Bucket {
  tokens: number
  atMs: number
  /** Until when tokens have been promised to those sent away, so that they do not all come back at the same moment. */
  promisedUntilMs: number
}

/** A token bucket for every source prefix: `burst` at once, `perSecond` in the long run. */
export class PrefixRate {
  readonly #burst: number
  readonly #perSecond: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
  }

  take(address: Address, amount: number, nowMs: number): Taken {
    const bucket = this.#bucket(sourcePrefix(address), nowMs)
    if (bucket.tokens >= amount) {
      bucket.tokens -= amount
      return { ok: true }
    }
    const readyMs = nowMs + ((amount - bucket.tokens) / this.#perSecond) * 1000
    bucket.promisedUntilMs = Math.max(readyMs, bucket.promisedUntilMs + (amount / this.#perSecond) * 1000)
    return { ok: false, retryAfterMs: Math.ceil(bucket.promisedUntilMs - nowMs) }
  }

  #bucket(prefix: string, nowMs: number): Bucket {
    const known = this.#buckets.get(prefix)
    const bucket = known ?? { tokens: this.#burst, atMs: nowMs, promisedUntilMs: nowMs }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.#perSecond)
    bucket.atMs = nowMs
    bucket.promisedUntilMs = Math.max(bucket.promisedUntilMs, nowMs)
    if (known !== undefined) this.#buckets.delete(prefix)
    // Set again, so that the map's order is that of the last use and the first one is the longest unused.
    this.#buckets.set(prefix, bucket)
    if (this.#buckets.size > MOST_PREFIXES) this.#buckets.delete(this.#buckets.keys().next().value!)
    return bucket
  }
}

/** How much of something is held at the same time: by one source prefix, and by all together. */
export class PrefixShare {
  readonly #perPrefix: number
  readonly #inAll: number
  readonly #held = new Map<string, number>()
  #sum = 0

  constructor(perPrefix: number, inAll: number) {
    this.#perPrefix = perPrefix
    this.#inAll = inAll
  }

  /** Takes `amount`, or nothing and undefined. What it returns gives the share back; a second call does nothing. */
  take(address: Address, amount = 1): (() => void) | undefined {
    const prefix = sourcePrefix(address)
    const held = this.#held.get(prefix) ?? 0
    if (held + amount > this.#perPrefix || this.#sum + amount > this.#inAll) return undefined
    this.#held.set(prefix, held + amount)
    this.#sum += amount
    let given = amount
    return () => {
      const left = this.#held.get(prefix)! - given
      this.#sum -= given
      if (given > 0 && left === 0) this.#held.delete(prefix)
      else if (given > 0) this.#held.set(prefix, left)
      given = 0
    }
  }
}

/** Every limit of one vantage. All in memory, per prefix, forgotten with the process. */
export class VantageLimits {
  /** 30 checks at once from one prefix, of ten dials each, stay below; whoever goes beyond is told when to come again. */
  readonly dials = new PrefixRate(300, 10)
  readonly requests = new PrefixRate(1000, 200)
  readonly stunAnswers = new PrefixRate(1000, 500)
  /** Bytes answered beyond the bytes asked with, to addresses that have not shown that they receive there. */
  readonly stunExcessBytes = new PrefixRate(16_384, 2048)

  readonly connections = new PrefixShare(64, 1024)
  readonly runningDials = new PrefixShare(64, 256)
  readonly openPorts = new PrefixShare(32, 256)
  /** One asker measures with some 150, for five minutes; each gets a datagram in four seconds. */
  readonly flows = new PrefixShare(512, 4096)
  /** A measurement asks for some 5000. */
  readonly flowDatagrams = new PrefixRate(16_384, 64)
  /** Connections that may say nothing for minutes: fewer than there are, so that others find room. */
  readonly silences = new PrefixShare(32, 256)
  /** An echo starts up to 16 programs at once. */
  readonly runningEchoes = new PrefixShare(4, 8)
}
