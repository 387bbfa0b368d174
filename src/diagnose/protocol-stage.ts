import type { Answer } from '../model/answer.ts'
import { type EndpointKey, endpointName } from '../model/endpoint.ts'
import type { ExchangeTally, ProtocolExchangeFact } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import { type EvidenceFor, type Findings, ids } from './findings.ts'
import type { EndpointFinding } from './judge-endpoint.ts'

/** Below so many tries chance is not ruled out: each has several transmissions, and all of all of them must be lost. */
const LEAST_TRIES = 4
/** One neutral flow may be lost. */
const MOST_LOST = 1

/** What the filters on protocols make of an endpoint that a dial got in to: no peer does, or perhaps none. */
export function peersStopped(claims: readonly Claim[], endpoint: EndpointKey): Answer {
  const about = claims.filter(
    ({ id, endpoints }) => id === 'provider-filters-protocol' && endpoints.some((one) => isSame(one, endpoint)),
  )
  if (about.length === 0) return 'no'
  return about.some(({ settledBy }) => settledBy === undefined) ? 'yes' : 'unknown'
}

function isSame(a: EndpointKey, b: EndpointKey): boolean {
  return endpointName(a) === endpointName(b)
}

/**
 * Somebody on the way stops a protocol: its bytes never come through, in any of at least four flows, while bytes of the
 * same shape do, on the same port, in the same seconds. Loss, congestion and a port that is closed befall both alike.
 *
 * Each protocol is stated once, whichever flows show it. It stops an endpoint where peerway held that very port; or
 * where the node, which answers the protocol when this host speaks it, is not heard by a vantage that speaks it.
 */
export function protocolClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  return findings.of('protocol-exchange').flatMap((exchange): readonly Claim[] => {
    const stops = stopsSeen(exchange.value)
    if (stops.length === 0) return []
    const { protocol, family, transport, ofNode } = exchange.value
    const answers = findings.inFamily('protocol-answer', family).filter(({ value }) => value.protocol === protocol)
    // What the node does not speak stops no peer of it.
    const near = endpoints.filter(
      (endpoint) => ofNode && endpoint.family === family && endpoint.transport === transport,
    )
    const answerOf = (endpoint: EndpointKey) => answers.find(({ value }) => value.port === endpoint.port)
    const stopped = near.filter((endpoint) => {
      const answer = answerOf(endpoint)
      const isSilenced = answer !== undefined && isUnheard(answer.value) && isOpenToOthers(endpoint)
      return isHeldFor(exchange.value, endpoint) || isSilenced
    })
    // The node answers the protocol to nobody, so that its silence towards the vantage tells nothing.
    const mute = near.filter((endpoint) => answerOf(endpoint) === undefined && !stopped.includes(endpoint))
    const rules = findings.inFamily('flow-rules', family).find(({ value }) => isAbout(value, exchange.value))
    const settledBy = whoseFilter(rules, stops)
    const claim = {
      id: 'provider-filters-protocol' as const,
      subject: protocol,
      evidence: ids([exchange, rules, ...answers]),
      params: { protocol, ...howParams(exchange.value, stops) },
    }
    return [
      { ...claim, endpoints: stopped, ...(settledBy && { settledBy }) },
      ...(mute.length > 0 && stopped.length === 0
        ? [{ ...claim, endpoints: mute, settledBy: settledBy ?? message('settled-by.stop-node') }]
        : []),
    ]
  })
}

/** In which direction, seen from this host, the protocol's bytes were lost. */
type Stop = { readonly direction: 'in' | 'out'; readonly tally: ExchangeTally; readonly at: 'spoken' | 'answered' }

function stopsSeen({ opener, spoken, answered, neutral }: ProtocolExchangeFact): readonly Stop[] {
  if (!passes(neutral)) return []
  const [forth, back] = opener === 'host' ? (['out', 'in'] as const) : (['in', 'out'] as const)
  const stops: Stop[] = []
  // The vantage may have forgotten to count: an answer shows that it came.
  if (isTried(spoken) && spoken.arrived === 0 && spoken.returned === 0)
    stops.push({ direction: forth, tally: spoken, at: 'spoken' })
  // The other end did get what was said, and said the protocol in answer.
  if (isTried(answered) && reached(answered) && answered.returned === 0) {
    stops.push({ direction: back, tally: answered, at: 'answered' })
  }
  return stops
}

function isTried({ tries, established }: ExchangeTally): boolean {
  return tries >= LEAST_TRIES && established === tries
}

function reached({ tries, arrived }: ExchangeTally): boolean {
  return arrived !== null && arrived >= tries - MOST_LOST
}

function passes(neutral: ExchangeTally): boolean {
  return neutral.tries >= LEAST_TRIES && neutral.returned >= neutral.tries - MOST_LOST && reached(neutral)
}

function isHeldFor({ opener, purpose, transport, port, family }: ProtocolExchangeFact, endpoint: EndpointKey): boolean {
  const isIts = endpoint.transport === transport && endpoint.port === port && endpoint.family === family
  return opener === 'vantage' && purpose === 'endpoint' && isIts
}

function isUnheard({ tries, established, answered }: EvidenceFor<'protocol-answer'>['value']): boolean {
  return tries >= LEAST_TRIES && established === tries && answered === 0
}

/**
 * Other packets of strangers come in as far as the port, and answers get past this host's own rules, so that nothing but
 * what they carry stops those of the protocol. What came in from the wire alone may have been stopped by this host.
 */
function isOpenToOthers({ wayIn, dials, rules }: EndpointFinding): boolean {
  if (wayIn === 'yes') return true
  const isLetThrough =
    rules === undefined || [rules.value.inbound, rules.value.answer].every(({ kind }) => kind === 'accept')
  return isLetThrough && dials.some(({ dial }) => dial.value.arrival.passed === 'yes')
}

function isAbout(rules: EvidenceFor<'flow-rules'>['value'], exchange: ProtocolExchangeFact): boolean {
  return rules.opener === exchange.opener && rules.transport === exchange.transport && rules.port === exchange.port
}

/** This host's own rules may look into packets as well; undefined where they are known to let these through. */
function whoseFilter(rules: EvidenceFor<'flow-rules'> | undefined, stops: readonly Stop[]): Message | undefined {
  if (rules === undefined) return message('settled-by.run-as-root')
  const passes = stops.every(({ direction }) => rules.value[direction].kind === 'accept')
  return passes ? undefined : message('settled-by.trace-rules')
}

/** How it is done: connections broken off by resets, bytes cut, or packets lost. */
function howParams({ transport }: ProtocolExchangeFact, stops: readonly Stop[]): Record<string, number> {
  const isReset = transport === 'tcp' && stops.every(({ tally }) => tally.resets === tally.tries)
  const isCut = stops.every(({ tally, at }) => at === 'spoken' && tally.partly === tally.tries)
  const directions = new Set(stops.map(({ direction }) => direction))
  return {
    ...(isReset ? { reset: 1 } : isCut ? { cut: 1 } : { lost: 1 }),
    ...(directions.has('in') && { inwards: 1 }),
    ...(directions.has('out') && { outwards: 1 }),
  }
}
