import type { AddressId } from './address-book.ts'
import type { Flow } from './conntrack/flow.ts'
import type { Interface } from './interface.ts'
import type { Scheduled } from './schedule.ts'

/** IP protocol numbers. ICMP stands for both families' ICMP. */
export const UDP = 17
export const TCP = 6
export const ICMP = 1
export type Protocol = typeof UDP | typeof TCP | typeof ICMP

export const FIN = 1
export const SYN = 2
export const RST = 4
export const ACK = 16

/** What an ICMP message says, for both families; `encode-packet.ts` has the numbers. */
export type IcmpKind =
  | 'echo-request'
  | 'echo-reply'
  | 'time-exceeded'
  | 'net-unreachable'
  | 'host-unreachable'
  | 'port-unreachable'
  | 'admin-prohibited'
  | 'too-big'

/** Addresses and ports as the sender of a packet wrote them: what an ICMP error quotes. */
export interface Quote {
  readonly protocol: Protocol
  readonly source: AddressId
  readonly sourcePort: number
  readonly destination: AddressId
  readonly destinationPort: number
}

const NOTHING = new Uint8Array(0)

/**
 * One IP packet, whole: a datagram longer than the cable allows travels as fragments would, and is lost as often. It is
 * changed in place by those who translate it, and belongs to whoever has it.
 *
 * Of an ICMP echo, both ports are the identifier.
 */
export class Packet implements Scheduled {
  atMs = 0
  order = 0
  protocol: Protocol
  source: AddressId
  sourcePort: number
  destination: AddressId
  destinationPort: number
  isIpv6: boolean
  ttl = 64
  payload: Uint8Array = NOTHING
  /** TCP. Sequence numbers are not cut to 32 bits: they only grow, and are cut where bytes are written. */
  flags = 0
  sequence = 0
  acknowledgement = 0
  window = 0
  icmp: IcmpKind | null = null
  quote: Quote | null = null
  /** Of `too-big`: what would fit. Of a SYN: the longest packet that its sender takes, which its MSS option tells. */
  mtu = 0
  dontFragment = true
  /** The machine that has it tracks its connection: which one, and is this packet an answer in it? */
  flow: Flow | null = null
  isReply = false
  /** Where it is on its way to. */
  heading: Interface | null = null

  constructor(
    protocol: Protocol,
    source: AddressId,
    sourcePort: number,
    destination: AddressId,
    destinationPort: number,
    isIpv6: boolean,
  ) {
    this.protocol = protocol
    this.source = source
    this.sourcePort = sourcePort
    this.destination = destination
    this.destinationPort = destinationPort
    this.isIpv6 = isIpv6
  }

  /** The same datagram, for one more who hears it. UDP alone. */
  copy(): Packet {
    const { protocol, source, sourcePort, destination, destinationPort, isIpv6 } = this
    const copy = new Packet(protocol, source, sourcePort, destination, destinationPort, isIpv6)
    copy.ttl = this.ttl
    copy.payload = this.payload
    copy.dontFragment = this.dontFragment
    return copy
  }

  /** It arrives. */
  fire(): void {
    const at = this.heading!
    at.machine.receive(this, at)
  }

  get lengthBytes(): number {
    const transport = this.protocol !== TCP ? 8 : (this.flags & SYN) === 0 ? 20 : 24
    // An error quotes the header and eight bytes of what it is about.
    const quoted = this.quote === null ? 0 : this.isIpv6 ? 48 : 28
    return (this.isIpv6 ? 40 : 20) + transport + quoted + this.payload.length
  }

  get isIcmpError(): boolean {
    return this.quote !== null
  }

  /** Opens a connection: TCP's SYN without ACK. */
  get isSyn(): boolean {
    return (this.flags & (SYN | ACK)) === SYN
  }
}
