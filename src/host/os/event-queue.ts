/**
 * Events that wait for a reader, at most `limit`; when it is full the newest are lost. Either pulled one by one, or
 * diverted to a handler for good.
 */
export class EventQueue<Event> {
  readonly #limit: number
  readonly #waiting: Event[] = []
  readonly #readers: ((event: Event | undefined) => void)[] = []
  #handler: ((event: Event) => void) | undefined
  #closed = false

  constructor(limit: number) {
    this.#limit = limit
  }

  push(event: Event): void {
    if (this.#closed) return
    const reader = this.#handler ?? this.#readers.shift()
    if (reader !== undefined) reader(event)
    else if (this.#waiting.length < this.#limit) this.#waiting.push(event)
  }

  /** The oldest event, or undefined after `timeoutMs` or when the queue is closed. */
  next(timeoutMs: number): Promise<Event | undefined> {
    const event = this.#waiting.shift()
    if (event !== undefined || this.#closed) return Promise.resolve(event)
    return new Promise((resolve) => {
      const reader = (arrived: Event | undefined) => {
        clearTimeout(timer)
        resolve(arrived)
      }
      const timer = setTimeout(() => {
        this.#readers.splice(this.#readers.indexOf(reader), 1)
        resolve(undefined)
      }, timeoutMs)
      this.#readers.push(reader)
    })
  }

  /** Hands over what waits, then every event at once. */
  divert(handler: (event: Event) => void): void {
    this.#handler = handler
    for (const event of this.#waiting.splice(0)) handler(event)
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers.splice(0)) reader(undefined)
  }
}
