import type { Endpoint } from '../../model/endpoint.ts'
import { equalBytes } from '../bytes.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../patience.ts'
import { decodeStunMessage, encodeStunMessage, type StunMessage } from './message.ts'

export type StunTransactionEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'timer' }
  | { readonly kind: 'datagram'; readonly data: Uint8Array; readonly from: Endpoint }

/** `wake` asks for a 'timer' event at `atMs`, in place of any earlier wish. After `done` there are no more actions. */
export type StunTransactionAction =
  | { readonly kind: 'send'; readonly datagram: Uint8Array }
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'done'; readonly outcome: StunTransactionOutcome }

/**
 * `success` and `error` are the class of the answer: an error response is no success, whatever addresses it carries.
 * `from` is where the answer came from, which need not be where the question went: comparing them is the caller's.
 * `afterMs` counts from the first transmission: the round trip, or more where the first was lost.
 */
export type StunTransactionOutcome =
  | {
      readonly kind: 'success' | 'error'
      readonly message: StunMessage
      readonly from: Endpoint
      readonly afterMs: number
      readonly transmissions: number
    }
  | { readonly kind: 'silent'; readonly transmissions: number }

/**
 * One STUN request and the wait for its answer, without socket or clock: feed it events, do what it says.
 *
 * Sends the same bytes at 0, 150, 300, 450, 600 and 750 ms and gives up `graceMs(rttMs)` after the last. Each time counts
 * from the transmission before, so that a late timer moves what follows and makes no burst.
 * Takes the first well-formed response with the method and transaction id of the request, from whatever source; all
 * else (requests, other ids, garbage) is ignored.
 */
export class StunTransaction {
  readonly #request: Omit<StunMessage, 'legacy'>
  readonly #datagram: Uint8Array
  readonly #graceMs: number
  #startedAtMs = 0
  #dueAtMs = 0
  #transmissions = 0
  #state: 'new' | 'waiting' | 'done' = 'new'

  constructor(request: Omit<StunMessage, 'legacy'>, options: { readonly rttMs: number | null }) {
    this.#request = request
    this.#datagram = encodeStunMessage(request)
    this.#graceMs = graceMs(options.rttMs)
  }

  step(event: StunTransactionEvent, nowMs: number): readonly StunTransactionAction[] {
    if (event.kind === 'start' && this.#state === 'new') {
      this.#state = 'waiting'
      this.#startedAtMs = nowMs
      return this.#transmit(nowMs)
    }
    if (this.#state !== 'waiting') return []
    if (event.kind === 'datagram') return this.#onDatagram(event.data, event.from, nowMs)
    return event.kind === 'timer' ? this.#onTimer(nowMs) : []
  }

  #onTimer(nowMs: number): readonly StunTransactionAction[] {
    if (nowMs < this.#dueAtMs) return [{ kind: 'wake', atMs: this.#dueAtMs }]
    if (this.#transmissions < TRANSMISSIONS) return this.#transmit(nowMs)
    return this.#finish({ kind: 'silent', transmissions: this.#transmissions })
  }

  #transmit(nowMs: number): readonly StunTransactionAction[] {
    this.#transmissions += 1
    this.#dueAtMs = nowMs + (this.#transmissions < TRANSMISSIONS ? TRANSMISSION_INTERVAL_MS : this.#graceMs)
    return [
      { kind: 'send', datagram: this.#datagram },
      { kind: 'wake', atMs: this.#dueAtMs },
    ]
  }

  #onDatagram(data: Uint8Array, from: Endpoint, nowMs: number): readonly StunTransactionAction[] {
    const answer = decodeStunMessage(data)
    if (!answer.ok) return []
    const { messageClass, method, transactionId } = answer.value
    if (messageClass !== 'success' && messageClass !== 'error') return []
    if (method !== this.#request.method || !equalBytes(transactionId, this.#request.transactionId)) return []
    const afterMs = nowMs - this.#startedAtMs
    const transmissions = this.#transmissions
    return this.#finish({ kind: messageClass, message: answer.value, from, afterMs, transmissions })
  }

  #finish(outcome: StunTransactionOutcome): readonly StunTransactionAction[] {
    this.#state = 'done'
    return [{ kind: 'done', outcome }]
  }
}
