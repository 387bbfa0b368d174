/** RFC 6298: a second before a round trip is known; then at least 200 ms, as Linux has it; at most a minute. */
const FIRST_MS = 1000
const LEAST_MS = 200
const MOST_MS = 60_000

/** When to send again: smoothed round trips, and twice as long each time (RFC 6298 §2 and §5). */
export class RetransmissionTimeout {
  #smoothedMs: number | null = null
  #variationMs = 0
  #backoff = 1

  get ms(): number {
    const base = this.#smoothedMs === null ? FIRST_MS : this.#smoothedMs + Math.max(1, 4 * this.#variationMs)
    return Math.min(MOST_MS, Math.max(this.#smoothedMs === null ? FIRST_MS : LEAST_MS, base) * this.#backoff)
  }

  measured(rttMs: number): void {
    if (this.#smoothedMs === null) {
      this.#smoothedMs = rttMs
      this.#variationMs = rttMs / 2
    } else {
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - rttMs)
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * rttMs
    }
  }

  /** Something new was acknowledged. */
  progress(): void {
    this.#backoff = 1
  }

  expired(): void {
    this.#backoff *= 2
  }
}
