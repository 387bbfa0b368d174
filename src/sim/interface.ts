import type { AddressId } from './address-book.ts'
import type { Machine } from './machine.ts'
import type { Packet } from './packet.ts'
import type { Prng } from './prng.ts'
import type { Segment } from './segment.ts'

/** How a cable behaves, each way. */
export interface CableSpec {
  readonly delayMs: number
  /** Up to so much more delay, drawn for each packet; packets stay in order but for `reorderPercent`. */
  readonly jitterMs?: number
  readonly lossPercent?: number
  /** So many packets overtake those that jitter holds back. */
  readonly reorderPercent?: number
  /** Longest IP packet that goes in one piece; 1500 without it. */
  readonly mtu?: number
}

/** One machine's end of a cable to a network, with its addresses there. */
export class Interface {
  readonly machine: Machine
  readonly name: string
  readonly segment: Segment
  addresses: readonly AddressId[]
  readonly prefixLengths: readonly number[]
  /** Is its cable plugged in? Where it is not, packets are lost, and nobody is told. */
  isPlugged = true
  readonly mtu: number
  readonly outward: Lane
  readonly inward: Lane

  constructor(
    machine: Machine,
    name: string,
    segment: Segment,
    addresses: readonly (readonly [AddressId, prefixLength: number])[],
    cable: CableSpec,
  ) {
    this.machine = machine
    this.name = name
    this.segment = segment
    this.addresses = addresses.map(([id]) => id)
    this.prefixLengths = addresses.map(([, length]) => length)
    this.mtu = cable.mtu ?? 1500
    const label = `cable/${machine.name}/${name}`
    this.outward = new Lane(cable, this.mtu, () => machine.world.random(`${label}/out`))
    this.inward = new Lane(cable, this.mtu, () => machine.world.random(`${label}/in`))
  }

  /** Other addresses from now on, of the same families and as long prefixes: what a provider does to its customers. */
  readdress(addresses: readonly AddressId[]): void {
    for (const old of this.addresses) this.segment.detach(old)
    this.addresses = addresses
    this.segment.attach(this)
    this.machine.routes.forget()
  }

  /** Its address of the family; 0 without one. */
  address(isIpv6: boolean): AddressId {
    const book = this.machine.world.addresses
    for (const id of this.addresses) if (book.isIpv6(id) === isIpv6) return id
    return 0
  }
}

/** One direction of a cable. */
export class Lane {
  readonly #delayMs: number
  readonly #jitterMs: number
  readonly #loss: number
  readonly #reorder: number
  readonly #mtu: number
  readonly #draw: () => Prng
  #random: Prng | null = null
  #lastMs = 0

  constructor(cable: CableSpec, mtu: number, draw: () => Prng) {
    this.#delayMs = cable.delayMs
    this.#jitterMs = cable.jitterMs ?? 0
    this.#loss = (cable.lossPercent ?? 0) / 100
    this.#reorder = (cable.reorderPercent ?? 0) / 100
    this.#mtu = mtu
    this.#draw = draw
  }

  /** When a packet that enters at `atMs` leaves; Infinity when it is lost. */
  carry(packet: Packet, atMs: number): number {
    if (this.#jitterMs === 0 && this.#loss === 0) return atMs + this.#delayMs
    this.#random ??= this.#draw()
    if (this.#loss > 0 && this.#isLost(packet)) return Number.POSITIVE_INFINITY
    const leavesMs = atMs + this.#delayMs
    if (this.#jitterMs === 0 || (this.#reorder > 0 && this.#random.unit() < this.#reorder)) return leavesMs
    this.#lastMs = Math.max(this.#lastMs, leavesMs + this.#random.unit() * this.#jitterMs)
    return this.#lastMs
  }

  /** Of a packet in pieces, each can be lost, and one is enough. */
  #isLost(packet: Packet): boolean {
    const pieces = Math.ceil(packet.lengthBytes / this.#mtu)
    for (let piece = 0; piece < pieces; piece++) if (this.#random!.unit() < this.#loss) return true
    return false
  }
}
