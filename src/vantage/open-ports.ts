import type { Host, TcpConnection } from '../host/host.ts'
import type { Address, Endpoint, PortSpec, Transport } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { hex } from '../wire/bytes.ts'
import { HEAD_BYTES, MAX_FLOW_KINDS, MAX_RETURNED_BYTES, MAX_TOLD_BYTES } from '../wire/control/messages.ts'
import { INVERTED, masked } from '../wire/first-packet/protocols.ts'

export const OPEN_MS = 15_000

export interface PortArrivals extends PortSpec {
  readonly count: number
  /** What came from addresses that nobody asked from; one of them may be the asker's too, for a carrier has several. */
  readonly strangers: number
}

/** Flows to a port that began alike, and the most bytes that one of them brought. */
export interface FlowKind extends PortSpec {
  readonly head: Uint8Array
  readonly count: number
  readonly bytes: number
}

/** What came from one asker, and how many of its openings still run. */
interface Guest {
  count: number
  openings: number
  /** Is what it sends given back with every bit turned? Then over TCP, too. */
  inverts: boolean
  /** By the head in hexadecimal. */
  readonly flows: Map<string, { count: number; bytes: number }>
}

interface OpenPort {
  /** The port is closed when the last guest leaves. */
  readonly guests: Map<Address, Guest>
  strangers(): number
  close(): Promise<void>
}

/**
 * Ports that a vantage holds open for some seconds, so that an asker can find out what gets out of its network. Only
 * addresses that asked are served; several askers can share a port. A TCP connection is counted and closed without a
 * byte, a datagram is sent back as it came. Who asks for it gets both back with every bit turned. Never are more bytes sent
 * than arrived, and only to an address that proved itself.
 */
export class OpenPorts {
  readonly #host: Host
  readonly #ports = new Map<string, Promise<OpenPort | undefined>>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Opens what it can of `ports` on `address` for `asker`, for 15 s or until `signal` fires; `closed` tells when. */
  async open(
    address: Address,
    ports: readonly PortSpec[],
    { asker, inverts }: { readonly asker: Address; readonly inverts: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly opened: readonly PortSpec[]; readonly closed: Promise<void> }> {
    const results = await Promise.all(ports.map((spec) => this.#enter(address, spec, asker, inverts)))
    const closed = this.#host.clock.sleep(OPEN_MS, signal).then(async () => {
      await Promise.all(results.map((leave) => leave?.()))
    })
    return { opened: ports.filter((_, index) => results[index] !== undefined), closed }
  }

  /** What came from `asker` to ports that are still open for it. */
  async arrivals(
    address: Address,
    ports: readonly PortSpec[],
    asker: Address,
  ): Promise<{ readonly ports: readonly PortArrivals[]; readonly flows: readonly FlowKind[] }> {
    const found: PortArrivals[] = []
    const flows: FlowKind[] = []
    for (const { transport, port } of ports) {
      const open = await this.#ports.get(keyOf(address, { transport, port }))
      const guest = open?.guests.get(asker)
      found.push({ transport, port, count: guest?.count ?? 0, strangers: open?.strangers() ?? 0 })
      for (const [head, flow] of guest?.flows ?? []) flows.push({ transport, port, head: fromHex(head), ...flow })
    }
    return { ports: found, flows: flows.slice(0, MAX_FLOW_KINDS) }
  }

  /** Lets `asker` into one port; undefined where it cannot be had. What it returns lets it out again. */
  async #enter(
    address: Address,
    spec: PortSpec,
    asker: Address,
    inverts: boolean,
  ): Promise<(() => Promise<void>) | undefined> {
    const key = keyOf(address, spec)
    const opening = this.#ports.get(key) ?? this.#listen(spec.transport, { address, port: spec.port })
    this.#ports.set(key, opening)
    const open = await opening
    if (open === undefined) {
      if (this.#ports.get(key) === opening) this.#ports.delete(key)
      return undefined
    }
    const guest: Guest = open.guests.get(asker) ?? { count: 0, openings: 0, inverts: false, flows: new Map() }
    guest.openings += 1
    guest.inverts ||= inverts
    open.guests.set(asker, guest)
    return async () => {
      guest.openings -= 1
      if (guest.openings === 0) open.guests.delete(asker)
      if (open.guests.size > 0) return
      this.#ports.delete(key)
      await open.close()
    }
  }

  async #listen(transport: Transport, local: Endpoint): Promise<OpenPort | undefined> {
    const guests = new Map<Address, Guest>()
    let strangers = 0
    const admit = (from: Address): Guest | undefined => {
      const guest = guests.get(from)
      if (guest !== undefined) guest.count += 1
      else strangers += 1
      return guest
    }
    try {
      const close = transport === 'tcp' ? await this.#listenTcp(local, admit) : await this.#listenUdp(local, admit)
      return { guests, strangers: () => strangers, close }
    } catch (error) {
      // Taken, or not ours to open: then it is not among the ports opened.
      if (error instanceof PeerwayError) return undefined
      throw error
    }
  }

  async #listenTcp(local: Endpoint, admit: Admit): Promise<() => Promise<void>> {
    const onConnection = (connection: TcpConnection) => {
      const guest = admit(connection.remote.address)
      if (guest === undefined) connection.reset()
      else if (guest.inverts) void giveBack(connection, guest)
      else void connection.close()
    }
    const listener = await this.#host.tcp.listen({ local, onConnection, maxConnections: 64 })
    return () => listener.close()
  }

  async #listenUdp(local: Endpoint, admit: Admit): Promise<() => Promise<void>> {
    const socket = await this.#host.udp.open({ local })
    socket.onEvent((event) => {
      const guest = event.kind === 'datagram' ? admit(event.from.address) : undefined
      if (event.kind !== 'datagram' || guest === undefined) return
      if (guest.inverts) note(guest, event.data.subarray(0, HEAD_BYTES), event.data.length, true)
      void socket.send(guest.inverts ? masked(event.data, INVERTED) : event.data, event.from)
    })
    return () => socket.close()
  }
}

type Admit = (from: Address) => Guest | undefined

/** Whoever says nothing for so long has said all that it will. */
const SILENCE_MS = 10_000

/** What comes is given back inverted, as it comes. The connection is never reset by us: a reset is then another's. */
async function giveBack(connection: TcpConnection, guest: Guest): Promise<void> {
  let head = new Uint8Array(0)
  let bytes = 0
  while (bytes < MAX_RETURNED_BYTES) {
    const read = await connection.read(SILENCE_MS)
    if (read.outcome !== 'data') break
    const piece = read.data.subarray(0, MAX_RETURNED_BYTES - bytes)
    const isFirst = bytes === 0
    head = Uint8Array.from([...head, ...piece.subarray(0, HEAD_BYTES - head.length)])
    bytes += piece.length
    note(guest, head, bytes, isFirst)
    if ((await connection.write(masked(piece, INVERTED), SILENCE_MS)) !== 'written') break
  }
  await connection.close()
}

function note(guest: Guest, began: Uint8Array, bytes: number, isNew: boolean): void {
  const head = hex(began)
  if (head === '' || (!guest.flows.has(head) && guest.flows.size >= MAX_FLOW_KINDS)) return
  const flow = guest.flows.get(head) ?? { count: 0, bytes: 0 }
  const told = Math.min(MAX_TOLD_BYTES, Math.max(flow.bytes, bytes))
  guest.flows.set(head, { count: flow.count + Number(isNew), bytes: told })
}

function fromHex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

function keyOf(address: Address, { transport, port }: PortSpec): string {
  return `${transport} ${address} ${port}`
}
