import type { Ration } from './pace.ts'

const HOUR_MS = 3_600_000

/** A bucket of tokens: whatever happens, no more than `atOnce` and then `perHour` questions are asked. */
export class Budget {
  readonly #ration: Ration
  #tokens: number
  #filledAtMs: number

  constructor(ration: Ration, nowMs: number) {
    this.#ration = ration
    this.#tokens = ration.atOnce
    this.#filledAtMs = nowMs
  }

  /** Takes `cost` tokens, or none where there are not so many. */
  take(cost: number, nowMs: number): boolean {
    this.#fill(nowMs)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** When `cost` tokens will be there; now or before where they are. `cost` is at most `atOnce`. */
  readyAtMs(cost: number, nowMs: number): number {
    this.#fill(nowMs)
    const missing = cost - this.#tokens
    return missing <= 0 ? nowMs : nowMs + Math.ceil((missing * HOUR_MS) / this.#ration.perHour)
  }

  #fill(nowMs: number): void {
    const { perHour, atOnce } = this.#ration
    this.#tokens = Math.min(atOnce, this.#tokens + ((nowMs - this.#filledAtMs) * perHour) / HOUR_MS)
    this.#filledAtMs = nowMs
  }
}
