import type { AddressId } from '../address-book.ts'
import type { Packet, Protocol } from '../packet.ts'
import type { Prng } from '../prng.ts'
import type { Mapping } from './mapping.ts'
import type { NatBehavior } from './nat-behavior.ts'
import { PortChooser } from './ports.ts'

/** The mappings of one NAT, by what they map and by their outside port. Those that have ended go when they are met. */
export class Mappings {
  readonly #behavior: NatBehavior
  readonly #random: Prng
  readonly #ports: PortChooser
  #external: readonly AddressId[]
  readonly #byInternal = new Map<string, Mapping>()
  readonly #byExternal = new Map<string, Mapping[]>()
  /** With `remembers: 'host'`: who of inside sent to an outside address last, and until when that counts. */
  readonly #contacted = new Map<AddressId, { readonly internal: AddressId; readonly expiresAtMs: number }>()

  constructor(behavior: NatBehavior, external: readonly AddressId[], random: Prng) {
    this.#behavior = behavior
    this.#external = external
    this.#random = random
    this.#ports = new PortChooser(behavior, random)
  }

  /** Everything is forgotten; new mappings use these outside addresses. */
  restart(external: readonly AddressId[]): void {
    this.#external = external
    this.#byInternal.clear()
    this.#byExternal.clear()
    this.#contacted.clear()
  }

  /**
   * The mapping that an outbound packet which opens a flow uses: one of before, or a new one. Undefined when no port is
   * free. `collides`: would the flow's answers be taken for another flow's?
   */
  outbound(
    packet: Packet,
    nowMs: number,
    collides: (external: AddressId, port: number) => boolean,
  ): Mapping | undefined {
    const key = this.#key(packet)
    const known = this.#byInternal.get(key)
    if (known !== undefined && this.#lives(known, nowMs)) return known
    const external = this.#externalFor(packet)
    const { protocol, source: internal, sourcePort: internalPort } = packet
    const isFree = (port: number) => !this.#isTaken(protocol, external, port, nowMs) && !collides(external, port)
    const externalPort = this.#ports.choose(internalPort, isFree)
    if (externalPort === undefined) return undefined
    const contacted = this.#remembersAddresses ? new Map<AddressId, number>() : null
    const mapping = {
      protocol,
      internal,
      internalPort,
      external,
      externalPort,
      key,
      expiresAtMs: 0,
      flows: 0,
      contacted,
    }
    this.#byInternal.set(key, mapping)
    const outside = externalKey(protocol, external, externalPort)
    this.#byExternal.set(outside, [...(this.#byExternal.get(outside) ?? []), mapping])
    return mapping
  }

  /** Something was sent outwards from inside: what filtering by address remembers. */
  remember(mapping: Mapping | null, packet: Packet, internal: AddressId, untilMs: number): void {
    if (this.#behavior.filtering !== 'address-dependent') return
    mapping?.contacted?.set(packet.destination, untilMs)
    if (this.#behavior.remembers === 'host') {
      this.#contacted.set(packet.destination, { internal, expiresAtMs: untilMs })
    }
  }

  /** Where a packet from outside that opens a flow may go inside, by what inside hosts sent before; undefined: nowhere. */
  inbound(packet: Packet, nowMs: number): { readonly address: AddressId; readonly port: number } | undefined {
    const { filtering, remembers } = this.#behavior
    if (filtering === 'address-and-port-dependent') return undefined
    if (filtering === 'address-dependent' && remembers === 'host') {
      const known = this.#contacted.get(packet.source)
      if (known === undefined || known.expiresAtMs <= nowMs) return undefined
      return { address: known.internal, port: packet.destinationPort }
    }
    const mapping = this.#at(packet, nowMs)
    if (mapping === undefined) return undefined
    const isOpen = filtering === 'endpoint-independent' || (mapping.contacted?.get(packet.source) ?? 0) > nowMs
    return isOpen ? { address: mapping.internal, port: mapping.internalPort } : undefined
  }

  /** Whose mapping is it? For packets from inside, which filtering does not stop (RFC 4787 §6). */
  hairpin(packet: Packet, nowMs: number): { readonly address: AddressId; readonly port: number } | undefined {
    const mapping = this.#at(packet, nowMs)
    return mapping && { address: mapping.internal, port: mapping.internalPort }
  }

  get #remembersAddresses(): boolean {
    return this.#behavior.filtering === 'address-dependent' && this.#behavior.remembers === 'mapping'
  }

  #at({ protocol, destination, destinationPort }: Packet, nowMs: number): Mapping | undefined {
    const there = this.#byExternal.get(externalKey(protocol, destination, destinationPort)) ?? []
    // Of several hosts that share a port, the last to take it is meant.
    return there.filter((mapping) => this.#lives(mapping, nowMs)).at(-1)
  }

  #isTaken(protocol: Protocol, external: AddressId, port: number, nowMs: number): boolean {
    const there = this.#byExternal.get(externalKey(protocol, external, port))
    if (there === undefined) return false
    // A NAT that maps per destination tells flows apart by the destination, and may share ports.
    return there.some((mapping) => this.#lives(mapping, nowMs)) && this.#behavior.mapping === 'endpoint-independent'
  }

  #lives(mapping: Mapping, nowMs: number): boolean {
    if (mapping.expiresAtMs > nowMs) return true
    this.#forget(mapping)
    return false
  }

  #forget(mapping: Mapping): void {
    if (this.#byInternal.get(mapping.key) === mapping) this.#byInternal.delete(mapping.key)
    const outside = externalKey(mapping.protocol, mapping.external, mapping.externalPort)
    const rest = (this.#byExternal.get(outside) ?? []).filter((each) => each !== mapping)
    if (rest.length > 0) this.#byExternal.set(outside, rest)
    else this.#byExternal.delete(outside)
  }

  #key({ protocol, source, sourcePort, destination, destinationPort }: Packet): string {
    const inside = `${protocol} ${source} ${sourcePort}`
    const { mapping } = this.#behavior
    if (mapping === 'endpoint-independent') return inside
    return mapping === 'address-dependent' ? `${inside} ${destination}` : `${inside} ${destination} ${destinationPort}`
  }

  #externalFor({ source }: Packet): AddressId {
    const count = this.#external.length
    const index = this.#behavior.pooling === 'paired' ? source % count : this.#random.below(count)
    return this.#external[index]!
  }
}

function externalKey(protocol: Protocol, external: AddressId, port: number): string {
  return `${protocol} ${external} ${port}`
}
