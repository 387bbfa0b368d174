import type { Sample, Store, StoredEvent } from './store.ts'

const PRUNE_EVERY_MS = 3_600_000
const MOST_WAITING = 1000

/**
 * A store whose failures do not stop anybody: what cannot be written waits, at most 1000 of it, and is written with the next
 * that can. `onError` counts them.
 */
export class History {
  readonly store: Store
  error: string | null = null
  readonly #onError: () => void
  #waiting: (() => void)[] = []
  #prunedAtMs = Number.NEGATIVE_INFINITY
  #ownId = 0

  constructor(store: Store, onError: () => void) {
    this.store = store
    this.#onError = onError
  }

  /** One that could not be written yet has a negative id. */
  addEvent(event: Omit<StoredEvent, 'id'>): StoredEvent {
    const written = this.#try(() => this.store.addEvent(event))
    this.#ownId--
    return written ?? { id: this.#ownId, ...event }
  }

  addSamples(atMs: number, samples: readonly Sample[]): void {
    this.#try(() => this.store.addSamples(atMs, samples))
  }

  /** Now and then. */
  prune(nowMs: number): void {
    this.#flush()
    if (Math.abs(nowMs - this.#prunedAtMs) < PRUNE_EVERY_MS) return
    this.#prunedAtMs = nowMs
    this.#guarded(() => this.store.prune(nowMs))
  }

  #try<T>(write: () => T): T | undefined {
    this.#flush()
    const result = this.#waiting.length > 0 ? undefined : this.#guarded(write)
    if (result === undefined && this.error !== null && this.#waiting.length < MOST_WAITING) this.#waiting.push(write)
    return result
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      this.error = null
      this.#guarded(this.#waiting[0]!)
      if (this.error !== null) return
      this.#waiting.shift()
    }
  }

  #guarded<T>(write: () => T): T | undefined {
    try {
      const result = write()
      this.error = null
      return result
    } catch (error) {
      this.error = (error as Error).message
      this.#onError()
      return undefined
    }
  }
}
