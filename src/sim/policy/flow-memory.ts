import type { Packet } from '../packet.ts'

/** As in `lab/provider-rules.ts`: a flow is forgotten after so long, and no more are known than a set of nft holds by itself. */
const FLOW_MEMORY_MS = 120_000
const MOST_FLOWS = 65_535

/** Flows that a filter remembers, whichever way their packets go. */
export class FlowMemory {
  readonly #seenMs = new Map<string, number>()

  /** Was it known? It is now. */
  add(packet: Packet, nowMs: number): boolean {
    if (this.has(packet, nowMs)) return true
    if (this.#seenMs.size < MOST_FLOWS) this.#seenMs.set(flowKey(packet), nowMs)
    return false
  }

  has(packet: Packet, nowMs: number): boolean {
    const key = flowKey(packet)
    const seenMs = this.#seenMs.get(key)
    if (seenMs === undefined) return false
    if (nowMs - seenMs < FLOW_MEMORY_MS) return true
    this.#seenMs.delete(key)
    return false
  }
}

function flowKey({ protocol, source, sourcePort, destination, destinationPort }: Packet): string {
  const isForth = source < destination || (source === destination && sourcePort <= destinationPort)
  return isForth
    ? `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`
    : `${protocol} ${destination} ${destinationPort} ${source} ${sourcePort}`
}
