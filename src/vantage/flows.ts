import type { Clock, UdpSocket } from '../host/host.ts'
import { type Address, type Endpoint, sameEndpoint } from '../model/endpoint.ts'
import { type FlowSend, MAX_FLOW_DATAGRAMS, MAX_FLOW_MS } from '../wire/control/messages.ts'
import { decodeFlowDatagram, encodeFlowDatagram } from '../wire/flow/flow-datagram.ts'

/** What one asker wants sent on one flow of its own. */
export interface FlowOrder {
  /** Address that the asker contacted: its flow goes there. */
  readonly bind: Address
  readonly asker: Address
  /** 8 bytes in lower-case hexadecimal. */
  readonly nonce: string
  readonly sends: readonly FlowSend[]
}

interface Flow {
  readonly order: FlowOrder
  /** Where it comes from, and the end of what is being sent there; undefined until it was opened. */
  source: Endpoint | undefined
  running: AbortController | undefined
  /** Datagrams that it may still get, however often it is opened again. */
  left: number
}

/** An asker has so long to open its flow, or to open it again. */
const OPENING_MS = 30_000

/**
 * Flows that askers have open to this vantage, and what they asked to be sent on them, later and with TTLs of their
 * choice. Nothing is sent but to the address at the other end of a control connection that still stands, to the port
 * from which a datagram with the flow's nonce came.
 */
export class Flows {
  readonly #clock: Clock
  readonly #flows = new Map<string, Flow>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Expects a flow until all has been sent, or `signal` fires; undefined where the nonce is taken. */
  expect(order: FlowOrder, signal: AbortSignal): Promise<void> | undefined {
    const key = keyOf(order.bind, order.nonce)
    if (this.#flows.has(key)) return undefined
    const flow: Flow = { order, source: undefined, running: undefined, left: MAX_FLOW_DATAGRAMS }
    this.#flows.set(key, flow)
    const latestMs = Math.max(0, ...order.sends.map(lastAtMs))
    return this.#clock.sleep(Math.min(latestMs, MAX_FLOW_MS) + OPENING_MS, signal).then(() => {
      flow.running?.abort()
      this.#flows.delete(key)
    })
  }

  /** Takes a datagram that came to the address `bind`. True when it belongs to a flow: then nobody else wants it. */
  hear(bind: Address, socket: UdpSocket, from: Endpoint, data: Uint8Array, mayAnswer: () => boolean): boolean {
    const datagram = decodeFlowDatagram(data)
    if (datagram === undefined) return false
    const flow = this.#flows.get(keyOf(bind, datagram.nonce))
    if (datagram.kind !== 'open' || flow === undefined || flow.order.asker !== from.address) return true
    if (flow.source !== undefined && !sameEndpoint(flow.source, from)) return true
    flow.source = from
    flow.running?.abort()
    flow.running = new AbortController()
    if (mayAnswer()) void socket.send(encodeFlowDatagram({ ...datagram, kind: 'seen' }), from)
    void this.#send(flow, socket, from, flow.running.signal)
    return true
  }

  async #send(flow: Flow, socket: UdpSocket, to: Endpoint, signal: AbortSignal): Promise<void> {
    const startMs = this.#clock.monotonicMs()
    for (const { atMs, ttl } of inOrder(flow.order.sends)) {
      await this.#clock.sleep(startMs + atMs - this.#clock.monotonicMs(), signal)
      if (signal.aborted || flow.left === 0) return
      flow.left -= 1
      const data = encodeFlowDatagram({ kind: 'sent', nonce: flow.order.nonce, number: ttl ?? 0 })
      void socket.send(data, to, ttl === null ? {} : { ttl })
    }
  }
}

/** How many datagrams this order asks for. */
export function datagramsOf(sends: readonly FlowSend[]): number {
  return sends.reduce((sum, { count }) => sum + count, 0)
}

export function lastAtMs({ afterMs, everyMs, count }: FlowSend): number {
  return afterMs + everyMs * (count - 1)
}

function inOrder(sends: readonly FlowSend[]): readonly { readonly atMs: number; readonly ttl: number | null }[] {
  const all = sends.flatMap(({ afterMs, everyMs, count, ttl }) =>
    Array.from({ length: count }, (_, index) => ({ atMs: afterMs + index * everyMs, ttl })),
  )
  return all.sort((a, b) => a.atMs - b.atMs)
}

function keyOf(bind: Address, nonce: string): string {
  return `${bind} ${nonce}`
}
