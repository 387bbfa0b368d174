import type { AddressId } from '../../src/sim/address-book.ts'
import { RFC_TIMEOUTS } from '../../src/sim/conntrack/tracker.ts'
import type { CableSpec } from '../../src/sim/interface.ts'
import { Machine } from '../../src/sim/machine.ts'
import type { NatBehavior } from '../../src/sim/nat/nat-behavior.ts'
import { RouterGuard, type RouterRules } from '../../src/sim/nat/router-guard.ts'
import type { Packet } from '../../src/sim/packet.ts'
import { Segment } from '../../src/sim/segment.ts'
import type { UdpBinding } from '../../src/sim/stack/udp-stack.ts'
import { World } from '../../src/sim/world.ts'

export const OWNER = { process: 'test', pid: 1 }

/** A NAT that keeps every recommendation of the RFCs. */
export const GOOD_NAT: NatBehavior = {
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  ports: 'preserve',
  parity: false,
  keepsRange: false,
  hairpinning: 'external',
  refresh: 'both',
  pooling: 'paired',
  remembers: 'mapping',
  timeouts: RFC_TIMEOUTS,
  maxFlows: 1000,
}

/**
 * Two hosts inside, a router, and two hosts outside, of which one has two addresses:
 * `a` 192.168.1.10, `b` 192.168.1.11 | box 192.168.1.1 / 203.0.113.1 (and .2) | `x` 203.0.113.10 and .11, `y` 203.0.113.12.
 */
export class SmallWorld {
  readonly world: World
  readonly a: Machine
  readonly b: Machine
  readonly box: Machine
  readonly x: Machine
  readonly y: Machine
  readonly guard: RouterGuard

  constructor(
    nat: NatBehavior | null = GOOD_NAT,
    rules: Partial<RouterRules> = {},
    cable: CableSpec = { delayMs: 1 },
    seed = 1,
  ) {
    const world = new World(seed)
    this.world = world
    const home = new Segment(world, 'home', 0, ['192.168.1.0/24', '2001:db8:1::/64'])
    const net = new Segment(world, 'net', 1, ['203.0.113.0/24', '2001:db8:2::/64'])
    const host = (name: string, segment: Segment, addresses: readonly string[], via: readonly string[]) => {
      const machine = new Machine(world, name)
      machine.attach('eth0', segment, this.#with(addresses), { delayMs: 1 })
      machine.routes.replace(via.map((each) => ({ prefix: null, isIpv6: each.includes(':'), via: this.id(each) })))
      return machine
    }
    this.a = host('a', home, ['192.168.1.10', '2001:db8:1::a'], ['192.168.1.1', '2001:db8:1::1'])
    this.b = host('b', home, ['192.168.1.11'], ['192.168.1.1'])
    this.x = host('x', net, ['203.0.113.10', '203.0.113.11', '2001:db8:2::10'], ['2001:db8:2::1'])
    this.y = host('y', net, ['203.0.113.12'], [])
    this.box = new Machine(world, 'box', { forwards: true })
    const inside = this.box.attach('inside', home, this.#with(['192.168.1.1', '2001:db8:1::1']), { delayMs: 1 })
    const outside = this.box.attach('outside', net, this.#with(['203.0.113.1', '203.0.113.2', '2001:db8:2::1']), cable)
    this.guard = new RouterGuard(this.box, inside, outside, {
      nat,
      firewall: 'stateful',
      forwards: [],
      dmz: null,
      heardOutside: { udp: [], tcp: [] },
      timeouts: nat?.timeouts ?? RFC_TIMEOUTS,
      maxFlows: nat?.maxFlows ?? 1000,
      ...rules,
    })
    this.box.guard = this.guard
  }

  id(address: string): AddressId {
    return this.world.addresses.id(address)
  }

  text(packet: Packet | undefined): string {
    return packet === undefined ? 'nothing' : `${this.world.addresses.text(packet.source)}:${packet.sourcePort}`
  }

  #with(addresses: readonly string[]): (readonly [AddressId, number])[] {
    return addresses.map((each) => [this.id(each), each.includes(':') ? 64 : 24])
  }

  /** Lets `ms` pass, and with it all that packets do. */
  pass(ms: number): Promise<void> {
    return this.world.pass(ms)
  }
}

/** A UDP socket that keeps what it hears. */
export class Ear {
  readonly heard: Packet[] = []
  readonly binding: UdpBinding
  readonly #machine: Machine
  readonly #address: AddressId

  constructor(machine: Machine, address: string, port: number) {
    this.#machine = machine
    this.#address = machine.world.addresses.id(address)
    const onDatagram = (packet: Packet) => void this.heard.push(packet)
    this.binding = machine.udp.bind({ address: this.#address, port, onDatagram, owner: OWNER })!
  }

  send(address: string, port: number): void {
    const to = { address: this.#machine.world.addresses.id(address), port }
    this.#machine.udp.send(this.binding, this.#address, Uint8Array.of(1), to)
  }

  close(): void {
    this.#machine.udp.unbind(this.binding)
  }
}
