import type { Datagram, Host, UdpError, UdpOptions, UdpSocket } from '../../src/host/host.ts'
import { type Endpoint, formatEndpoint } from '../../src/model/endpoint.ts'
import { FakeNat, INSIDE, type NatOptions, OUTSIDE } from './fake-nat.ts'
import { type Quirk, stunReplies } from './fake-stun-server.ts'
import { VirtualClock } from './virtual-clock.ts'

const ONE_WAY_MS = 20
const PUBLIC = '203.0.113.20'

export interface Sent {
  readonly from: Endpoint
  readonly to: Endpoint
}

/** A host that has only UDP, a clock and randomness, behind a NAT, with one STUN server outside. Keeps what was sent. */
export function fakeUdpHost(
  nat: NatOptions,
  quirk?: Quirk,
): { host: Host; sent: readonly Sent[]; clock: VirtualClock } {
  const clock = new VirtualClock()
  const box = new FakeNat(nat)
  const sockets = new Map<string, FakeSocket>()
  const sent: Sent[] = []
  const address = nat.mapping === 'none' ? PUBLIC : INSIDE
  let nextPort = 40_000

  const deliver = (from: Endpoint, to: Endpoint, data: Uint8Array) => {
    const inside = box.inbound(from, to)
    if (inside !== undefined) sockets.get(formatEndpoint(inside))?.push({ kind: 'datagram', from, data, atMs: 0 })
  }
  const send = (from: Endpoint, to: Endpoint, data: Uint8Array) => {
    sent.push({ from, to })
    const outside = box.outbound(from, to)
    if (to.address === OUTSIDE && nat.hairpinning) clock.at(1, () => deliver(outside, to, data))
    for (const reply of stunReplies(data, outside, to, quirk)) {
      clock.at(2 * ONE_WAY_MS + reply.delayMs, () => deliver(reply.from, outside, reply.data))
    }
  }
  const open = async (options: UdpOptions): Promise<UdpSocket> => {
    const socket = new FakeSocket(clock, options.local ?? { address, port: nextPort++ }, send)
    sockets.set(formatEndpoint(socket.local), socket)
    return socket
  }
  const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) }
  return { host: { clock, random, udp: { open } } as unknown as Host, sent, clock }
}

class FakeSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #clock: VirtualClock
  readonly #send: (from: Endpoint, to: Endpoint, data: Uint8Array) => void
  readonly #waiting: (Datagram | UdpError)[] = []
  #take: ((event: Datagram | UdpError) => void) | undefined
  #always = false
  #closed = false

  constructor(clock: VirtualClock, local: Endpoint, send: (from: Endpoint, to: Endpoint, data: Uint8Array) => void) {
    this.#clock = clock
    this.local = local
    this.#send = send
  }

  push(event: Datagram | UdpError): void {
    const take = this.#take
    if (take === undefined) {
      this.#waiting.push(event)
      return
    }
    if (!this.#always) this.#take = undefined
    take(event)
  }

  async send(data: Uint8Array, to: Endpoint): Promise<'sent' | 'closed'> {
    if (this.#closed) return 'closed'
    this.#send(this.local, to, data)
    return 'sent'
  }

  receive(timeoutMs: number): Promise<Datagram | UdpError | undefined> {
    const event = this.#waiting.shift()
    if (event !== undefined || this.#closed) return Promise.resolve(event)
    return new Promise((resolve) => {
      const cancel = this.#clock.at(timeoutMs, () => {
        this.#take = undefined
        resolve(undefined)
      })
      this.#take = (arrived) => {
        cancel()
        resolve(arrived)
      }
    })
  }

  onEvent(handler: (event: Datagram | UdpError) => void): void {
    this.#always = true
    this.#take = handler
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
