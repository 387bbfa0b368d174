import type { Host } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { DialPayload, ReplyOf } from '../wire/control/messages.ts'
import { isProtocolName, masked, OPENINGS } from '../wire/first-packet/protocols.ts'
import type { NamedAddress } from './faces.ts'

/** One dial that a vantage makes; every rule has been asked by now. */
export interface DialTask {
  readonly source: NamedAddress
  readonly target: Endpoint
  readonly payload: DialPayload
  /** As the asker measured it: how long to wait follows from it. */
  readonly rttMs: number
  readonly holdMs: number
  /** Called once, at once, when a TCP dial is connected. */
  readonly onConnected: (source: Endpoint) => void
  /** Fires when the asker has gone or no longer wants the dial: all is dropped. */
  readonly signal: AbortSignal
}

export type DialResult = Omit<ReplyOf<'dialled'>, 'type' | 'id'>

/** What came back of a dial. */
export type DialAnswer = Pick<DialResult, 'answer' | 'greeting' | 'answerBytes' | 'ended'>

export const NO_ANSWER: DialAnswer = { answer: null, greeting: null, answerBytes: null, ended: null }

/**
 * `failed`: this vantage could not send, which says nothing about the target. `held` resolves when a connection that
 * stays open for the asker to look at has been closed.
 */
export type DialDone =
  | { readonly outcome: 'dialled'; readonly result: DialResult; readonly held: Promise<void> }
  | { readonly outcome: 'failed' }

export function publicSource(source: NamedAddress, local: Endpoint): Endpoint {
  return { address: source.public, port: local.port }
}

/** What the far side writes to a port that the asker holds: a line over TCP, a datagram without line feed over UDP. */
export function nonceGreeting(nonce: Uint8Array): string {
  return `peerway-nonce ${Buffer.from(nonce).toString('hex')}`
}

/** Is this what the holder of the port answers? */
export function isNonceReply(answer: Uint8Array, nonce: Uint8Array): boolean {
  const text = Buffer.from(answer).toString('latin1')
  return text.replace(/\r?\n$/, '') === `peerway-reply ${Buffer.from(nonce).toString('hex')}`
}

/** The bytes of a `protocol` payload, made here: an asker chooses none of them. RangeError for a name that is none. */
export function protocolBytes(host: Host, payload: Extract<DialPayload, { kind: 'protocol' }>): Uint8Array {
  if (!isProtocolName(payload.protocol)) throw new RangeError(`${payload.protocol} is no protocol that is known here`)
  const { randomLength, encode } = OPENINGS[payload.protocol]
  return masked(encode(host.random.bytes(randomLength)), payload.mask)
}
