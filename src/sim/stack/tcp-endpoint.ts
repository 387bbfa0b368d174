import type { AddressId } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import { ACK, FIN, type IcmpKind, Packet, RST, SYN, TCP } from '../packet.ts'
import type { Timer } from '../world.ts'
import { ByteQueue } from './byte-queue.ts'
import { RetransmissionTimeout } from './retransmission.ts'
import { TcpOutput } from './tcp-output.ts'
import type { Owner } from './udp-stack.ts'

/** RFC 9293 §3.3.2, without LISTEN, which is no connection. */
export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed'

/** Why a connection is no more, or never was. */
export type TcpEnd = 'refused' | 'reset' | 'unreachable' | 'timed-out' | 'ended' | 'given-up'

export interface TcpEnds {
  readonly local: AddressId
  readonly localPort: number
  readonly remote: AddressId
  readonly remotePort: number
  readonly isIpv6: boolean
}

/** Bytes that wait at either side. */
const BUFFER_BYTES = 65_536
/** Linux: net.ipv4.tcp_retries2, some 15 minutes, and tcp_syn_retries. */
const MOST_RETRIES = 15
const MOST_SYN_RETRIES = 6
const TIME_WAIT_MS = 60_000
const LOOPBACK_MTU = 65_536

/**
 * One end of a TCP connection (RFC 9293): handshake in both manners, retransmission, flow control, reset, both ends. Segments that
 * come before their turn are kept for it; there is no congestion control, the window is what the receiver has room for.
 */
export class TcpEndpoint {
  readonly ends: TcpEnds
  readonly owner: Owner
  state: TcpState
  /** Why it is closed; null while it is not. */
  end: TcpEnd | null = null
  /** Called after anything that a program may wait for: opened, bytes came or left, the end. */
  onChange: () => void = () => {}
  /** The peer has ended its side, and all of it is received. */
  peerEnded = false
  readonly #machine: Machine
  readonly #forget: () => void
  readonly #output: TcpOutput
  readonly #incoming = new ByteQueue()
  readonly #rto = new RetransmissionTimeout()
  #timer: Timer | null = null
  #retries = 0
  /** Of the cable here: what the peer is told to send at most. */
  readonly #mtu: number
  #maxPayload: number
  /** The peer's next number. */
  #expected = 0
  /** What came before its turn, by its number. */
  readonly #early = new Map<number, Packet>()
  /** The window that the peer was last told. */
  #advertised = BUFFER_BYTES
  #discarding = false
  #timed: { readonly sequence: number; readonly atMs: number } | null = null

  constructor(machine: Machine, ends: TcpEnds, owner: Owner, initial: number, forget: () => void) {
    this.#machine = machine
    this.ends = ends
    this.owner = owner
    this.#forget = forget
    this.#output = new TcpOutput(initial, BUFFER_BYTES)
    this.state = 'syn-sent'
    const way = machine.routes.way(ends.remote)
    this.#mtu = typeof way === 'string' ? LOOPBACK_MTU : way.to.mtu
    this.#maxPayload = this.#mtu - headerBytes(ends.isIpv6)
  }

  // ------------------------------------------------------------------------------------------- for programs

  /** Sends the SYN. */
  open(): void {
    this.#timed = { sequence: this.#output.next + 1, atMs: this.#machine.world.nowMs }
    this.#sendSyn()
  }

  /** Answers a SYN that came to a listener. */
  accept(syn: Packet): void {
    this.state = 'syn-received'
    this.#learnFrom(syn)
    this.#sendSyn()
  }

  get isOpen(): boolean {
    return this.state !== 'syn-sent' && this.state !== 'syn-received' && this.state !== 'closed'
  }

  /** Bytes that `write` would take now. */
  get room(): number {
    return this.state === 'closed' ? 0 : this.#output.room
  }

  get canWrite(): boolean {
    return this.end === null && !this.#output.isEnding
  }

  get readable(): number {
    return this.#incoming.length
  }

  /** Takes at most `room` bytes. */
  write(data: Uint8Array): void {
    this.#output.write(data)
    this.#push()
  }

  /** At most 64 KiB of what has come; makes room for more. */
  read(): Uint8Array {
    const data = this.#incoming.take(BUFFER_BYTES)
    // A window that opens from less than half is told, or the peer would wait for its own timer.
    if (this.#advertised < BUFFER_BYTES / 2 && this.isOpen) this.#acknowledge()
    return data
  }

  /** Ends the own side after what is written; what still comes is thrown away. */
  close(): void {
    this.#discarding = true
    this.#incoming.drop(this.#incoming.length)
    if (this.#output.isEnding) return
    if (this.state === 'syn-sent') return this.#finish('ended')
    this.#output.end()
    this.#push()
  }

  /** Sends a reset and is gone. */
  reset(): void {
    if (this.state !== 'closed' && this.state !== 'time-wait' && this.state !== 'syn-sent') {
      this.#emit(this.#output.next, RST | ACK, EMPTY)
    }
    this.#finish('reset')
  }

  /** Is gone, and the peer is not told: an attempt that is given up, or a connection that nobody holds any more. */
  abandon(): void {
    this.#finish('given-up')
  }

  // ------------------------------------------------------------------------------------------- from the peer

  receive(packet: Packet): void {
    if (this.state === 'syn-sent') return this.#receiveInSynSent(packet)
    if (this.state === 'time-wait') {
      if ((packet.flags & FIN) !== 0) this.#acknowledge()
      return
    }
    const offset = packet.sequence - this.#expected
    if ((packet.flags & RST) !== 0) {
      // Within the window; anything else is somebody's guess (RFC 5961).
      if (offset >= 0 && offset <= BUFFER_BYTES) this.#finish(this.state === 'syn-received' ? 'refused' : 'reset')
      return
    }
    if ((packet.flags & SYN) !== 0) return this.#receiveSynAgain(packet)
    if ((packet.flags & ACK) === 0) return
    this.#receiveAcknowledgement(packet)
    if (this.state === 'closed') return
    this.#receiveData(packet)
    this.#push()
    this.onChange()
  }

  hear(kind: IcmpKind, mtu: number): void {
    if (kind === 'too-big') {
      this.#maxPayload = Math.max(500, mtu - headerBytes(this.ends.isIpv6))
      this.#goBack()
      return
    }
    // Once open, errors are hints (RFC 5461), and the kernel keeps trying.
    if (this.state !== 'syn-sent' && this.state !== 'syn-received') return
    this.#finish(kind === 'port-unreachable' ? 'refused' : 'unreachable')
  }

  #receiveInSynSent(packet: Packet): void {
    const acknowledges = (packet.flags & ACK) !== 0
    const fits = acknowledges && packet.acknowledgement === this.#output.next
    if ((packet.flags & RST) !== 0) {
      if (fits) this.#finish('refused')
      return
    }
    if (acknowledges && !fits) {
      // Somebody else's old connection: RFC 9293 §3.10.7.3.
      this.#emit(packet.acknowledgement, RST, EMPTY)
      return
    }
    if ((packet.flags & SYN) === 0) return
    this.#learnFrom(packet)
    if (fits) {
      this.#measure(packet.acknowledgement)
      this.#establish()
      this.#acknowledge()
    } else {
      // Both sides opened at the same moment: each answers the other's SYN.
      this.state = 'syn-received'
      this.#sendSyn()
    }
    this.onChange()
  }

  #learnFrom({ sequence, window, mtu }: Packet): void {
    this.#expected = sequence + 1
    this.#output.window = window
    this.#maxPayload = Math.min(this.#mtu, mtu) - headerBytes(this.ends.isIpv6)
  }

  #receiveSynAgain(packet: Packet): void {
    if (this.state === 'syn-received' && packet.sequence === this.#expected - 1) {
      if ((packet.flags & ACK) !== 0 && packet.acknowledgement === this.#output.next) {
        this.#output.window = packet.window
        this.#establish()
        this.#acknowledge()
        this.onChange()
      } else this.#sendSyn()
      return
    }
    // Our last ACK was lost, or it is a stranger's guess: RFC 5961 answers both with an ACK.
    this.#acknowledge()
  }

  #receiveAcknowledgement({ acknowledgement, window, payload }: Packet): void {
    if (this.state === 'syn-received') {
      if (acknowledgement !== this.#output.next) return
      this.#establish()
    }
    const told = this.#output.acknowledge(acknowledgement, window, payload.length === 0)
    if (told === 'loss') this.#goBack()
    if (told !== 'progress') return
    this.#retries = 0
    this.#rto.progress()
    this.#measure(acknowledgement)
    this.#rearm()
    if (this.#output.isFinAcknowledged) this.#finAcknowledged()
  }

  #receiveData(packet: Packet): void {
    const { payload, sequence } = packet
    const hasFin = (packet.flags & FIN) !== 0
    if (payload.length === 0 && !hasFin) {
      // A probe of our window, or of our being here, bears an old number.
      if (sequence < this.#expected) this.#acknowledge()
      return
    }
    if (sequence > this.#expected) {
      if (sequence + payload.length <= this.#expected + this.#window) this.#early.set(sequence, packet)
    } else {
      this.#take(packet)
      this.#takeEarly()
    }
    this.#acknowledge()
  }

  /** A segment whose turn it is; some of it may have come before. */
  #take({ payload, sequence, flags }: Packet): void {
    const known = this.#expected - sequence
    if (known > payload.length || this.peerEnded) return
    const fresh = payload.subarray(known, known + this.#window)
    if (!this.#discarding) this.#incoming.push(fresh.slice())
    this.#expected += fresh.length
    if ((flags & FIN) !== 0 && known + fresh.length === payload.length) this.#receiveFin()
  }

  #takeEarly(): void {
    const due = () => [...this.#early.values()].find(({ sequence }) => sequence <= this.#expected)
    for (let next = due(); next !== undefined; next = due()) {
      this.#early.delete(next.sequence)
      this.#take(next)
    }
  }

  #receiveFin(): void {
    this.#expected++
    this.peerEnded = true
    if (this.state === 'established') this.state = 'close-wait'
    else if (this.state === 'fin-wait-1') this.state = 'closing'
    else if (this.state === 'fin-wait-2') this.#waitForStragglers()
  }

  #finAcknowledged(): void {
    if (this.state === 'fin-wait-1') this.state = 'fin-wait-2'
    else if (this.state === 'closing') this.#waitForStragglers()
    else if (this.state === 'last-ack') this.#finish('ended')
  }

  // ------------------------------------------------------------------------------------------- to the peer

  get #window(): number {
    return this.#discarding ? BUFFER_BYTES : BUFFER_BYTES - this.#incoming.length
  }

  #sendSyn(): void {
    this.#emit(this.#output.unacknowledged, this.state === 'syn-sent' ? SYN : SYN | ACK, EMPTY)
    this.#output.synSent()
    this.#rearm()
  }

  #establish(): void {
    this.#output.synAcknowledged()
    this.state = 'established'
    this.#retries = 0
    this.#rto.progress()
    this.#rearm()
  }

  #acknowledge(): void {
    this.#emit(this.#output.next, ACK, EMPTY)
  }

  /** Sends what the peer's window has room for, and the FIN when all is out. */
  #push(): void {
    if (!SENDING.has(this.state)) return
    for (let segment = this.#output.take(this.#maxPayload); segment !== null; ) {
      const { sequence, data, isFin, isAgain } = segment
      if (!isAgain) this.#timed ??= { sequence: sequence + data.length, atMs: this.#machine.world.nowMs }
      this.#emit(sequence, isFin ? FIN | ACK : ACK, data)
      if (isFin && this.state === 'established') this.state = 'fin-wait-1'
      else if (isFin && this.state === 'close-wait') this.state = 'last-ack'
      segment = this.#output.take(this.#maxPayload)
    }
    if (this.#output.isWaiting) this.#arm()
  }

  #emit(sequence: number, flags: number, payload: Uint8Array): void {
    const { local, localPort, remote, remotePort, isIpv6 } = this.ends
    const packet = new Packet(TCP, local, localPort, remote, remotePort, isIpv6)
    packet.flags = flags
    if ((flags & SYN) !== 0) packet.mtu = this.#mtu
    packet.sequence = sequence
    packet.acknowledgement = (flags & ACK) === 0 ? 0 : this.#expected
    packet.payload = payload
    this.#advertised = this.#window
    packet.window = this.#advertised
    if (this.#machine.send(packet) === 'unreachable' && this.state === 'syn-sent') this.#finish('unreachable')
  }

  // ------------------------------------------------------------------------------------------- time

  #measure(acknowledgement: number): void {
    // A round trip that holds a retransmission is ambiguous (Karn).
    if (this.#timed === null || acknowledgement < this.#timed.sequence) return
    this.#rto.measured(this.#machine.world.nowMs - this.#timed.atMs)
    this.#timed = null
  }

  #arm(): void {
    if (this.#timer !== null || this.end !== null) return
    this.#timer = this.#machine.world.timer(this.#rto.ms, () => this.#expire())
  }

  #rearm(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#output.isWaiting && this.state !== 'closed') this.#arm()
  }

  #expire(): void {
    this.#timer = null
    this.#timed = null
    this.#retries++
    const isOpening = this.state === 'syn-sent' || this.state === 'syn-received'
    if (this.#retries > (isOpening ? MOST_SYN_RETRIES : MOST_RETRIES)) return this.#finish('timed-out')
    this.#rto.expired()
    if (isOpening) return this.#sendSyn()
    if (this.#output.isBlocked) {
      // A closed window is asked about, for the news that it has opened may be lost.
      this.#emit(this.#output.unacknowledged - 1, ACK, EMPTY)
      this.#retries = 0
      return this.#arm()
    }
    this.#goBack()
  }

  #goBack(): void {
    this.#output.goBack()
    this.#timed = null
    this.#push()
    this.#arm()
  }

  #waitForStragglers(): void {
    this.state = 'time-wait'
    this.end = 'ended'
    this.#timer?.cancel()
    this.#timer = this.#machine.world.timer(TIME_WAIT_MS, () => this.#finish('ended'))
  }

  #finish(end: TcpEnd): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.end = end
    this.#timer?.cancel()
    this.#timer = null
    this.#forget()
    this.onChange()
  }
}

function headerBytes(isIpv6: boolean): number {
  return isIpv6 ? 60 : 40
}

const EMPTY = new Uint8Array(0)

/** States in which the own side may send bytes or its end. */
const SENDING: ReadonlySet<TcpState> = new Set<TcpState>([
  'established',
  'close-wait',
  'fin-wait-1',
  'closing',
  'last-ack',
])
