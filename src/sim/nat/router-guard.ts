import type { Transport } from '../../model/endpoint.ts'
import type { AddressId } from '../address-book.ts'
import { rewriteDestination, rewriteError, rewriteErrorSource, rewriteSource } from '../conntrack/rewrite.ts'
import { type PacketState, type Timeouts, Tracker } from '../conntrack/tracker.ts'
import type { Guard } from '../guard.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import { ICMP, type Packet, TCP, UDP } from '../packet.ts'
import { note } from '../trace.ts'
import { Mappings } from './mappings.ts'
import type { NatBehavior } from './nat-behavior.ts'
import { Openings } from './openings.ts'

export interface RouterRules {
  /** IPv4 source translation on the way from `inside` to `outside`; null: none. */
  readonly nat: NatBehavior | null
  /** What is not translated: `stateful` drops what no inside host asked for. */
  readonly firewall: 'stateful' | 'open'
  readonly forwards: readonly StaticForward[]
  /** Gets what no forward and no mapping took; null: nobody. */
  readonly dmz: AddressId | null
  /** Its own ports that take IPv4 packets from outside, as those of faulty routers do. */
  readonly heardOutside: { readonly udp: readonly number[]; readonly tcp: readonly number[] }
  readonly timeouts: Timeouts
  readonly maxFlows: number
}

export interface StaticForward {
  readonly transport: Transport
  readonly port: number
  readonly to: { readonly address: AddressId; readonly port: number }
}

interface Target {
  readonly address: AddressId
  readonly port: number
}

/** A home router's or a carrier's translation and filter, as a Linux router does them: see `lab/router-rules.ts`. */
export class RouterGuard implements Guard {
  readonly #machine: Machine
  readonly #inside: Interface
  readonly #outside: Interface
  readonly #rules: RouterRules
  readonly #mappings: Mappings | null
  #external: readonly AddressId[]
  readonly tracker: Tracker
  /** What hosts inside asked it to let in; its services fill them (`port-mapping/`). */
  readonly openings: Openings
  /** When it was switched on: what epochs and uptimes count from. */
  startedAtMs: number
  /** State of the packet that is being handled: hooks of one packet follow each other without a break. */
  #state: PacketState = 'invalid'

  constructor(machine: Machine, inside: Interface, outside: Interface, rules: RouterRules) {
    this.#machine = machine
    this.#inside = inside
    this.#outside = outside
    this.#rules = rules
    const { nat, timeouts, maxFlows } = rules
    const book = machine.world.addresses
    this.#external = this.#pool(outside.addresses.filter((address) => !book.isIpv6(address)))
    this.tracker = new Tracker({ timeouts, maxFlows, refresh: nat?.refresh ?? 'both' })
    const random = machine.world.random(`nat/${machine.name}`)
    this.#mappings = nat === null || this.#external.length === 0 ? null : new Mappings(nat, this.#external, random)
    this.openings = new Openings(() => machine.world.nowMs)
    this.startedAtMs = machine.world.nowMs
  }

  /** Its address outside, as it tells hosts inside; 0 where it translates nothing. */
  get external(): AddressId {
    return this.#mappings === null ? 0 : this.#external[0]!
  }

  /** Is this port of its outside address taken by a forward that somebody set by hand? */
  isForwarded(transport: Transport, port: number): boolean {
    return this.#staticForward(transport, port) !== undefined
  }

  /** Power was off: every flow, mapping and opening is forgotten, and the outside addresses may be others. */
  restart(external: readonly AddressId[] = this.#external): void {
    this.#external = this.#pool(external)
    this.startedAtMs = this.#machine.world.nowMs
    this.openings.clear()
    this.tracker.table.clear()
    this.#mappings?.restart(this.#external)
  }

  #pool(external: readonly AddressId[]): readonly AddressId[] {
    return this.#rules.nat?.pooling === 'none' ? external.slice(0, 1) : external
  }

  arriving(packet: Packet, from: Interface): boolean {
    const nowMs = this.#machine.world.nowMs
    this.#state = this.tracker.see(packet, nowMs)
    if (this.#state === 'related') {
      rewriteError(packet)
      return true
    }
    const { flow } = packet
    if (flow === null) return true
    if (flow.reply !== null) {
      this.#remember(packet)
      rewriteDestination(packet)
      return true
    }
    const target = this.#redirection(packet, from, nowMs)
    if (target === undefined) return true
    flow.redirected = true
    packet.destination = target.address
    packet.destinationPort = target.port
    if (this.#machine.world.trace !== null) note(this.#machine, 'nat', packet, 'the destination is inside')
    return true
  }

  /** From outside nobody reaches the router itself but with ICMP, and with answers. */
  entering(packet: Packet, from: Interface): boolean {
    if (from === this.#inside || packet.protocol === ICMP || packet.isReply) return true
    if (!packet.isIpv6 && this.#rules.heardOutside[transportOf(packet)!].includes(packet.destinationPort)) return true
    return this.#drop(packet, 'filter', 'nothing on the router is for the outside')
  }

  passing(packet: Packet, from: Interface): boolean {
    const { flow } = packet
    if (flow !== null && (flow.reply !== null || flow.redirected)) return true
    const isTranslated = this.#mappings !== null && !packet.isIpv6
    // What belongs to no connection cannot be translated either.
    if (flow === null && isTranslated) return this.#drop(packet, 'filter', 'it belongs to no connection')
    if (from === this.#inside || (this.#rules.firewall === 'open' && !isTranslated)) return true
    if (flow !== null && !isTranslated && this.#hasPinhole(packet)) return true
    return this.#drop(packet, 'filter', 'no inside host asked for it')
  }

  leaving(packet: Packet, from: Interface | null, to: Interface): boolean {
    // The router's own packets need no translation: they bear the address of the side where they leave.
    if (from === null) return true
    const { flow } = packet
    if (flow === null) return true
    if (this.#state === 'related') {
      rewriteErrorSource(packet)
      return true
    }
    if (flow.reply !== null) {
      rewriteSource(packet)
      return true
    }
    if (this.#hides(packet, from, to) && !this.#translate(packet)) return false
    if (this.tracker.confirm(packet, this.#machine.world.nowMs)) return this.#settle(packet)
    return this.#drop(packet, 'nat', 'the table of connections is full')
  }

  /** Where does a packet go that opens a flow to the router's outside address? */
  #redirection(packet: Packet, from: Interface, nowMs: number): Target | undefined {
    const { nat, dmz } = this.#rules
    if (this.#mappings === null || nat === null || packet.isIpv6 || packet.protocol === ICMP) return undefined
    if (!this.#external.includes(packet.destination)) return undefined
    const isHairpin = from === this.#inside
    if (isHairpin && nat.hairpinning === 'no') return undefined
    const transport = packet.protocol === TCP ? 'tcp' : 'udp'
    const forward = this.#staticForward(transport, packet.destinationPort)
    if (forward !== undefined) return forward.to
    const opening = this.openings.forward(transport, packet.destinationPort)
    if (opening !== undefined) return opening.internal
    const mapped = isHairpin ? this.#mappings.hairpin(packet, nowMs) : this.#mappings.inbound(packet, nowMs)
    if (mapped !== undefined || isHairpin || dmz === null) return mapped
    return { address: dmz, port: packet.destinationPort }
  }

  #staticForward(transport: Transport, port: number): StaticForward | undefined {
    return this.#rules.forwards.find((each) => each.port === port && each.transport === transport)
  }

  #hasPinhole(packet: Packet): boolean {
    const transport = transportOf(packet)
    if (transport === null) return false
    return this.openings.pinhole(transport, packet.destination, packet.destinationPort) !== undefined
  }

  #hides(packet: Packet, from: Interface, to: Interface): boolean {
    if (this.#mappings === null || packet.isIpv6) return false
    if (to === this.#outside) return from === this.#inside
    const turnsAround = from === this.#inside && to === this.#inside && packet.flow!.redirected
    return turnsAround && this.#rules.nat!.hairpinning === 'external'
  }

  /** Gives the packet an outside port as its source. */
  #translate(packet: Packet): boolean {
    const { nowMs } = this.#machine.world
    const { table } = this.tracker
    const { protocol, destination, destinationPort } = packet
    const collides = (external: AddressId, port: number) => {
      if (this.#isHeldForAnother(packet, port)) return true
      const answer = { protocol, source: destination, sourcePort: protocol === ICMP ? port : destinationPort }
      return table.find({ ...answer, destination: external, destinationPort: port }, nowMs) !== null
    }
    const mapping = this.#mappings!.outbound(packet, nowMs, collides)
    if (mapping === undefined) return this.#drop(packet, 'nat', 'no port is free outside')
    packet.flow!.mapping = mapping
    mapping.flows++
    packet.source = mapping.external
    packet.sourcePort = mapping.externalPort
    if (protocol === ICMP) packet.destinationPort = mapping.externalPort
    if (this.#machine.world.trace !== null) note(this.#machine, 'nat', packet, 'the source is the router')
    return true
  }

  /** A port that strangers reach one host by must not become the source of another's packets. */
  #isHeldForAnother({ protocol, source, sourcePort }: Packet, port: number): boolean {
    if (protocol === ICMP) return false
    const internal = this.openings.forward(protocol === TCP ? 'tcp' : 'udp', port)?.internal
    return internal !== undefined && (internal.address !== source || internal.port !== sourcePort)
  }

  /** A new flow is in the table. */
  #settle(packet: Packet): boolean {
    const { mapping } = packet.flow!
    if (mapping !== null) mapping.expiresAtMs = Math.max(mapping.expiresAtMs, packet.flow!.expiresAtMs)
    this.#remember(packet)
    return true
  }

  #remember(packet: Packet): void {
    const flow = packet.flow!
    if (this.#mappings === null || packet.isReply || flow.mapping === null) return
    this.#mappings.remember(flow.mapping, packet, flow.original.source, flow.expiresAtMs)
  }

  #drop(packet: Packet, stage: 'filter' | 'nat', why: string): false {
    if (this.#machine.world.trace !== null) note(this.#machine, stage, packet, `dropped: ${why}`)
    return false
  }
}

/** Transports by protocol numbers, for rules that speak of ports. */
export function transportOf(packet: Packet): Transport | null {
  return packet.protocol === TCP ? 'tcp' : packet.protocol === UDP ? 'udp' : null
}
