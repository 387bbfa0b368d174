import { type AddressId, ANY } from '../address-book.ts'
import { answerError } from '../icmp-error.ts'
import type { Machine } from '../machine.ts'
import { type IcmpKind, Packet, UDP } from '../packet.ts'
import { note } from '../trace.ts'
import { PortPicker } from './port-picker.ts'

/** Payload of the longest datagram: IP's 65535 bytes less its header and UDP's. */
const LONGEST_PAYLOAD = 65_507

export interface UdpBindingOptions {
  /** `ANY` for every address of both families; a group, for what is sent to it on any network of the machine. */
  readonly address: AddressId
  /** 0 lets the system choose. */
  readonly port: number
  /** Only this peer is heard, and errors about it. */
  readonly peer?: { readonly address: AddressId; readonly port: number }
  readonly onDatagram: (packet: Packet) => void
  readonly onError?: (kind: IcmpKind) => void
  /** The program that holds it, as lists of sockets name it. */
  readonly owner: Owner
}

/** A program on a machine. */
export interface Owner {
  readonly process: string
  readonly pid: number
}

export interface UdpBinding extends UdpBindingOptions {
  readonly port: number
}

/** The UDP sockets of a machine. */
export class UdpStack {
  /** Datagrams handed to programs so far. */
  delivered = 0
  readonly #machine: Machine
  readonly #bindings = new Map<number, UdpBinding[]>()
  readonly #ports: PortPicker
  /** What somebody on the way said that the longest packet to an address is, as Linux remembers it for all sockets. */
  readonly #pathMtus = new Map<AddressId, number>()

  constructor(machine: Machine) {
    this.#machine = machine
    this.#ports = new PortPicker(machine, 'udp')
  }

  /** Undefined when the port is taken. */
  bind(options: UdpBindingOptions): UdpBinding | undefined {
    const isFree = (port: number) => !(this.#bindings.get(port) ?? []).some((other) => clash(options, other))
    const port = options.port === 0 ? this.#ports.pick(isFree) : options.port
    if (port === undefined || !isFree(port)) return undefined
    const binding = { ...options, port }
    this.#bindings.set(port, [...(this.#bindings.get(port) ?? []), binding])
    return binding
  }

  unbind(binding: UdpBinding): void {
    const rest = (this.#bindings.get(binding.port) ?? []).filter((other) => other !== binding)
    if (rest.length > 0) this.#bindings.set(binding.port, rest)
    else this.#bindings.delete(binding.port)
  }

  /** Is a socket bound to exactly this address and port? So one joins a group. */
  hears(address: AddressId, port: number): boolean {
    return (this.#bindings.get(port) ?? []).some((binding) => binding.address === address)
  }

  bindings(): readonly UdpBinding[] {
    return [...this.#bindings.values()].flat()
  }

  /** `source` is the binding's own address, or one of the machine's where that is `ANY`. */
  send(
    binding: UdpBinding,
    source: AddressId,
    data: Uint8Array,
    to: { readonly address: AddressId; readonly port: number },
    ttl = 64,
  ): 'sent' | 'unreachable' | 'stopped' | 'too-big' {
    if (data.length > LONGEST_PAYLOAD) return 'too-big'
    const { addresses } = this.#machine.world
    // The kernel lets no loopback address out.
    if (addresses.isLoopback(source) && this.#machine.routes.way(to.address) !== 'local') return 'unreachable'
    const packet = new Packet(UDP, source, binding.port, to.address, to.port, addresses.isIpv6(to.address))
    packet.payload = data
    packet.ttl = ttl
    // Datagrams that are known not to fit are cut by the sender; the others ask not to be cut.
    packet.dontFragment = packet.lengthBytes <= (this.#pathMtus.get(to.address) ?? 1500)
    return this.#machine.send(packet)
  }

  deliver(packet: Packet): void {
    const binding = this.#receiver(packet)
    const isTraced = this.#machine.world.trace !== null
    if (binding !== undefined) {
      if (isTraced) note(this.#machine, 'local', packet, `received by ${binding.owner.process}`)
      this.delivered++
      binding.onDatagram(packet)
      return
    }
    if (isTraced) note(this.#machine, 'local', packet, 'refused: nobody listens')
    answerError(this.#machine, packet, 'port-unreachable', packet.destination)
  }

  /** Errors are told to connected sockets alone. */
  hear({ quote, icmp, mtu }: Packet): void {
    const { source, sourcePort, destination, destinationPort } = quote!
    if (icmp === 'too-big') this.#pathMtus.set(destination, mtu)
    for (const binding of this.#bindings.get(sourcePort) ?? []) {
      const { peer } = binding
      if (peer?.address !== destination || peer.port !== destinationPort || binding.address !== source) continue
      binding.onError?.(icmp!)
    }
  }

  /** The most particular socket: connected to the sender, then bound to the address, then to any. */
  #receiver({ source, sourcePort, destination, destinationPort }: Packet): UdpBinding | undefined {
    const there = this.#bindings.get(destinationPort)
    if (there === undefined) return undefined
    let best: UdpBinding | undefined
    for (const binding of there) {
      if (binding.address !== ANY && binding.address !== destination) continue
      const { peer } = binding
      if (peer !== undefined) {
        if (peer.address === source && peer.port === sourcePort) return binding
      } else if (best === undefined || best.address === ANY) best = binding
    }
    return best
  }
}

/** Two sockets without a peer cannot share an address and port; `ANY` is every address. */
function clash(a: UdpBindingOptions, b: UdpBindingOptions): boolean {
  return a.address === ANY || b.address === ANY || a.address === b.address
}
