import type { Timer, World } from '../world.ts'

interface Reader<Event> {
  readonly resolve: (event: Event | undefined) => void
  readonly timer: Timer
}

/** Events that wait for a reader, at most `limit`; then the newest are lost. Pulled one by one, or diverted to a handler. */
export class EventQueue<Event> {
  readonly #world: World
  readonly #limit: number
  readonly #waiting: Event[] = []
  readonly #readers: Reader<Event>[] = []
  #handler: ((event: Event) => void) | null = null
  #closed = false

  constructor(world: World, limit: number) {
    this.#world = world
    this.#limit = limit
  }

  push(event: Event): void {
    if (this.#closed) return
    const handler = this.#handler
    if (handler !== null) return this.#world.resume(() => handler(event))
    const reader = this.#readers.shift()
    if (reader !== undefined) this.#answer(reader, event)
    else if (this.#waiting.length < this.#limit) this.#waiting.push(event)
  }

  /** The oldest event, or undefined after `timeoutMs` or when the queue is closed. */
  next(timeoutMs: number): Promise<Event | undefined> {
    const event = this.#waiting.shift()
    if (event !== undefined || this.#closed) return Promise.resolve(event)
    return new Promise((resolve) => {
      const timer = this.#world.timer(timeoutMs, () => {
        this.#readers.splice(this.#readers.indexOf(reader), 1)
        this.#answer(reader, undefined)
      })
      const reader = { resolve, timer }
      this.#readers.push(reader)
    })
  }

  divert(handler: (event: Event) => void): void {
    this.#handler = handler
    for (const event of this.#waiting.splice(0)) handler(event)
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers.splice(0)) this.#answer(reader, undefined)
  }

  #answer({ resolve, timer }: Reader<Event>, event: Event | undefined): void {
    timer.cancel()
    this.#world.resume(() => resolve(event))
  }
}
