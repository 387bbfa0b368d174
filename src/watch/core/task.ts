/** Draws from 0 up to 1. */
export type Unit = () => number

const JITTER = 0.1

/** Something that is done again and again, one at a time: when it is due, and that it runs. */
export class Task {
  dueAtMs: number
  isRunning = false
  #again = false

  constructor(dueAtMs: number) {
    this.dueAtMs = dueAtMs
  }

  /** When to think of it next; never while it runs. */
  get wakeAtMs(): number {
    return this.isRunning ? Number.POSITIVE_INFINITY : this.dueAtMs
  }

  isDue(nowMs: number): boolean {
    return !this.isRunning && this.dueAtMs <= nowMs
  }

  start(): void {
    this.isRunning = true
    this.#again = false
  }

  /** It has ended, and comes again after `afterMs`; sooner if somebody asked meanwhile. */
  finish(nowMs: number, afterMs: number, soonestMs = 0): void {
    this.isRunning = false
    this.dueAtMs = nowMs + (this.#again ? Math.min(soonestMs, afterMs) : afterMs)
    this.#again = false
  }

  /** At `atMs` or before. While it runs: once more after it. */
  hasten(atMs: number): void {
    if (this.isRunning) this.#again = true
    else this.dueAtMs = Math.min(this.dueAtMs, atMs)
  }

  /** Not before `atMs`. */
  delay(atMs: number): void {
    this.dueAtMs = Math.max(this.dueAtMs, atMs)
  }
}

/** By up to a tenth more or less. */
export function jittered(ms: number, unit: Unit): number {
  return ms * (1 + JITTER * (2 * unit() - 1))
}

/** Twice as long with each failure, up to `longestMs`. */
export function backedOff(ms: number, failures: number, longestMs: number): number {
  return Math.min(longestMs, ms * 2 ** Math.min(failures, 20))
}
