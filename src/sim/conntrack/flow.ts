import type { AddressId } from '../address-book.ts'
import type { Mapping } from '../nat/mapping.ts'
import type { Packet, Protocol } from '../packet.ts'

/** One direction of a flow, as its packets look where they arrive; an entry of the flow table. */
export interface Tuple {
  readonly protocol: Protocol
  readonly source: AddressId
  readonly sourcePort: number
  readonly destination: AddressId
  readonly destinationPort: number
  readonly flow: Flow
  readonly isReply: boolean
  /** The next in the same bucket of the table. */
  next: Tuple | null
}

/** How far a flow has come; what it is worth waiting for it. UDP and ICMP know only the first two. */
export type FlowPhase = 'opening' | 'established' | 'closing' | 'closed'

/**
 * A connection, or what looks like one, in the manner of the kernel's connection tracking: the packet that opened it as it came
 * in, and the answer as it will come in. Where these two do not mirror each other, the flow is translated.
 */
export class Flow {
  readonly original: Tuple
  /** Known once the first packet has left; null until then, and the flow is in no table. */
  reply: Tuple | null = null
  phase: FlowPhase = 'opening'
  expiresAtMs = 0
  sawReply = false
  /** Was the destination of its first packet rewritten? */
  redirected = false
  /** The mapping whose port it uses outside, to be kept alive with it. */
  mapping: Mapping | null = null
  /** Bits of the TCP handshake and end that have passed. */
  seen = 0

  constructor(packet: Packet) {
    this.original = {
      protocol: packet.protocol,
      source: packet.source,
      sourcePort: packet.sourcePort,
      destination: packet.destination,
      destinationPort: packet.destinationPort,
      flow: this,
      isReply: false,
      next: null,
    }
  }

  /** The answer to `packet` as it leaves, translated. */
  expectReplyTo(packet: Packet): void {
    this.reply = {
      protocol: packet.protocol,
      source: packet.destination,
      sourcePort: packet.destinationPort,
      destination: packet.source,
      destinationPort: packet.sourcePort,
      flow: this,
      isReply: true,
      next: null,
    }
  }

  /** What a packet of the given direction looks like once translated, mirrored. */
  mirror(isReply: boolean): Tuple {
    return isReply ? this.original : this.reply!
  }
}
