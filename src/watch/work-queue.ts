import type { Clock } from '../host/host.ts'
import { PeerwayError } from '../model/error.ts'

/** What runs at the moment, for the page. */
export type Doing = 'check' | 'open' | 'apply' | 'undo'

const BUSY_WAIT_MS = 5000
const MOST_BUSY_WAITS = 24

/** Checks and repairs, one after the other: the same lock would refuse the second. `stop` ends their waiting. */
export class WorkQueue {
  readonly #clock: Clock
  readonly #stop: AbortSignal
  readonly #onChange: () => void
  #last: Promise<unknown> = Promise.resolve()
  #doing: Doing | null = null

  constructor(clock: Clock, stop: AbortSignal, onChange: () => void) {
    this.#clock = clock
    this.#stop = stop
    this.#onChange = onChange
  }

  get doing(): Doing | null {
    return this.#doing
  }

  run<T>(doing: Doing, work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => {
      this.#doing = doing
      this.#onChange()
      try {
        return await this.#unlessBusy(work)
      } finally {
        this.#doing = null
        this.#onChange()
      }
    })
    this.#last = next.catch(() => {})
    return next
  }

  /** A renewal, or a repair in another terminal, holds the lock for a moment. */
  async #unlessBusy<T>(work: () => Promise<T>): Promise<T> {
    for (let waits = 0; ; waits++) {
      try {
        return await work()
      } catch (error) {
        if (!isLocked(error) || waits >= MOST_BUSY_WAITS || this.#stop.aborted) throw error
        await this.#clock.sleep(BUSY_WAIT_MS, this.#stop)
      }
    }
  }
}

/** Held by another repair, not refused by it. */
function isLocked(error: unknown): boolean {
  return error instanceof PeerwayError && error.code === 'busy' && error.facts.path !== undefined
}
