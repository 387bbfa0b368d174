import type { Clock, TcpConnection } from '../host/host.ts'
import { LineSplitter } from '../wire/control/line-splitter.ts'

export type LineRead =
  | { readonly outcome: 'line'; readonly line: Uint8Array }
  | { readonly outcome: 'end' | 'reset' | 'timed-out' | 'too-long' }

/** What may wait for a peer that does not read. */
const MOST_UNSENT_BYTES = 65_536
const STALL_MS = 5000

/** Lines over one TCP connection, both ways, for either end of the control protocol. Memory is bounded both ways. */
export class ControlLink implements AsyncDisposable {
  readonly connection: TcpConnection
  readonly #clock: Clock
  readonly #lines = new LineSplitter()
  #unsentBytes = 0
  #lastWrite: Promise<void> = Promise.resolve()

  constructor(connection: TcpConnection, clock: Clock) {
    this.connection = connection
    this.#clock = clock
  }

  /** The next line that is not empty. `timeoutMs` is for the whole line, so that a slow sender gains nothing. */
  async readLine(timeoutMs: number): Promise<LineRead> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    for (;;) {
      const line = this.#lines.next()
      if (line === 'too-long') return { outcome: 'too-long' }
      if (line !== 'more') {
        if (line.length > 0) return { outcome: 'line', line }
        continue
      }
      const read = await this.connection.read(Math.max(0, deadlineMs - this.#clock.monotonicMs()))
      if (read.outcome !== 'data') return { outcome: read.outcome }
      this.#lines.push(read.data)
    }
  }

  /** Queues a line behind those not yet sent. A peer that does not read its lines is reset. Never rejects. */
  send(line: Uint8Array): void {
    this.#unsentBytes += line.length
    if (this.#unsentBytes > MOST_UNSENT_BYTES) {
      this.connection.reset()
      return
    }
    this.#lastWrite = this.#lastWrite.then(async () => {
      const written = await this.connection.write(line, STALL_MS)
      this.#unsentBytes -= line.length
      if (written === 'stalled') this.connection.reset()
    })
  }

  /** After the lines queued have gone out. */
  async close(): Promise<void> {
    await this.#lastWrite
    await this.connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
