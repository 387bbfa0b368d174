import type { Diagnosis } from '../model/diagnosis.ts'
import { formatEndpoint } from '../model/endpoint.ts'
import type { Evidence, ProbeName } from '../model/evidence.ts'
import { type MessageParams, message } from '../model/message.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import { VERSION } from '../model/version.ts'
import { evidenceText } from './evidence-text.ts'
import { isoTime } from './iso-time.ts'
import { type Language, renderMessage } from './render-message.ts'
import { wrap } from './wrap.ts'

/** Mail is read on every screen, and quoted: RFC 3676 §4.2 advises at most 78. */
const WIDTH = 72

/** Obstacles that the provider alone can take away, or is asked about first; each with its finding and its request. */
const OF_PROVIDER = [
  'carrier-nat',
  'double-nat',
  'provider-blocks-inbound-port',
  'provider-blocks-inbound-udp',
  'provider-blocks-inbound-tcp',
  'provider-blocks-outbound-udp',
  'provider-blocks-outbound-port',
  'provider-filters-protocol',
] as const satisfies readonly ObstacleId[]

/** What a provider can check in its own records; what this host says of itself is no business of its. */
const PROBES: readonly ProbeName[] = [
  'dial-back',
  'external-address',
  'outbound',
  'hops',
  'inbound-hops',
  'external-owner',
  'filter-hop',
]
const MOST_MEASUREMENTS = 12

export interface LetterContext {
  /** When the check began, as `isoTime` writes it. */
  readonly at: string
  readonly language: Language
}

type Say = (id: string, params?: MessageParams) => string

/**
 * A letter to the provider, ready to be mailed, with what was measured and a request for exactly what is needed; ends in a
 * newline. Undefined where nothing that was found is the provider's to change.
 */
export function renderLetter(diagnosis: Diagnosis, { at, language }: LetterContext): string | undefined {
  const theirs = OF_PROVIDER.flatMap((id) => diagnosis.obstacles.filter((obstacle) => obstacle.id === id))
  if (theirs.length === 0) return undefined
  const say: Say = (id, params = {}) => renderMessage(message(id, params), language)
  const stopped = [...new Set(theirs.flatMap(({ endpoints }) => endpoints))].join(', ')
  const own = diagnosis.obstacles.some((obstacle) => !theirs.includes(obstacle))
  const requests = [...new Set(theirs.map((obstacle) => say(`letter.ask.${obstacle.id}`, paramsOf(obstacle))))]
  const dialled = diagnosis.evidence.some(({ probe }) => probe === 'dial-back')
  const paragraphs = [
    // One line, however long: it is copied into a mail's own field.
    [say(`letter.subject.${subjectOf(theirs)}`, { endpoints: stopped })],
    [say('letter.salutation')],
    wrap(purpose(theirs, stopped, say), { width: WIDTH }),
    ...theirs.map((obstacle) => wrap(finding(obstacle, say), { width: WIDTH })),
    [say('letter.measured', { time: at }), ...measured(diagnosis, theirs, say, language)],
    wrap(say(dialled ? 'letter.method' : 'letter.method-from-inside', { version: VERSION }), { width: WIDTH }),
    [
      say(requests.length === 1 ? 'letter.request' : 'letter.requests'),
      ...requests.flatMap((request, index) =>
        wrap(request, { width: WIDTH, prefix: requests.length === 1 ? '  ' : `  ${index + 1}. ` }),
      ),
    ],
    wrap([say('letter.otherwise'), ...(own ? [say('letter.own-side')] : [])].join(' '), { width: WIDTH }),
    wrap(say('letter.closing'), { width: WIDTH }),
    [say('letter.name'), say('letter.customer-number'), say('letter.line')],
  ]
  return `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** A letter about one thing says so in its subject. */
function subjectOf(theirs: readonly Obstacle[]): string {
  const ids = [...new Set(theirs.map(({ id }) => id))]
  return ids.length === 1 && ids[0] !== undefined ? ids[0] : 'several'
}

/** What is only likely is not said to be shown; what only keeps the node from calling others stops no stranger. */
function purpose(theirs: readonly Obstacle[], endpoints: string, say: Say): string {
  const likely = theirs.every(({ certainty }) => certainty === 'likely') ? { likely: 1 } : {}
  return endpoints === '' ? say('letter.purpose-outbound') : say('letter.purpose', { endpoints, ...likely })
}

function finding(obstacle: Obstacle, say: Say): string {
  const found = say(`letter.found.${obstacle.id}`, paramsOf(obstacle))
  return obstacle.certainty === 'proven' ? found : `${say('letter.likely')} ${found}`
}

/** The parameters of its sentence, and the endpoints where that names none. */
function paramsOf({ text, endpoints }: Obstacle): MessageParams {
  return endpoints.length === 0 ? text.params : { endpoints: endpoints.join(', '), ...text.params }
}

function measured(diagnosis: Diagnosis, theirs: readonly Obstacle[], say: Say, language: Language): string[] {
  const { nat, endpoints, evidence } = diagnosis
  const outside = endpoints.flatMap(({ external }) => (external === null ? [] : [external.address]))
  const addresses = [...new Set([...nat.externalAddresses, ...outside])]
  const named = new Set(theirs.flatMap((obstacle) => obstacle.evidence))
  const seen = evidence.filter(({ id, probe }) => named.has(id) && PROBES.includes(probe))
  const facts = [
    ...(addresses.length === 0 ? [] : [say('letter.fact.external', { addresses: addresses.join(', ') })]),
    ...theirs.flatMap((obstacle) => placeOf(obstacle, evidence, say)),
    ...seen
      .flatMap((one) => measurement(one, say, language).map((text) => `${clockOf(one.atMs)} ${text}`))
      .slice(0, MOST_MEASUREMENTS),
  ]
  return facts.flatMap((fact) => wrap(fact, { width: WIDTH, prefix: '  - ' }))
}

/** A measurement in words that a provider's technicians use: a dial tells its end, and not how peerway listened. */
function measurement(one: Evidence, say: Say, language: Language): string[] {
  if (one.probe !== 'dial-back') return [renderMessage(evidenceText(one), language)]
  const { outcome, target, source, transport, attempts, arrival } = one.value
  if (outcome === 'not-dialled' || target === null) return []
  const from = source === null || source.port === 0 ? source?.address : formatEndpoint(source)
  const absent = arrival.wire === 'no' ? { absent: 1 } : {}
  const dial = { transport, target: formatEndpoint(target), attempts, ...(from === undefined ? {} : { source: from }) }
  return [say(`letter.dial.${outcome}`, { ...dial, ...absent })]
}

/** At which hop, as counted from this host, the box stands that an obstacle names. */
function placeOf({ text }: Obstacle, evidence: readonly Evidence[], say: Say): string[] {
  const { address } = text.params
  if (typeof address !== 'string') return []
  const hops = evidence.flatMap((one) => (one.probe === 'hops' ? one.value.hops : []))
  const hop = hops.find((each) => each.address === address)?.ttl
  return hop === undefined ? [] : [say('letter.fact.hop', { address, hop })]
}

/** `16:53:07 UTC` */
function clockOf(atMs: number): string {
  return `${isoTime(atMs).slice(11, 19)} UTC`
}
