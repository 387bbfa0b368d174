import { ACK, FIN, ICMP, type Packet, RST, SYN, TCP } from '../packet.ts'
import { Flow, type Tuple } from './flow.ts'
import { FlowTable } from './flow-table.ts'

/** How long an idle flow is remembered, by protocol and phase, in milliseconds. */
export interface Timeouts {
  /** UDP that was not answered yet, and UDP that was (RFC 4787 REQ-5: at least 2 minutes). */
  readonly udpMs: number
  readonly udpAnsweredMs: number
  /** RFC 5382 REQ-5: at least 2 h 4 min established, at least 4 min while opening or closing. */
  readonly tcpOpeningMs: number
  readonly tcpEstablishedMs: number
  readonly tcpClosingMs: number
  readonly tcpClosedMs: number
  /** RFC 5508 REQ-2: at least a minute. */
  readonly icmpMs: number
}

/** The least that the RFCs allow. */
export const RFC_TIMEOUTS: Timeouts = {
  udpMs: 120_000,
  udpAnsweredMs: 120_000,
  tcpOpeningMs: 240_000,
  tcpEstablishedMs: 7_440_000,
  tcpClosingMs: 240_000,
  tcpClosedMs: 240_000,
  icmpMs: 60_000,
}

/** Linux's own, which are shorter where a flow is not established. */
export const KERNEL_TIMEOUTS: Timeouts = {
  udpMs: 30_000,
  udpAnsweredMs: 120_000,
  tcpOpeningMs: 120_000,
  tcpEstablishedMs: 432_000_000,
  tcpClosingMs: 120_000,
  tcpClosedMs: 10_000,
  icmpMs: 30_000,
}

/** Whose packets keep a UDP flow alive (RFC 4787 REQ-6: those from inside must; those from outside may). */
export type Refresh = 'both' | 'outbound'

export interface TrackerOptions {
  readonly timeouts: Timeouts
  readonly maxFlows: number
  readonly refresh?: Refresh
}

/** The kernel's state of a packet, as rules ask for it. */
export type PacketState = 'new' | 'established' | 'related' | 'invalid'

const SEEN_SYN = 1
const SEEN_ANSWER = 2
const SEEN_FIN = 4
const SEEN_REPLY_FIN = 8

/** Connection tracking: which flow does a packet belong to, and what is it in that flow? */
export class Tracker {
  readonly table: FlowTable
  readonly #timeouts: Timeouts
  readonly #refresh: Refresh

  constructor(options: TrackerOptions) {
    this.table = new FlowTable(options.maxFlows)
    this.#timeouts = options.timeouts
    this.#refresh = options.refresh ?? 'both'
  }

  /**
   * Looks at an arriving packet: sets `packet.flow` and `isReply`, and tells its state. A new flow is in no table until
   * `confirm`. An ICMP error is related to the flow that it is about, and is an answer where that packet was none.
   */
  see(packet: Packet, nowMs: number): PacketState {
    packet.flow = null
    packet.isReply = false
    if (packet.quote !== null) return this.#seeError(packet, nowMs)
    const tuple = this.table.find(packet, nowMs)
    const isKnown = tuple !== null && !asksAgainst(packet, tuple) && !this.#isOver(packet, tuple)
    if (isKnown) return this.#seeKnown(packet, tuple, nowMs)
    if (!opensFlow(packet)) return 'invalid'
    packet.flow = new Flow(packet)
    return 'new'
  }

  /** The flow's first packet leaves as it is now. False when the table is full. */
  confirm(packet: Packet, nowMs: number): boolean {
    const flow = packet.flow!
    flow.expectReplyTo(packet)
    // A connection seen from its middle on counts as established (the kernel's tcp_loose).
    if (packet.protocol === TCP) flow.seen = (packet.flags & SYN) !== 0 ? SEEN_SYN : SEEN_SYN | SEEN_ANSWER
    this.#advance(flow, packet)
    flow.expiresAtMs = nowMs + this.#lifetimeMs(flow)
    return this.table.add(flow, nowMs)
  }

  #seeError(packet: Packet, nowMs: number): PacketState {
    const quote = packet.quote!
    const tuple = this.table.find(mirrored(quote), nowMs) ?? null
    if (tuple === null) return 'invalid'
    packet.flow = tuple.flow
    packet.isReply = tuple.isReply
    return 'related'
  }

  #seeKnown(packet: Packet, tuple: Tuple, nowMs: number): PacketState {
    const { flow } = tuple
    packet.flow = flow
    packet.isReply = tuple.isReply
    if (tuple.isReply) flow.sawReply = true
    this.#advance(flow, packet)
    if (flow.original.protocol === TCP || this.#refresh === 'both' || isOutbound(packet)) {
      flow.expiresAtMs = nowMs + this.#lifetimeMs(flow)
      if (flow.mapping !== null && flow.mapping.expiresAtMs < flow.expiresAtMs) {
        flow.mapping.expiresAtMs = flow.expiresAtMs
      }
    }
    return flow.sawReply ? 'established' : 'new'
  }

  /** A SYN where an old connection has ended begins a new one. */
  #isOver(packet: Packet, { flow }: Tuple): boolean {
    if (!packet.isSyn || (flow.phase !== 'closed' && flow.phase !== 'closing')) return false
    this.table.remove(flow)
    return true
  }

  #advance(flow: Flow, packet: Packet): void {
    if (packet.protocol !== TCP) {
      if (packet.isReply) flow.phase = 'established'
      return
    }
    const { flags } = packet
    if ((flags & RST) !== 0) {
      flow.phase = 'closed'
      return
    }
    if (packet.isReply && (flags & SYN) !== 0) flow.seen |= SEEN_ANSWER
    if ((flags & FIN) !== 0) flow.seen |= packet.isReply ? SEEN_REPLY_FIN : SEEN_FIN
    if ((flow.seen & (SEEN_FIN | SEEN_REPLY_FIN)) !== 0) flow.phase = 'closing'
    else if ((flow.seen & SEEN_ANSWER) !== 0 && (flags & (ACK | SYN)) === ACK && flow.phase === 'opening') {
      flow.phase = 'established'
    }
  }

  #lifetimeMs(flow: Flow): number {
    const { protocol } = flow.original
    if (protocol === ICMP) return this.#timeouts.icmpMs
    if (protocol !== TCP) return flow.sawReply ? this.#timeouts.udpAnsweredMs : this.#timeouts.udpMs
    if (flow.phase === 'established') return this.#timeouts.tcpEstablishedMs
    if (flow.phase === 'opening') return this.#timeouts.tcpOpeningMs
    return flow.phase === 'closing' ? this.#timeouts.tcpClosingMs : this.#timeouts.tcpClosedMs
  }
}

/** A reset or an echo reply that belongs to nothing is nothing. */
function opensFlow(packet: Packet): boolean {
  if (packet.protocol === TCP) return (packet.flags & RST) === 0 && (packet.flags & (SYN | ACK)) !== (SYN | ACK)
  return packet.protocol !== ICMP || packet.icmp === 'echo-request'
}

/** The answer to a packet that looked so where the error was made. */
function mirrored(quote: NonNullable<Packet['quote']>) {
  return {
    protocol: quote.protocol,
    source: quote.destination,
    sourcePort: quote.destinationPort,
    destination: quote.source,
    destinationPort: quote.sourcePort,
  }
}

/** An echo request answers nothing: of two hosts that ask each other with one identifier, each has a flow of its own. */
/** What opened a flow from outside was redirected: then its answers are what comes from inside. */
function isOutbound({ flow, isReply }: Packet): boolean {
  return isReply === flow!.redirected
}

function asksAgainst(packet: Packet, tuple: Tuple): boolean {
  return packet.icmp === 'echo-request' && tuple.isReply
}
