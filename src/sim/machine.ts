import type { RulesetTexts } from '../ruleset/read-ruleset.ts'
import type { AddressId } from './address-book.ts'
import type { ArrivalMeter } from './arrival-meter.ts'
import { ErrorRation } from './error-ration.ts'
import type { Guard } from './guard.ts'
import { answerError, errorAbout } from './icmp-error.ts'
import { type CableSpec, Interface } from './interface.ts'
import { ICMP, type Packet, TCP, UDP } from './packet.ts'
import { Routes } from './routes.ts'
import type { Segment } from './segment.ts'
import { EchoStack } from './stack/echo-stack.ts'
import { TcpStack } from './stack/tcp-stack.ts'
import { UdpStack } from './stack/udp-stack.ts'
import { note } from './trace.ts'
import type { TtlLimit } from './ttl-limit.ts'
import type { World } from './world.ts'

export interface MachineOptions {
  /** Does it carry packets of others? As `net.ipv4.ip_forward` says, and that of IPv6. */
  readonly forwards?: boolean
  /** Nothing that arrives is ever answered: a machine that is switched off, but for its cable. */
  readonly silent?: boolean
  /** Does it tell the same address only so many ICMP errors? Routers in a lab do not, hosts do. */
  readonly rationsErrors?: boolean
}

/** A host, a router, or anything else with addresses: what arrives is delivered here, carried on, or answered with an error. */
export class Machine {
  readonly world: World
  readonly name: string
  forwards: boolean
  /** Machines that go out through this one, and whose sockets its programs therefore see: its containers. */
  readonly guests: Machine[] = []
  readonly #silent: boolean
  readonly routes: Routes
  readonly udp: UdpStack
  readonly tcp: TcpStack
  readonly echo: EchoStack
  /** What stands on the way of packets; null: nothing. */
  guard: Guard | null = null
  /** The rules of that guard, as this machine's own programs would list them. */
  rulesets: RulesetTexts = {}
  /** Who counts what arrives. */
  readonly meters: ArrivalMeter[] = []
  /** Connections whose bytes shall not come far. */
  readonly ttlLimits: TtlLimit[] = []
  /** Null: it tells every error. */
  errorRation: ErrorRation | null

  constructor(world: World, name: string, options: MachineOptions = {}) {
    this.world = world
    this.name = name
    this.forwards = options.forwards ?? false
    this.#silent = options.silent ?? false
    this.errorRation = options.rationsErrors === true ? new ErrorRation() : null
    this.routes = new Routes(world)
    this.udp = new UdpStack(this)
    this.tcp = new TcpStack(this)
    this.echo = new EchoStack(this)
  }

  attach(
    name: string,
    segment: Segment,
    addresses: readonly (readonly [AddressId, prefixLength: number])[],
    cable: CableSpec,
  ): Interface {
    const end = new Interface(this, name, segment, addresses, cable)
    this.routes.attach(end)
    segment.attach(end)
    return end
  }

  get interfaces(): readonly Interface[] {
    return this.routes.interfaces
  }

  /** The address that packets towards `destination` bear; 0 without a way there. */
  sourceTowards(destination: AddressId): AddressId {
    const way = this.routes.way(destination)
    if (way === 'local') return destination
    return way === 'unreachable' ? 0 : way.to.address(this.world.addresses.isIpv6(destination))
  }

  // ------------------------------------------------------------------------------------------- from the cable

  receive(packet: Packet, from: Interface): void {
    const { world, guard } = this
    world.hops++
    // What the machine before knew of its connection is no concern of ours.
    packet.flow = null
    if (world.trace !== null) note(this, 'arrive', packet, `on ${from.name}`)
    for (const meter of this.meters) meter.countWire(packet)
    for (const limit of this.ttlLimits) limit.countTold(packet)
    if (this.#silent) return
    if (packet.protocol === UDP && this.world.addresses.isMulticast(packet.destination)) {
      return this.#hearGroup(packet, from)
    }
    if (guard !== null && !guard.arriving(packet, from)) return
    const way = this.routes.way(packet.destination)
    if (way === 'local') this.#enter(packet, from)
    else if (this.forwards) this.#carryOn(packet, from, way)
    else if (world.trace !== null) note(this, 'route', packet, 'dropped: it is for somebody else')
  }

  /** What is sent to a group is never answered with an error, and never carried on. */
  #hearGroup(packet: Packet, from: Interface): void {
    if (!this.udp.hears(packet.destination, packet.destinationPort)) return
    if (this.guard === null || this.guard.arriving(packet, from)) this.#enter(packet, from)
  }

  #enter(packet: Packet, from: Interface): void {
    if (this.guard !== null && !this.guard.entering(packet, from)) return
    for (const meter of this.meters) meter.countPassed(packet)
    this.#deliver(packet)
  }

  #carryOn(packet: Packet, from: Interface, way: Exclude<ReturnType<Routes['way']>, 'local'>): void {
    const { world, guard } = this
    // Errors about a packet are for whoever sent it as it was before we changed its destination.
    if (packet.ttl <= 1) return this.#refuse(packet, from, 'time-exceeded')
    if (way === 'unreachable') return this.#refuse(packet, from, 'net-unreachable')
    const { to, nextHop } = way
    if (packet.dontFragment && packet.lengthBytes > to.mtu) return this.#refuse(packet, from, 'too-big', to.mtu)
    if (guard !== null && !guard.passing(packet, from, to)) return
    packet.ttl--
    if (guard !== null && !guard.leaving(packet, from, to)) return
    if (packet.flow?.redirected) for (const meter of this.meters) meter.countPassed(packet)
    if (world.trace !== null) note(this, 'forward', packet, `to ${to.name}`)
    to.segment.carry(packet, to, nextHop)
  }

  #refuse(packet: Packet, from: Interface, kind: 'time-exceeded' | 'net-unreachable' | 'too-big', mtu = 0): void {
    if (this.world.trace !== null) note(this, 'route', packet, `dropped: ${kind}`)
    answerError(this, packet, kind, from.address(packet.isIpv6), mtu)
  }

  // ------------------------------------------------------------------------------------------- from this machine

  /**
   * Sends a packet of this machine's own. 'unreachable' without a way; 'stopped' by its own guard, silently on the
   * cable; else the packet is gone, whatever becomes of it.
   */
  send(packet: Packet): 'sent' | 'unreachable' | 'stopped' {
    const { world, guard } = this
    if (packet.protocol === UDP && world.addresses.isMulticast(packet.destination)) return this.#sendToGroup(packet)
    const way = this.routes.way(packet.destination)
    if (way === 'local') return this.#loopBack(packet)
    if (way === 'unreachable') return 'unreachable'
    const { destination } = packet
    for (const limit of this.ttlLimits) limit.apply(packet)
    if (guard !== null && !guard.leaving(packet, null, way.to)) return 'stopped'
    // A packet with a new destination is routed again.
    const onward = packet.destination === destination ? way : this.routes.way(packet.destination)
    if (onward === 'unreachable') return onward
    if (onward === 'local') return this.#comeBack(packet)
    if (world.trace !== null) note(this, 'send', packet, `on ${onward.to.name}`)
    onward.to.segment.carry(packet, onward.to, onward.nextHop)
    return 'sent'
  }

  /** The kernel lets it out by the interface whose address it bears. */
  #sendToGroup(packet: Packet): 'sent' | 'unreachable' | 'stopped' {
    const { world, guard } = this
    const to = this.interfaces.find(({ addresses }) => addresses.includes(packet.source))
    if (to === undefined) return 'unreachable'
    // A group is heard on one network alone, unless the sender says more.
    packet.ttl = 1
    if (guard !== null && !guard.leaving(packet, null, to)) return 'stopped'
    if (world.trace !== null) note(this, 'send', packet, `to a group on ${to.name}`)
    to.segment.spread(packet, to)
    return 'sent'
  }

  #loopBack(packet: Packet): 'sent' | 'stopped' | 'unreachable' {
    if (this.world.trace !== null) note(this, 'local', packet, 'to itself')
    if (this.guard?.returning?.(packet, 'out') === false) return 'stopped'
    const way = this.routes.way(packet.destination)
    if (way === 'local') return this.#comeBack(packet)
    if (way === 'unreachable') return way
    way.to.segment.carry(packet, way.to, way.nextHop)
    return 'sent'
  }

  #comeBack(packet: Packet): 'sent' {
    this.world.timer(0, () => {
      if (this.guard?.returning?.(packet, 'in') !== false) this.#deliver(packet)
    })
    return 'sent'
  }

  /** Nobody on the next network has the address that the packet was to go to: its sender is told. */
  missNeighbour(packet: Packet): void {
    if (packet.isIcmpError) return
    const error = errorAbout(packet, 'host-unreachable', 0)
    error.source = this.sourceTowards(error.destination)
    if (this.routes.way(error.destination) === 'local') this.#deliver(error)
    else this.send(error)
  }

  #deliver(packet: Packet): void {
    if (packet.protocol === UDP) this.udp.deliver(packet)
    else if (packet.protocol === TCP) this.tcp.deliver(packet)
    else if (packet.quote === null) this.echo.deliver(packet)
    else this.#hear(packet)
  }

  /** An ICMP error, for whoever of us sent what it is about. */
  #hear(error: Packet): void {
    const { protocol } = error.quote!
    if (this.world.trace !== null) note(this, 'local', error, 'told to the sender')
    if (protocol === UDP) this.udp.hear(error)
    else if (protocol === TCP) this.tcp.hear(error)
    else if (protocol === ICMP) this.echo.hear(error)
  }
}
