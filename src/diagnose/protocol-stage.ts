import type { Answer } from '../model/answer.ts'
import { type EndpointKey, endpointName, type Transport } from '../model/endpoint.ts'
import type { ExchangeTally, FilterMemoryTally, ProtocolExchangeFact } from '../model/evidence.ts'
import { type Message, type MessageParams, message } from '../model/message.ts'
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
  const claims = findings.of('protocol-exchange').flatMap((exchange): readonly Claim[] => {
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
    const settledBy = whoseFilter(
      rules,
      stops.map(({ direction }) => direction),
    )
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
  return claims.map((claim) => ({
    ...claim,
    params: joined(claims.filter(({ subject }) => subject === claim.subject)),
  }))
}

/** What flows that began here show of one direction, and those that began outside of the other, is said in one sentence. */
function joined(claims: readonly Claim[]): MessageParams {
  const all: Record<string, MessageParams[string]> = Object.assign({}, ...claims.map(({ params }) => params))
  const how = (direction: Stop['direction']) => HOWS.find((each) => all[`${direction}-${each}`] !== undefined)
  const [into, out] = [how('in'), how('out')]
  const isAlike = into !== undefined && into === out
  const ways = [
    ...(isAlike ? [`both-${into}`] : []),
    ...(!isAlike && into ? [`in-${into}`] : []),
    ...(!isAlike && out ? [`out-${out}`] : []),
  ]
  const others = Object.entries(all).filter(([name]) => !/^(in|out)-/.test(name))
  return { ...Object.fromEntries(others), ...Object.fromEntries(ways.map((way) => [way, 1])) }
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

export function isAbout(
  rules: EvidenceFor<'flow-rules'>['value'],
  exchange: Pick<ProtocolExchangeFact, 'opener' | 'transport' | 'port'>,
): boolean {
  return rules.opener === exchange.opener && rules.transport === exchange.transport && rules.port === exchange.port
}

/** This host's own rules may look into packets as well; undefined where they are known to let these through. */
export function whoseFilter(
  rules: EvidenceFor<'flow-rules'> | undefined,
  directions: readonly Stop['direction'][],
): Message | undefined {
  if (rules === undefined) return message('settled-by.run-as-root')
  const passes = directions.every((direction) => rules.value[direction].kind === 'accept')
  return passes ? undefined : message('settled-by.trace-rules')
}

/**
 * How it is done: connections broken off by resets, bytes cut, or packets lost; for each direction where it is not the same in
 * both. And where in a flow.
 */
function howParams({ transport, memory }: ProtocolExchangeFact, stops: readonly Stop[]): Record<string, number> {
  const hows = stops.map((stop) => howOf(transport, stop))
  const spokenOut = stops.some(({ direction, at }) => direction === 'out' && at === 'spoken')
  return {
    ...Object.fromEntries(stops.map(({ direction }, index) => [`${direction}-${hows[index]}`, 1])),
    ...(spokenOut && memory !== null && memoryParams(memory)),
  }
}

/** Where several are seen, the one that is the hardest to take for anything else. */
const HOWS = ['reset', 'cut', 'lost'] as const

function howOf(transport: Transport, { tally, at }: Stop): (typeof HOWS)[number] {
  if (transport === 'tcp' && tally.resets === tally.tries) return 'reset'
  return (at === 'spoken' ? tally.partly : tally.cutBack) === tally.tries ? 'cut' : 'lost'
}

/** As before: all but one at most are alike. */
function memoryParams({ later, rest }: NonNullable<ProtocolExchangeFact['memory']>): Record<string, number> {
  const passes = ({ tries, passed }: FilterMemoryTally) => passed >= tries - MOST_LOST
  return {
    ...(passes(later) ? { 'first-packet': 1 } : later.passed === 0 && { 'every-packet': 1 }),
    ...(rest !== null && (passes(rest) ? { 'rest-passes': 1 } : rest.passed === 0 && { 'rest-stopped': 1 })),
  }
}
