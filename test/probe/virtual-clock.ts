import type { Clock } from '../../src/host/host.ts'

/** A clock that jumps to the next timer as soon as nothing else is left to do, so that silence costs no real time. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #pumping = false
  #timers: { atMs: number; fire: () => void }[] = []

  nowMs(): number {
    return 1_800_000_000_000 + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  at(afterMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, afterMs), fire }
    this.#timers.push(timer)
    this.#pump()
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const stop = () => {
        cancel()
        resolve()
      }
      const cancel = this.at(ms, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    // One timer a turn: whatever it woke runs to its next wait before the clock moves on.
    setImmediate(() => {
      this.#pumping = false
      this.#timers.sort((a, b) => a.atMs - b.atMs)
      const next = this.#timers.shift()
      if (next === undefined) return
      this.#nowMs = next.atMs
      next.fire()
      this.#pump()
    })
  }
}
