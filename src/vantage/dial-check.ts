import { type Endpoint, sameEndpoint } from '../model/endpoint.ts'
import { MAX_HOLD_MS, type ReplyOf } from '../wire/control/messages.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../wire/patience.ts'
import type { Question } from './control-exchange.ts'
import type { DialReport, DialRequest } from './vantage.ts'

/** A lost segment or two of the control connection. */
const SLACK_MS = 3000
/** The second vantage's connection and hello. */
const GRANT_MS = 6000

export function dialQuestion(request: DialRequest, rttMs: number): Extract<Question, { type: 'dial' }> {
  const { transport, port, payload, from } = request
  const [source, via] = 'source' in from ? [from.source, null] : [null, from.vantage]
  return { type: 'dial', transport, port, from: source, via, payload, rttMs, holdMs: MAX_HOLD_MS }
}

/** How long a vantage needs at most for a dial, and some more. */
export function dialTimeoutMs(request: DialRequest, rttMs: number): number {
  const dialMs = (TRANSMISSIONS - 1) * TRANSMISSION_INTERVAL_MS + graceMs(rttMs)
  const isLong = request.payload.kind === 'protocol'
  const greetingMs = request.transport === 'tcp' ? (isLong ? 3000 : 1000) + 2 * Math.max(150, 2 * rttMs) : 0
  return dialMs + greetingMs + ('vantage' in request.from ? GRANT_MS : 0) + 2 * rttMs + SLACK_MS
}

/** A dial comes from where we asked it to come from, or its outcome proves nothing about a clean source. */
export function mayComeFrom(source: Endpoint, { from }: DialRequest): boolean {
  return source.address === ('source' in from ? from.source : from.vantage.address)
}

/** What the vantage says, if it can be true: our own target, the source asked for, an outcome that the transport has. */
export function dialReport(reply: ReplyOf<'dialled'>, request: DialRequest, target: Endpoint): DialReport {
  const { outcome, source, attempts, rttMs, answer, greeting, answerBytes, ended } = reply
  const impossible = outcome === (request.transport === 'tcp' ? 'answered' : 'connected')
  if (impossible || !sameEndpoint(reply.target, target) || !mayComeFrom(source, request)) {
    return refusedReport('violated-protocol')
  }
  return { outcome, refusal: null, source, target, attempts, rttMs, answer, greeting, answerBytes, ended }
}

export function refusedReport(refusal: string): DialReport {
  return {
    outcome: 'not-dialled',
    refusal,
    source: null,
    target: null,
    attempts: 0,
    rttMs: null,
    answer: null,
    greeting: null,
    answerBytes: null,
    ended: null,
  }
}
