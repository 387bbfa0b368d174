import { CAVEATS, type Diagnosis } from '../model/diagnosis.ts'
import { endpointName } from '../model/endpoint.ts'
import type { ProbeName } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import { OBSTACLE_STAGES, WARNING_IDS } from '../model/obstacle.ts'
import { REMEDY_IDS } from '../remedy/remedy-ids.ts'
import { evidenceText } from './evidence-text.ts'
import { gatewaySentence, natSentence } from './nat-sentence.ts'
import { type Language, renderMessage } from './render-message.ts'

/**
 * What a diagnosis says of one word of the reports, a sentence each: undefined for words that no check can say anything of,
 * none where it found no such thing.
 */
export function foundHere(word: string, diagnosis: Diagnosis, language: Language): readonly string[] | undefined {
  const render = (one: Message) => renderMessage(one, language)
  if (Object.hasOwn(OBSTACLE_STAGES, word)) return ofObstacle(word, diagnosis).map(render)
  if (includes(WARNING_IDS, word))
    return diagnosis.warnings.filter(({ id }) => id === word).map((one) => render(one.text))
  if (includes(REMEDY_IDS, word)) return ofRemedy(word, diagnosis).map(render)
  if (includes(CAVEATS, word)) return ofCaveat(word, diagnosis).map(render)
  const told = ofTerm(word, diagnosis, language)
  return told.length === 0 ? undefined : told
}

function includes(list: readonly string[], word: string): boolean {
  return list.includes(word)
}

/** The obstacle with this network's own numbers, and what it rests on. */
function ofObstacle(word: string, { obstacles, evidence }: Diagnosis): readonly Message[] {
  const found = obstacles.filter(({ id }) => id === word)
  const named = new Set(found.flatMap((one) => one.evidence))
  const seen = evidence.filter(({ id }) => named.has(id)).map(evidenceText)
  return [...found.map(({ text }) => text), ...seen]
}

function ofRemedy(word: string, { remedies }: Diagnosis): readonly Message[] {
  return remedies.filter(({ id }) => id === word).flatMap(({ text, steps }) => [text, ...steps])
}

function ofCaveat(word: string, { endpoints }: Diagnosis): readonly Message[] {
  const limited = endpoints.filter(({ caveats }) => caveats.some((caveat) => caveat === word))
  return limited.length === 0 ? [] : [message('explain.caveat', { endpoints: limited.map(endpointName).join(', ') })]
}

/** The probes that say something of a term. */
const PROBES_OF_TERMS: Readonly<Record<string, readonly ProbeName[]>> = {
  vantage: ['vantage'],
  'dial-back': ['dial-back'],
  stun: ['external-address'],
  'public-address': ['external-address'],
  'private-address': ['addresses'],
  firewall: ['host-rules', 'rule-sources'],
  'stateful-firewall': ['host-rules', 'filtering'],
  'docker-and-ufw': ['containers'],
  mapping: ['mapping'],
  filtering: ['filtering'],
  hairpinning: ['hairpinning'],
  'port-preservation': ['port-preservation'],
  hop: ['hops', 'inbound-hops', 'external-owner'],
  upnp: ['gateways'],
  pcp: ['gateways'],
  'nat-pmp': ['gateways'],
}
const OF_NAT = ['nat', 'source-nat', 'cone-nat']
const OF_GATEWAYS = ['upnp', 'pcp', 'nat-pmp']
const OF_LIFETIME = ['connection-table', 'keepalive']

function ofTerm(word: string, { nat, gateways, evidence }: Diagnosis, language: Language): readonly string[] {
  if (OF_NAT.includes(word)) return [natSentence(nat, language)].filter((one) => one !== undefined)
  if (OF_LIFETIME.includes(word)) {
    const seconds = nat.udpLifetimeSeconds
    return seconds === null ? [] : [renderMessage(message('explain.lifetime', { seconds }), language)]
  }
  const probes = Object.hasOwn(PROBES_OF_TERMS, word) ? PROBES_OF_TERMS[word] : undefined
  if (probes === undefined) return []
  const opened = OF_GATEWAYS.includes(word) ? gateways.map((each) => gatewaySentence(each, language)) : []
  const seen = evidence.filter(({ probe }) => probes.includes(probe))
  return [
    ...opened.filter((one) => one !== undefined),
    ...seen.map((one) => renderMessage(evidenceText(one), language)),
  ]
}
