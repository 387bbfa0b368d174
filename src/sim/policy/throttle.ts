import type { Packet } from '../packet.ts'

interface Bucket {
  bytes: number
  atMs: number
}

const MOST_BUCKETS = 65_535

/**
 * Drops what comes faster than a rate, as nft's `limit rate over` does: a bucket holds what may pass in a second, and a
 * packet that finds too little in it takes nothing.
 */
export class Throttle {
  readonly #bytesPerMs: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(kilobitsPerSecond: number) {
    this.#bytesPerMs = kilobitsPerSecond / 8
  }

  /** A bucket for each direction of each flow, for each transport, or one for everything. */
  isTooFast(packet: Packet, each: 'flow' | 'transport' | 'everything', nowMs: number): boolean {
    const { protocol, source, sourcePort, destination, destinationPort, lengthBytes } = packet
    const flow = `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`
    const key = each === 'flow' ? flow : each === 'transport' ? `${protocol}` : each
    const bucket = this.#buckets.get(key) ?? { bytes: this.#bytesPerMs * 1000, atMs: nowMs }
    if (this.#buckets.size < MOST_BUCKETS) this.#buckets.set(key, bucket)
    bucket.bytes = Math.min(this.#bytesPerMs * 1000, bucket.bytes + (nowMs - bucket.atMs) * this.#bytesPerMs)
    bucket.atMs = nowMs
    if (bucket.bytes < lengthBytes) return true
    bucket.bytes -= lengthBytes
    return false
  }
}
