import type { AddressId } from './address-book.ts'
import type { Interface } from './interface.ts'
import type { Packet } from './packet.ts'
import { note } from './trace.ts'
import type { World } from './world.ts'

/** How long a machine asks for a neighbour's Ethernet address before it gives up (Linux: three times a second). */
const NEIGHBOUR_MS = 3060

/** A network on which everybody hears everybody. Nobody asks for Ethernet addresses; who is not there is found missing late. */
export class Segment {
  readonly name: string
  /** Its place among the networks of its world, for captures. */
  readonly index: number
  readonly prefixes: readonly string[]
  readonly #world: World
  readonly #owners = new Map<AddressId, Interface>()

  constructor(world: World, name: string, index: number, prefixes: readonly string[]) {
    this.#world = world
    this.name = name
    this.index = index
    this.prefixes = prefixes
  }

  attach(end: Interface): void {
    for (const address of end.addresses) this.#owners.set(address, end)
  }

  detach(address: AddressId): void {
    this.#owners.delete(address)
  }

  /** The first address of whoever has `address` here: one for all addresses of an interface, as Ethernet's is. */
  identityOf(address: AddressId): AddressId | undefined {
    return this.#owners.get(address)?.addresses[0]
  }

  /** Carries a packet from one interface to the owner of `nextHop`. */
  carry(packet: Packet, from: Interface, nextHop: AddressId): void {
    const world = this.#world
    if (world.tap !== null) world.tap(from, nextHop, packet)
    const to = this.#owners.get(nextHop)
    if (!from.isPlugged || to?.isPlugged === false) {
      const { name } = (from.isPlugged ? to! : from).machine
      if (world.trace !== null)
        note(from.machine, 'link', packet, `lost on ${this.name}: the cable of ${name} is unplugged`)
      return
    }
    if (to === undefined) {
      if (world.trace !== null) note(from.machine, 'link', packet, `nobody on ${this.name} has the next address`)
      world.timer(NEIGHBOUR_MS, () => from.machine.missNeighbour(packet))
      return
    }
    if (Math.min(packet.lengthBytes, from.mtu) > to.mtu) {
      if (world.trace !== null)
        note(from.machine, 'link', packet, `lost on ${this.name}: too long for the cable of ${to.machine.name}`)
      return
    }
    this.#hand(packet, from, to)
  }

  /** Carries a packet to everybody else here: whoever is of the group takes it. */
  spread(packet: Packet, from: Interface): void {
    this.#world.tap?.(from, packet.destination, packet)
    if (!from.isPlugged) return
    const others = [...new Set(this.#owners.values())].filter((to) => to !== from && to.isPlugged)
    for (const to of others) this.#hand(packet.copy(), from, to)
  }

  #hand(packet: Packet, from: Interface, to: Interface): void {
    const world = this.#world
    const arrivesMs = to.inward.carry(packet, from.outward.carry(packet, world.nowMs))
    if (arrivesMs === Number.POSITIVE_INFINITY) {
      if (world.trace !== null) note(from.machine, 'link', packet, `lost on ${this.name}`)
      return
    }
    packet.heading = to
    world.schedule(packet, arrivesMs - world.nowMs)
  }
}
