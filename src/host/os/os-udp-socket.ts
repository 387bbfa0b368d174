import type { Socket } from 'node:dgram'
import { type Endpoint, sameEndpoint } from '../../model/endpoint.ts'
import type { Datagram, UdpError, UdpOptions, UdpSent, UdpSocket } from '../host.ts'
import { EventQueue } from './event-queue.ts'
import type { HopErrors } from './hop-errors.ts'
import { plainBytes } from './plain-bytes.ts'
import { canonical, requireEndpoint, zoned } from './socket-address.ts'
import { errnoOf } from './system-error.ts'
import { TtlTurns } from './ttl-turns.ts'
import { MOST_WAITING_EVENTS, requireTtl, SENT } from './udp-outcomes.ts'

/** Several datagrams on their way at once can each meet the answer to another. */
const MOST_ATTEMPTS = 8

/** A bound, possibly connected, dgram socket. Made by `osUdp.open` alone. */
export class OsUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #socket: Socket
  readonly #peer: Endpoint | undefined
  readonly #interface: string | undefined
  readonly #events = new EventQueue<Datagram | UdpError>(MOST_WAITING_EVENTS)
  readonly #turns: TtlTurns
  readonly #hopErrors: HopErrors | undefined
  #closed: Promise<void> | undefined

  constructor(
    socket: Socket,
    local: Endpoint,
    options: Pick<UdpOptions, 'connect' | 'interface'>,
    hopErrors?: HopErrors,
  ) {
    this.#socket = socket
    this.#peer = options.connect
    this.#interface = options.interface
    this.#hopErrors = hopErrors
    this.local = local
    this.#turns = new TtlTurns((ttl) => socket.setTTL(ttl))
    socket.on('message', (data, from) => {
      // A sender without a port (RFC 768) cannot be answered, and nobody could be told by it.
      if (from.port === 0) return
      const sender = { address: canonical(from.address), port: from.port }
      this.#events.push({ kind: 'datagram', from: sender, data: plainBytes(data), atMs: performance.now() })
    })
    socket.on('error', (error) => this.#report(error))
  }

  send(data: Uint8Array, to: Endpoint, options: { readonly ttl?: number } = {}): Promise<UdpSent> {
    requireEndpoint(to, 1)
    const { ttl } = options
    requireTtl(ttl)
    if (this.#peer !== undefined && !sameEndpoint(this.#peer, to)) {
      throw new RangeError(`the socket is connected to ${this.#peer.address}, it cannot send to ${to.address}`)
    }
    return this.#turns.take(ttl, () => this.#sendNow(data, to))
  }

  async #sendNow(data: Uint8Array, to: Endpoint): Promise<UdpSent> {
    if (this.#closed !== undefined) return 'closed'
    for (let attempt = 1; ; attempt += 1) {
      const error = await this.#transmit(data, to)
      if (error === undefined) return 'sent'
      // On a connected socket the ICMP answer to an earlier datagram comes back here, and this one has not left.
      if (!this.#report(error) || attempt === MOST_ATTEMPTS) return sentOutcome(error)
    }
  }

  #transmit(data: Uint8Array, to: Endpoint): Promise<Error | undefined> {
    return new Promise((resolve) => {
      const done = (error: Error | null) => resolve(error ?? undefined)
      try {
        if (this.#peer === undefined) this.#socket.send(data, to.port, zoned(to, this.#interface).address, done)
        else this.#socket.send(data, done)
      } catch (error) {
        resolve(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  /** Queues what ICMP told about the peer; false for an error that tells nothing about it. */
  #report(error: Error): boolean {
    // Windows reports to unconnected sockets too, and does not say about whom.
    const code = this.#peer === undefined ? undefined : ICMP_ERRORS[errnoOf(error)]
    if (code === undefined) return false
    if (this.#hopErrors === undefined) this.#events.push({ kind: 'error', code, atMs: performance.now() })
    else this.#reportHops(this.#hopErrors)
    return true
  }

  /** What a socket with a queue of errors reports is told in full there; what is not, was read before. */
  #reportHops(queue: HopErrors): void {
    for (const { type, code } of queue.take()) {
      const told = type === TIME_EXCEEDED ? 'ttl-exceeded' : code === PORT_UNREACHABLE ? 'refused' : 'unreachable'
      this.#events.push({ kind: 'error', code: told, atMs: performance.now() })
    }
  }

  receive(timeoutMs: number): Promise<Datagram | UdpError | undefined> {
    return this.#events.next(timeoutMs)
  }

  onEvent(handler: (event: Datagram | UdpError) => void): void {
    this.#events.divert(handler)
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#events.close()
      this.#socket.close(() => resolve())
    })
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Of ICMP: a type, and a code of "unreachable" (RFC 792). */
const TIME_EXCEEDED = 11
const PORT_UNREACHABLE = 3

/** As Linux maps ICMP errors on connected sockets. Admin prohibited is EHOSTUNREACH on IPv4 and EACCES on IPv6. */
const ICMP_ERRORS: Readonly<Record<string, UdpError['code']>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused', // Windows
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EACCES: 'prohibited',
}

function sentOutcome(error: Error): UdpSent {
  return SENT[errnoOf(error)] ?? 'failed'
}
