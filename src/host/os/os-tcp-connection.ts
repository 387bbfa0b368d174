import type { Socket } from 'node:net'
import type { Endpoint } from '../../model/endpoint.ts'
import type { TcpConnection, TcpRead } from '../host.ts'
import { plainBytes } from './plain-bytes.ts'

/**
 * A stream of this high-water mark stops reading after every chunk, and a chunk has at most 64 KiB. Half-open, so that a
 * peer which ends its side still gets our answer.
 */
export const SOCKET_OPTIONS = { allowHalfOpen: true, highWaterMark: 1, noDelay: true } as const

/** How long a closed connection waits for the peer's own end. */
const LINGER_MS = 1000

/** A connected net.Socket, read by pulling. Its owner must have put an `error` listener on the socket. */
export class OsTcpConnection implements TcpConnection {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly #socket: Socket
  #state: 'open' | 'ended' | 'gone' = 'open'
  #closing: Promise<void> | undefined

  constructor(socket: Socket, local: Endpoint, remote: Endpoint) {
    this.#socket = socket
    this.local = local
    this.remote = remote
    // A listener for `readable` is what keeps the stream paused.
    socket.on('readable', () => {})
    socket.on('end', () => {
      if (this.#state === 'open') this.#state = 'ended'
    })
    socket.on('close', () => {
      if (this.#state === 'open') this.#state = 'gone'
    })
  }

  async read(timeoutMs: number): Promise<TcpRead> {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const data: Buffer | null = this.#closing === undefined ? this.#socket.read() : null
      if (data !== null) return { outcome: 'data', data: plainBytes(data) }
      if (this.#state === 'ended' || this.#closing !== undefined) return { outcome: 'end' }
      if (this.#state === 'gone') return { outcome: 'reset' }
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0) return { outcome: 'timed-out' }
      await this.#change(leftMs)
    }
  }

  /** Resolves when there may be something new to read, or after `ms`. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        for (const event of CHANGES) this.#socket.off(event, done)
        resolve()
      }
      const timer = setTimeout(done, Math.ceil(ms))
      for (const event of CHANGES) this.#socket.on(event, done)
    })
  }

  write(data: Uint8Array, timeoutMs: number): Promise<'written' | 'closed' | 'stalled'> {
    if (this.#state === 'gone' || this.#closing !== undefined || !this.#socket.writable)
      return Promise.resolve('closed')
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('stalled'), timeoutMs)
      this.#socket.write(data, (error) => {
        clearTimeout(timer)
        resolve(error ? 'closed' : 'written')
      })
    })
  }

  /**
   * Resolves when FIN is out, or can never be. What still comes is read and thrown away for a second, for a socket
   * closed over unread bytes sends a reset, which can overtake our own last bytes at the peer.
   */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const socket = this.#socket
      if (socket.destroyed) return resolve()
      const linger = setTimeout(() => socket.destroy(), LINGER_MS)
      socket.once('close', () => {
        clearTimeout(linger)
        resolve()
      })
      socket.once('end', () => socket.destroySoon())
      socket.end(() => {
        resolve()
        // Nobody waits for the rest; it must not keep the process alive.
        linger.unref()
        socket.unref()
        if (socket.readableEnded) socket.destroy()
      })
      socket.removeAllListeners('readable')
      socket.resume()
    })
    return this.#closing
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const CHANGES = ['readable', 'end', 'close'] as const
