import type { TcpConnection, TcpRead } from '../../host/host.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { Machine } from '../machine.ts'
import type { TcpEndpoint } from '../stack/tcp-endpoint.ts'

/** How long a closed connection waits for the peer's own end, as the system's Host does. */
const LINGER_MS = 1000

/** A connection as programs see it: reads and writes that wait, in virtual time. */
export class SimTcpConnection implements TcpConnection {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly #machine: Machine
  readonly #endpoint: TcpEndpoint
  readonly #waiting = new Set<() => void>()
  #onGone: () => void
  #closed = false

  /** `onGone` is called once, when the connection no longer counts as held. */
  constructor(machine: Machine, endpoint: TcpEndpoint, onGone: () => void = () => {}) {
    const { addresses } = machine.world
    const { local, localPort, remote, remotePort } = endpoint.ends
    this.local = { address: addresses.text(local), port: localPort }
    this.remote = { address: addresses.text(remote), port: remotePort }
    this.#machine = machine
    this.#endpoint = endpoint
    this.#onGone = onGone
    endpoint.onChange = () => this.#changed()
  }

  async read(timeoutMs: number): Promise<TcpRead> {
    const endMs = this.#machine.world.nowMs + timeoutMs
    for (;;) {
      const result = this.#readNow()
      if (result !== null) return result
      const leftMs = endMs - this.#machine.world.nowMs
      if (leftMs <= 0) return { outcome: 'timed-out' }
      await this.#change(leftMs)
    }
  }

  #readNow(): TcpRead | null {
    const endpoint = this.#endpoint
    if (this.#closed) return { outcome: 'end' }
    if (endpoint.readable > 0) return { outcome: 'data', data: endpoint.read() }
    if (endpoint.peerEnded) return { outcome: 'end' }
    return endpoint.end === null ? null : { outcome: 'reset' }
  }

  async write(data: Uint8Array, timeoutMs: number): Promise<'written' | 'closed' | 'stalled'> {
    const endMs = this.#machine.world.nowMs + timeoutMs
    const bytes = data.slice()
    for (let offset = 0; ; ) {
      if (this.#closed || !this.#endpoint.canWrite) return 'closed'
      const part = bytes.subarray(offset, offset + this.#endpoint.room)
      this.#endpoint.write(part)
      offset += part.length
      if (offset === bytes.length) return 'written'
      const leftMs = endMs - this.#machine.world.nowMs
      if (leftMs <= 0) return 'stalled'
      await this.#change(leftMs)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#endpoint.close()
    this.#changed()
    this.#machine.world.timer(LINGER_MS, () => {
      if (this.#endpoint.state === 'fin-wait-2') this.#endpoint.abandon()
    })
  }

  reset(): void {
    this.#endpoint.reset()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Resolves when something has changed, or after `ms`. */
  #change(ms: number): Promise<void> {
    const { world } = this.#machine
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel()
        this.#waiting.delete(done)
        world.resume(resolve)
      }
      const timer = world.timer(ms, done)
      this.#waiting.add(done)
    })
  }

  #changed(): void {
    for (const done of [...this.#waiting]) done()
    const isGone = this.#endpoint.end !== null || (this.#closed && this.#endpoint.state === 'fin-wait-2')
    if (!isGone) return
    const onGone = this.#onGone
    this.#onGone = () => {}
    onGone()
  }
}
