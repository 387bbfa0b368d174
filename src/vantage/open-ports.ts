import type { Host, TcpConnection } from '../host/host.ts'
import type { Address, Endpoint, PortSpec, Transport } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'

export const OPEN_MS = 15_000

export interface PortArrivals extends PortSpec {
  readonly count: number
}

/** What came from one asker, and how many of its openings still run. */
interface Guest {
  count: number
  openings: number
}

interface OpenPort {
  /** The port is closed when the last guest leaves. */
  readonly guests: Map<Address, Guest>
  close(): Promise<void>
}

/**
 * Ports that a vantage holds open for some seconds, so that an asker can find out what gets out of its network. Only
 * addresses that asked are served; several askers can share a port. A TCP connection is counted and closed without a
 * byte. A datagram is sent back as it came: never more bytes than arrived, and only to an address that proved itself.
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
    asker: Address,
    signal: AbortSignal,
  ): Promise<{ readonly opened: readonly PortSpec[]; readonly closed: Promise<void> }> {
    const results = await Promise.all(ports.map((spec) => this.#enter(address, spec, asker)))
    const closed = this.#host.clock.sleep(OPEN_MS, signal).then(async () => {
      await Promise.all(results.map((leave) => leave?.()))
    })
    return { opened: ports.filter((_, index) => results[index] !== undefined), closed }
  }

  /** What came from `asker` to ports that are still open for it. */
  async arrivals(address: Address, ports: readonly PortSpec[], asker: Address): Promise<readonly PortArrivals[]> {
    const found: PortArrivals[] = []
    for (const { transport, port } of ports) {
      const open = await this.#ports.get(keyOf(address, { transport, port }))
      found.push({ transport, port, count: open?.guests.get(asker)?.count ?? 0 })
    }
    return found
  }

  /** Lets `asker` into one port; undefined where it cannot be had. What it returns lets it out again. */
  async #enter(address: Address, spec: PortSpec, asker: Address): Promise<(() => Promise<void>) | undefined> {
    const key = keyOf(address, spec)
    const opening = this.#ports.get(key) ?? this.#listen(spec.transport, { address, port: spec.port })
    this.#ports.set(key, opening)
    const open = await opening
    if (open === undefined) {
      if (this.#ports.get(key) === opening) this.#ports.delete(key)
      return undefined
    }
    const guest = open.guests.get(asker) ?? { count: 0, openings: 0 }
    guest.openings += 1
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
    const count = (from: Address): boolean => {
      const guest = guests.get(from)
      if (guest !== undefined) guest.count += 1
      return guest !== undefined
    }
    try {
      const close = transport === 'tcp' ? await this.#listenTcp(local, count) : await this.#listenUdp(local, count)
      return { guests, close }
    } catch (error) {
      // Taken, or not ours to open: then it is not among the ports opened.
      if (error instanceof PeerwayError) return undefined
      throw error
    }
  }

  async #listenTcp(local: Endpoint, count: (from: Address) => boolean): Promise<() => Promise<void>> {
    const onConnection = (connection: TcpConnection) => {
      if (count(connection.remote.address)) void connection.close()
      else connection.reset()
    }
    const listener = await this.#host.tcp.listen({ local, onConnection, maxConnections: 64 })
    return () => listener.close()
  }

  async #listenUdp(local: Endpoint, count: (from: Address) => boolean): Promise<() => Promise<void>> {
    const socket = await this.#host.udp.open({ local })
    socket.onEvent((event) => {
      if (event.kind === 'datagram' && count(event.from.address)) void socket.send(event.data, event.from)
    })
    return () => socket.close()
  }
}

function keyOf(address: Address, { transport, port }: PortSpec): string {
  return `${transport} ${address} ${port}`
}
