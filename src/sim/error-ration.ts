import type { AddressId } from './address-book.ts'

/** Linux: net.ipv4.icmp_ratelimit, and how many errors may come at once after a pause (XRLIM_BURST_FACTOR). */
const EVERY_MS = 1000
const BURST = 6

/**
 * How many ICMP errors a host tells one other address: one a second after a burst of six, as Linux does unless told
 * otherwise. Silence from a closed port is therefore no sign that it is open. For IPv4 alone: the kernel's limit for
 * IPv6 depends on routes, and is some sixteen times looser.
 */
export class ErrorRation {
  readonly #tokens = new Map<AddressId, { count: number; atMs: number }>()

  /** May one more be told now? Counts it. */
  take(to: AddressId, nowMs: number): boolean {
    const known = this.#tokens.get(to)
    if (known === undefined) {
      this.#tokens.set(to, { count: BURST - 1, atMs: nowMs })
      return true
    }
    known.count = Math.min(BURST, known.count + (nowMs - known.atMs) / EVERY_MS)
    known.atMs = nowMs
    if (known.count < 1) return false
    known.count -= 1
    return true
  }
}
