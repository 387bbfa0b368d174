import type { AddressId } from '../address-book.ts'
import type { Protocol } from '../packet.ts'
import type { Flow, Tuple } from './flow.ts'

const FIRST_BUCKETS = 16

/** Addresses and ports of one direction: a packet, a quote or a tuple. */
export interface Ends {
  readonly protocol: Protocol
  readonly source: AddressId
  readonly sourcePort: number
  readonly destination: AddressId
  readonly destinationPort: number
}

/** Flows by both of their directions. Chained buckets, doubled as they fill; dead flows are swept when it is full. */
export class FlowTable {
  readonly #limit: number
  #buckets: (Tuple | null)[] = new Array<Tuple | null>(FIRST_BUCKETS).fill(null)
  #flows = 0
  #sweepAt = FIRST_BUCKETS

  /** `limit`: flows that fit; one more is refused. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#flows
  }

  /** The living flow of a packet, by its tuple. */
  find(ends: Ends, nowMs: number): Tuple | null {
    let tuple = this.#head(ends)
    while (tuple !== null) {
      if (same(tuple, ends)) {
        if (tuple.flow.expiresAtMs > nowMs) return tuple
        this.remove(tuple.flow)
        return null
      }
      tuple = tuple.next
    }
    return null
  }

  /** Takes a flow in. False when the table is full of living ones. */
  add(flow: Flow, nowMs: number): boolean {
    if (this.#flows >= Math.min(this.#sweepAt, this.#limit)) {
      this.#sweep(nowMs)
      // Sweeping only when the table has doubled since keeps its cost in proportion.
      this.#sweepAt = Math.max(FIRST_BUCKETS, this.#flows * 2)
      if (this.#flows >= this.#limit) return false
    }
    this.#flows++
    if (this.#flows * 2 > this.#buckets.length) this.#grow()
    this.#link(flow.original)
    this.#link(flow.reply!)
    return true
  }

  remove(flow: Flow): void {
    if (!this.#unlink(flow.original)) return
    this.#unlink(flow.reply!)
    this.#flows--
    if (flow.mapping !== null) flow.mapping.flows--
  }

  clear(): void {
    this.#buckets = new Array<Tuple | null>(FIRST_BUCKETS).fill(null)
    this.#flows = 0
    this.#sweepAt = FIRST_BUCKETS
  }

  /** Every flow, living or not. */
  *flows(): Generator<Flow> {
    for (const head of this.#buckets) {
      for (let tuple = head; tuple !== null; tuple = tuple.next) if (!tuple.isReply) yield tuple.flow
    }
  }

  #sweep(nowMs: number): void {
    for (const flow of [...this.flows()]) if (flow.expiresAtMs <= nowMs) this.remove(flow)
  }

  #grow(): void {
    const all = [...this.flows()]
    this.#buckets = new Array<Tuple | null>(this.#buckets.length * 2).fill(null)
    for (const flow of all) {
      this.#link(flow.original)
      this.#link(flow.reply!)
    }
  }

  #link(tuple: Tuple): void {
    const bucket = this.#bucket(tuple)
    tuple.next = this.#buckets[bucket]!
    this.#buckets[bucket] = tuple
  }

  #unlink(tuple: Tuple): boolean {
    const bucket = this.#bucket(tuple)
    let before: Tuple | null = null
    for (let each = this.#buckets[bucket] ?? null; each !== null; each = each.next) {
      if (each !== tuple) {
        before = each
        continue
      }
      if (before === null) this.#buckets[bucket] = tuple.next
      else before.next = tuple.next
      return true
    }
    return false
  }

  #head(ends: Ends): Tuple | null {
    return this.#buckets[this.#bucket(ends)] ?? null
  }

  #bucket({ protocol, source, sourcePort, destination, destinationPort }: Ends): number {
    let hash = Math.imul(source, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca77)
    hash = Math.imul(hash ^ (sourcePort << 16) ^ destinationPort ^ (protocol << 8), 0xc2b2ae3d)
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1)
  }
}

function same(tuple: Tuple, ends: Ends): boolean {
  return (
    tuple.source === ends.source &&
    tuple.destination === ends.destination &&
    tuple.sourcePort === ends.sourcePort &&
    tuple.destinationPort === ends.destinationPort &&
    tuple.protocol === ends.protocol
  )
}
