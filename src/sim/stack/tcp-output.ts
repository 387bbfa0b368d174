import { ByteQueue } from './byte-queue.ts'

export interface Segment {
  readonly sequence: number
  readonly data: Uint8Array
  readonly isFin: boolean
  /** Was it sent before? Then an answer does not tell which of both it answers. */
  readonly isAgain: boolean
}

/** Acknowledgements without news after which a segment counts as lost (RFC 5681 §3.2). */
const DUPLICATES = 3

/** What an acknowledgement told: something new, that a segment is lost, or nothing. */
export type Acknowledged = 'progress' | 'loss' | 'nothing'

/** The own side of a connection: what is written and not yet acknowledged, by sequence numbers, the FIN at its end. */
export class TcpOutput {
  readonly #bytes = new ByteQueue()
  readonly #capacity: number
  /** Of the first byte of `#bytes`. */
  #unacknowledged: number
  #next: number
  /** The end of what was ever sent. */
  #sent: number
  #window: number
  #duplicates = 0
  #isEnding = false
  #finSequence: number | null = null

  /** `initial` is the number of the SYN. */
  constructor(initial: number, capacity: number) {
    this.#unacknowledged = initial
    this.#next = initial
    this.#sent = initial
    this.#capacity = capacity
    this.#window = capacity
  }

  get next(): number {
    return this.#next
  }

  get unacknowledged(): number {
    return this.#unacknowledged
  }

  /** Bytes that `write` would take. */
  get room(): number {
    return this.#isEnding ? 0 : this.#capacity - this.#bytes.length
  }

  get isEnding(): boolean {
    return this.#isEnding
  }

  get isFinAcknowledged(): boolean {
    return this.#finSequence !== null && this.#unacknowledged > this.#finSequence
  }

  /** Is something sent and not acknowledged, or waiting to be sent? */
  get isWaiting(): boolean {
    return this.#bytes.length > 0 || this.#next > this.#unacknowledged
  }

  /** Does the peer have no room for what waits? */
  get isBlocked(): boolean {
    return this.#window === 0 && this.#bytes.length > 0
  }

  set window(bytes: number) {
    this.#window = bytes
  }

  /** The SYN is out; or, sent again, it was out already. */
  synSent(): void {
    this.#next = this.#unacknowledged + 1
  }

  synAcknowledged(): void {
    this.#unacknowledged = this.#next
  }

  write(data: Uint8Array): void {
    this.#bytes.push(data)
  }

  /** Nothing more will be written. */
  end(): void {
    this.#isEnding = true
  }

  /** What may be sent now, and counts as sent; null when there is nothing, or no room at the peer. */
  take(maxBytes: number): Segment | null {
    const offset = this.#next - this.#unacknowledged
    const data = this.#bytes.peek(offset, Math.min(maxBytes, this.#window - offset))
    const sequence = this.#next
    const isAgain = sequence < this.#sent
    if (data.length > 0) {
      this.#next += data.length
      this.#sent = Math.max(this.#sent, this.#next)
      return { sequence, data, isFin: false, isAgain }
    }
    const isAllOut = offset >= this.#bytes.length
    if (!this.#isEnding || !isAllOut || (this.#finSequence !== null && sequence !== this.#finSequence)) return null
    this.#finSequence = sequence
    this.#next++
    this.#sent = Math.max(this.#sent, this.#next)
    return { sequence, data, isFin: true, isAgain }
  }

  /** `isBare`: the packet brought nothing but the acknowledgement. */
  acknowledge(acknowledgement: number, window: number, isBare: boolean): Acknowledged {
    const isNewWindow = window !== this.#window
    this.#window = window
    if (acknowledgement > this.#unacknowledged && acknowledgement <= Math.max(this.#next, this.#sent)) {
      this.#bytes.drop(acknowledgement - this.#unacknowledged)
      this.#unacknowledged = acknowledgement
      this.#next = Math.max(this.#next, acknowledgement)
      this.#duplicates = 0
      return 'progress'
    }
    if (isNewWindow) return 'progress'
    if (acknowledgement !== this.#unacknowledged || !isBare || this.#next === acknowledgement) return 'nothing'
    this.#duplicates++
    return this.#duplicates === DUPLICATES ? 'loss' : 'nothing'
  }

  /** Everything not acknowledged is to be sent again: the receiver dropped what came after the gap. */
  goBack(): void {
    this.#next = this.#unacknowledged
  }
}
