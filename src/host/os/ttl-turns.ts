/** The default of every system but Windows; Node can set a TTL and cannot unset it. */
const DEFAULT_TTL = process.platform === 'win32' ? 128 : 64

/** Beyond this many datagrams that have not left, the caller is told so at once. */
const MOST_WAITING = 4096

interface Turn {
  readonly ttl: number
  readonly start: () => void
}

/**
 * Gives each datagram its own TTL, though the TTL belongs to the socket and a datagram may wait in the event loop.
 * Datagrams of one TTL leave side by side; a change of the TTL waits until all before it have left. In order.
 */
export class TtlTurns {
  readonly #setTtl: (ttl: number) => void
  readonly #waiting: Turn[] = []
  #ttl = DEFAULT_TTL
  #leaving = 0

  constructor(setTtl: (ttl: number) => void) {
    this.#setTtl = setTtl
  }

  /** Runs `send` while `ttl`, or the system's default, is in force. `send` never rejects. */
  take<Outcome>(ttl: number | undefined, send: () => Promise<Outcome>): Promise<Outcome | 'failed'> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve('failed')
    return new Promise((resolve) => {
      const start = () => {
        this.#leaving += 1
        send().then((outcome) => {
          this.#leaving -= 1
          resolve(outcome)
          this.#advance()
        })
      }
      this.#waiting.push({ ttl: ttl ?? DEFAULT_TTL, start })
      this.#advance()
    })
  }

  #advance(): void {
    for (let turn = this.#waiting[0]; turn !== undefined; turn = this.#waiting[0]) {
      if (turn.ttl !== this.#ttl) {
        if (this.#leaving > 0) return
        this.#changeTo(turn.ttl)
      }
      this.#waiting.shift()
      turn.start()
    }
  }

  #changeTo(ttl: number): void {
    this.#ttl = ttl
    try {
      this.#setTtl(ttl)
    } catch {
      // The socket is closed: the send itself says so.
    }
  }
}
