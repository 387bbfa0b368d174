import type { Host } from '../host/host.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { ErrorTextId } from '../model/error-texts.ts'
import type { MessageParams } from '../model/message.ts'
import { type HappeningKind, happening } from './core/happening.ts'
import { Counters } from './counters.ts'
import { History } from './store/history.ts'
import type { Store, StoredEvent } from './store/store.ts'

/** What the daemon is at when something cannot be done. */
export type Undertaking = ErrorTextId extends infer Id
  ? Id extends `error.of.task-${infer Name}`
    ? Name
    : never
  : never

export interface Listeners {
  /** Called with everything that happens, once it is in the history. */
  readonly onEvent?: (event: StoredEvent) => void
  /** Called when anything of `DaemonView` has changed. */
  readonly onChange?: () => void
}

/** Writes down what happens, counts it, and tells those who listen. */
export class Teller {
  readonly counters = new Counters()
  readonly history: History
  readonly #host: Host
  readonly #listeners: Listeners
  #lastTrouble = ''

  constructor(host: Host, store: Store, listeners: Listeners) {
    this.#host = host
    this.#listeners = listeners
    this.history = new History(store, () => this.counters.count('storeErrors'))
  }

  tell(kind: HappeningKind, params: MessageParams = {}): void {
    const { kind: told, params: about } = happening(kind, params)
    const event = this.history.addEvent({ atMs: this.#host.clock.nowMs(), kind: told, params: about })
    this.counters.count('events')
    this.#listeners.onEvent?.(event)
    this.#listeners.onChange?.()
  }

  changed(): void {
    this.#listeners.onChange?.()
  }

  /** What this host cannot do is counted, told where it is another than the last time, and undefined. Mistakes of ours reject. */
  async calmly<T>(what: Undertaking, run: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await run()
      return result
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      this.trouble(what, error)
      return undefined
    }
  }

  trouble(what: Undertaking, error: PeerwayError): void {
    this.counters.count('troubles')
    const trouble = `${what}: ${error.message}`
    const why = errorText('error.during', { what: errorText(`error.of.task-${what}`), why: error.told })
    if (trouble !== this.#lastTrouble) this.tell('trouble', { why })
    this.#lastTrouble = trouble
  }
}
