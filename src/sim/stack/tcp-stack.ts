import { type AddressId, ANY } from '../address-book.ts'
import { answerReset } from '../icmp-error.ts'
import type { Machine } from '../machine.ts'
import { type Packet, RST } from '../packet.ts'
import type { Prng } from '../prng.ts'
import { note } from '../trace.ts'
import { PortPicker } from './port-picker.ts'
import { TcpEndpoint, type TcpEnds } from './tcp-endpoint.ts'
import type { Owner } from './udp-stack.ts'

export interface TcpListening {
  /** `ANY` for every address. */
  readonly address: AddressId
  /** Which families a wildcard takes. */
  readonly families: readonly ('ipv4' | 'ipv6')[]
  readonly port: number
  /** Every connection that has completed its handshake. */
  readonly onConnection: (endpoint: TcpEndpoint) => void
  readonly owner: Owner
}

export interface TcpConnecting {
  /** 0 lets the system choose, address or port. */
  readonly local: AddressId
  readonly localPort: number
  readonly remote: AddressId
  readonly remotePort: number
  readonly owner: Owner
}

/** The TCP sockets of a machine. */
export class TcpStack {
  readonly #machine: Machine
  readonly #listening = new Map<number, TcpListening[]>()
  /** By local port. */
  readonly #endpoints = new Map<number, TcpEndpoint[]>()
  readonly #ports: PortPicker
  #random: Prng | null = null

  constructor(machine: Machine) {
    this.#machine = machine
    this.#ports = new PortPicker(machine, 'tcp')
  }

  /** Undefined when the port is taken. Port 0 lets the system choose. */
  listen(options: TcpListening): TcpListening | undefined {
    const isFree = (port: number) => !(this.#listening.get(port) ?? []).some((other) => clash(options, other))
    const isUnused = (port: number) => isFree(port) && !this.#endpoints.has(port)
    const port = options.port === 0 ? this.#ports.pick(isUnused) : options.port
    if (port === undefined || !isFree(port)) return undefined
    const listening = { ...options, port }
    this.#listening.set(port, [...(this.#listening.get(port) ?? []), listening])
    return listening
  }

  unlisten(listening: TcpListening): void {
    const rest = (this.#listening.get(listening.port) ?? []).filter((other) => other !== listening)
    if (rest.length > 0) this.#listening.set(listening.port, rest)
    else this.#listening.delete(listening.port)
  }

  listening(): readonly TcpListening[] {
    return [...this.#listening.values()].flat()
  }

  /** Connections with this local port. */
  endpoints(port: number): readonly TcpEndpoint[] {
    return this.#endpoints.get(port) ?? []
  }

  /** An endpoint whose SYN is not sent yet; `in-use` when the source port is taken. */
  connect(options: TcpConnecting): TcpEndpoint | 'in-use' {
    const { local, remote, remotePort } = options
    const isFree = (port: number) => {
      if (
        this.#listening.has(port) &&
        this.#listening.get(port)!.some((one) => one.address === ANY || one.address === local)
      )
        return false
      return !this.endpoints(port).some(({ ends, state }) => {
        return ends.remote === remote && ends.remotePort === remotePort && ends.local === local && state !== 'time-wait'
      })
    }
    const localPort =
      options.localPort === 0
        ? this.#ports.pick((port) => isFree(port) && !this.#endpoints.has(port))
        : options.localPort
    if (localPort === undefined || !isFree(localPort)) return 'in-use'
    const isIpv6 = this.#machine.world.addresses.isIpv6(remote)
    return this.#make({ local, localPort, remote, remotePort, isIpv6 }, options.owner)
  }

  deliver(packet: Packet): void {
    const endpoint = this.#find(packet)
    const isTraced = this.#machine.world.trace !== null
    if (endpoint !== undefined && !(endpoint.state === 'time-wait' && packet.isSyn)) {
      if (isTraced) note(this.#machine, 'local', packet, `received by ${endpoint.owner.process}, ${endpoint.state}`)
      return endpoint.receive(packet)
    }
    const listening = packet.isSyn ? this.#listener(packet) : undefined
    if (listening === undefined) {
      if (isTraced)
        note(this.#machine, 'local', packet, isReset(packet) ? 'of no connection' : 'refused: nobody listens')
      return answerReset(this.#machine, packet)
    }
    if (isTraced) note(this.#machine, 'local', packet, `received by ${listening.owner.process}`)
    endpoint?.abandon()
    this.#accept(listening, packet)
  }

  /** A packet to somebody else: `listening` takes connections in his place. */
  intercept(packet: Packet, listening: TcpListening): void {
    const endpoint = this.#find(packet)
    if (endpoint !== undefined && !(endpoint.state === 'time-wait' && packet.isSyn)) return endpoint.receive(packet)
    if (!packet.isSyn) return answerReset(this.#machine, packet)
    endpoint?.abandon()
    this.#accept(listening, packet, () => true)
  }

  hear({ quote, icmp, mtu }: Packet): void {
    const { source, sourcePort, destination, destinationPort } = quote!
    for (const endpoint of [...this.endpoints(sourcePort)]) {
      const { ends } = endpoint
      if (ends.local === source && ends.remote === destination && ends.remotePort === destinationPort) {
        endpoint.hear(icmp!, mtu)
      }
    }
  }

  #accept(listening: TcpListening, syn: Packet, isHeld = () => this.listening().includes(listening)): void {
    const ends = {
      local: syn.destination,
      localPort: syn.destinationPort,
      remote: syn.source,
      remotePort: syn.sourcePort,
      isIpv6: syn.isIpv6,
    }
    const endpoint = this.#make(ends, listening.owner)
    endpoint.onChange = () => {
      if (!endpoint.isOpen) return
      endpoint.onChange = () => {}
      if (isHeld()) listening.onConnection(endpoint)
      else endpoint.reset()
    }
    endpoint.accept(syn)
  }

  #make(ends: TcpEnds, owner: Owner): TcpEndpoint {
    this.#random ??= this.#machine.world.random(`sequence/${this.#machine.name}`)
    const { localPort } = ends
    const endpoint: TcpEndpoint = new TcpEndpoint(this.#machine, ends, owner, this.#random.next(), () => {
      const rest = this.endpoints(localPort).filter((other) => other !== endpoint)
      if (rest.length > 0) this.#endpoints.set(localPort, rest)
      else this.#endpoints.delete(localPort)
    })
    this.#endpoints.set(localPort, [...this.endpoints(localPort), endpoint])
    return endpoint
  }

  #find({ source, sourcePort, destination, destinationPort }: Packet): TcpEndpoint | undefined {
    return this.#endpoints.get(destinationPort)?.find(({ ends }) => {
      return ends.remotePort === sourcePort && ends.remote === source && ends.local === destination
    })
  }

  #listener({ destination, destinationPort, isIpv6 }: Packet): TcpListening | undefined {
    const family = isIpv6 ? 'ipv6' : 'ipv4'
    const there = (this.#listening.get(destinationPort) ?? []).filter(
      ({ address, families }) => address === destination || (address === ANY && families.includes(family)),
    )
    return there.find(({ address }) => address !== ANY) ?? there[0]
  }
}

function clash(a: TcpListening, b: TcpListening): boolean {
  if (!a.families.some((family) => b.families.includes(family))) return false
  return a.address === ANY || b.address === ANY || a.address === b.address
}

function isReset({ flags }: Packet): boolean {
  return (flags & RST) !== 0
}
