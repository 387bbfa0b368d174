import { endpointName, type Family } from '../model/endpoint.ts'
import type { Container, DialBackFact, VantageFact } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { Findings } from './findings.ts'
import { findFlowBoxes } from './flow-boxes.ts'
import { idleTcpNotes } from './idle-tcp.ts'
import { interceptionNotes, isIntercepted } from './interception.ts'
import { eatenByHost } from './judge-dial.ts'
import { type EndpointFinding, handshakesForEverybody } from './judge-endpoint.ts'
import { announcesAfterRestart } from './node-announces.ts'
import { blackHoleNotes } from './path-mtu.ts'
import { anothersAddress, dialledByAnotherWay, dialledByNeighbour, otherPublicAddress } from './strangers-way.ts'
import type { Translators } from './translators.ts'

const CONTACT_NOTES = {
  'timed-out': 'note.vantage-silent',
  unreachable: 'note.vantage-silent',
  refused: 'note.vantage-refused',
  reset: 'note.vantage-refused',
  'not-a-vantage': 'note.vantage-not-speaking',
  'violated-protocol': 'note.vantage-violated-protocol',
  'name-not-found': 'note.vantage-name-not-found',
} as const satisfies Record<string, string>

/** What the operator should know beside the verdict: why it is unknown, and how to get a proof. */
export function notesFor(
  findings: Findings,
  endpoints: readonly EndpointFinding[],
  translators: Translators,
): readonly Message[] {
  const notes: Message[] = []
  const given = findings.of('vantage').filter(({ value }) => value.origin === 'user')
  for (const { value } of given) notes.push(...contactNote(findings, value))
  for (const { value } of findings.of('dial-back')) notes.push(...dialNote(findings, value))
  notes.push(...familyNote(findings, endpoints))
  if (endpoints.length === 0) notes.push(message('note.no-endpoints'))
  if (given.length === 0) notes.push(message('note.no-vantage', { ports: portFlags(endpoints) }))
  if (endpoints.some(({ caveats }) => caveats.includes('vantages-disagree')))
    notes.push(message('note.vantages-disagree'))
  if (endpoints.some(({ family }) => handshakesForEverybody(findings, family))) {
    notes.push(message('note.handshake-proves-nothing'))
  }
  for (const { port } of endpoints.filter(isAnsweredByProxy)) notes.push(message('note.proxy-answers', { port }))
  const quiet = endpoints.filter(
    (one) => one.transport === 'udp' && one.wayIn === 'unknown' && one.dials.some(({ dial }) => isUnheard(dial.value)),
  )
  if (quiet.length > 0) notes.push(message('note.no-answer-from-node-udp', { port: quiet[0]!.port }))
  const resting = endpoints.filter(({ process }) => process === 'between-clients')
  if (resting.length > 0) notes.push(restingNote(findings, resting))
  for (const { container: part } of endpoints) {
    if (part?.role === 'apart') notes.push(apartNote(part.container))
  }
  notes.push(...interceptionNotes(findings))
  notes.push(...blackHoleNotes(findings))
  if (announcesAfterRestart(findings, endpoints)) notes.push(message('note.restart-node'))
  for (const family of ['ipv4', 'ipv6'] as const) notes.push(...flowNotes(findings, family, translators))
  notes.push(...idleTcpNotes(findings))
  if (looksWithoutRoot(findings, endpoints)) notes.push(message('note.not-root'))
  return unique(notes)
}

/** Who forgets idle flows on the way, where that was measured, and how many of them translate. */
function flowNotes(findings: Findings, family: Family, translators: Translators): readonly Message[] {
  const flows = findFlowBoxes(findings, family)
  if (flows === undefined) return []
  const { boxes, isComplete, waitedSeconds, keptFromOutside, keptFromInside } = flows
  const shown = boxes.map(({ hop, lifetime }) => {
    return lifetime === null ? `${hop}` : `${hop} (${lifetime.livedSeconds}\u2013${lifetime.diedSeconds} s)`
  })
  const note = message(boxes.length === 0 ? 'note.no-flow-boxes' : 'note.flow-boxes', {
    family,
    boxes: shown.join(', ') || null,
    waited: waitedSeconds,
    complete: isComplete ? 1 : null,
  })
  const count = family === 'ipv4' && boxes.some(({ hop }) => hop > 0) ? translatorNote(translators) : []
  if (keptFromOutside === undefined || keptFromInside === undefined) return [note, ...count]
  const sides = { ...(keptFromInside && { inside: 1 }), ...(keptFromOutside && { outside: 1 }) }
  return [note, ...count, message('note.flows-kept', { family, ...sides })]
}

/** A filter remembers flows too. */
function translatorNote(translators: Translators): readonly Message[] {
  if (translators.kind === 'unknown') return []
  if (translators.kind === 'none') return [message('note.flow-boxes-translate', { count: 0 })]
  const { count, least, most } = translators
  return [message('note.flow-boxes-translate', count === null ? { least, most } : { count })]
}

/** A proxy took the connection, and that is all that is known. */
function isAnsweredByProxy({ transport, wayIn, container, dials }: EndpointFinding): boolean {
  const isProxied = container?.role === 'serves' && container.through === 'proxy' && container.inside !== 'none'
  const connected = dials.some(({ dial }) => dial.value.outcome === 'connected')
  return transport === 'tcp' && isProxied && wayIn === 'unknown' && connected
}

/** A node that listens only while somebody is with it: what is known is the way to its ports. */
function restingNote(findings: Findings, resting: readonly EndpointFinding[]): Message {
  const range = findings.of('node')[0]?.value.onDemand
  const open = resting.filter(({ wayIn }) => wayIn === 'yes').map(endpointName)
  return message('note.listens-on-demand', {
    first: range?.first,
    last: range?.last,
    endpoints: open.join(', ') || null,
  })
}

function apartNote({ name, networks }: Container): Message {
  const addresses = networks.flatMap((network) => network.addresses)
  return message('note.container-own-address', { container: name, addresses: addresses.join(', ') || null })
}

/** The firewall's rules may not be read, or, where nobody tried to, nothing counted what arrived. */
function looksWithoutRoot(findings: Findings, endpoints: readonly EndpointFinding[]): boolean {
  const sources = findings.of('rule-sources')
  if (sources.length > 0) return sources.some(({ value }) => value.access === 'not-permitted')
  return endpoints.some(
    ({ dials }) => dials.length > 0 && dials.every(({ dial }) => dial.value.arrival.how !== 'counters'),
  )
}

function contactNote(findings: Findings, { control, kind, name, family, address }: VantageFact): readonly Message[] {
  if (kind === 'stun') return [message('note.vantage-only-stun', { name })]
  if (address === null && control === 'not-asked') return [message('note.vantage-name-not-looked-up', { name })]
  // Where this host has no way out at all, the vantage is not to blame.
  const routes = findings.of('addresses')[0]?.value.defaultRoutes
  const isCutOff = control === 'unreachable' && routes?.some((route) => route.family === family) === false
  // Who answers in the vantage's place is told by another note.
  const isTaken = control === 'not-a-vantage' && isIntercepted(findings, family)
  if (!(control in CONTACT_NOTES) || isCutOff || isTaken) return []
  return [message(CONTACT_NOTES[control as keyof typeof CONTACT_NOTES], { name })]
}

/** No family that was asked about has a way out, and another one has. */
function familyNote(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Message[] {
  const facts = findings.of('addresses')[0]?.value
  const asked = new Set(endpoints.map(({ family }) => family))
  const hasRoute = (family: Family) => facts?.defaultRoutes.some((route) => route.family === family) === true
  const other = (['ipv4', 'ipv6'] as const).find((family) => !asked.has(family) && hasRoute(family))
  return other === undefined || [...asked].some(hasRoute)
    ? []
    : [message('note.no-vantage-of-family', { family: other })]
}

/** Nothing came back, and nothing shows that it did not come in. */
function isUnheard({ outcome, arrival }: DialBackFact): boolean {
  return outcome === 'silent' && arrival.wire !== 'no' && !eatenByHost(arrival)
}

/** Why a dial proves less than the operator may expect. */
function dialNote(findings: Findings, dial: DialBackFact): readonly Message[] {
  const { purpose, outcome, refusal, vantage: name } = dial
  if (purpose !== 'endpoint') return []
  if (outcome === 'not-dialled') return [message('note.vantage-did-not-dial', { name, refusal })]
  if (dialledByNeighbour(findings, dial)) return [message('note.vantage-in-own-network', { name })]
  if (dialledByAnotherWay(findings, dial)) return [message('note.vantage-by-another-way', { name })]
  const anothers = anothersAddress(findings, dial)
  if (anothers !== null) return [message('note.dialled-anothers-address', { address: anothers })]
  const address = otherPublicAddress(findings, dial)
  return address === null ? [] : [message('note.other-public-address', { address })]
}

/** `--port udp/4001 --port tcp/4001`, as the operator would type it again. */
function portFlags(endpoints: readonly EndpointFinding[]): string {
  return [...new Set(endpoints.map(({ transport, port }) => `--port ${transport}/${port}`))].join(' ')
}

function unique(notes: readonly Message[]): readonly Message[] {
  const seen = new Map(notes.map((note) => [JSON.stringify(note), note]))
  return [...seen.values()]
}
