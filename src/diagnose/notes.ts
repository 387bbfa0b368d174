import type { Container } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { Findings } from './findings.ts'
import { dialledByNeighbour, type EndpointFinding, handshakesForEverybody } from './judge-endpoint.ts'

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
export function notesFor(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Message[] {
  const notes: Message[] = []
  const given = findings.of('vantage').filter(({ value }) => value.origin === 'user')
  for (const { value } of given) notes.push(...contactNote(value.control, value.kind, value.name))
  const neighbours = findings.of('dial-back').filter(({ value }) => dialledByNeighbour(findings, value))
  for (const { value } of neighbours) notes.push(message('note.vantage-in-own-network', { name: value.vantage }))
  if (endpoints.length === 0) notes.push(message('note.no-endpoints'))
  if (given.length === 0) notes.push(message('note.no-vantage', { ports: portFlags(endpoints) }))
  if (endpoints.some(({ caveats }) => caveats.includes('vantages-disagree')))
    notes.push(message('note.vantages-disagree'))
  if (endpoints.some(({ family }) => handshakesForEverybody(findings, family))) {
    notes.push(message('note.handshake-proves-nothing'))
  }
  for (const { port } of endpoints.filter(isAnsweredByProxy)) notes.push(message('note.proxy-answers', { port }))
  const quiet = endpoints.filter((one) => one.transport === 'udp' && one.wayIn === 'unknown' && one.dials.length > 0)
  if (quiet.length > 0) notes.push(message('note.no-answer-from-node-udp', { port: quiet[0]!.port }))
  for (const { container: part } of endpoints) {
    if (part?.role === 'apart') notes.push(apartNote(part.container))
  }
  if (looksWithoutRoot(findings, endpoints)) notes.push(message('note.not-root'))
  return unique(notes)
}

/** A proxy took the connection, and that is all that is known. */
function isAnsweredByProxy({ transport, wayIn, container, dials }: EndpointFinding): boolean {
  const isProxied = container?.role === 'serves' && container.through === 'proxy' && container.inside !== 'none'
  const connected = dials.some(({ dial }) => dial.value.outcome === 'connected')
  return transport === 'tcp' && isProxied && wayIn === 'unknown' && connected
}

function apartNote({ name, networks }: Container): Message {
  const addresses = networks.flatMap((network) => network.addresses)
  return message('note.container-own-address', { container: name, addresses: addresses.join(', ') || null })
}

/** Nothing counted what arrived, or the firewall's rules may not be read. */
function looksWithoutRoot(findings: Findings, endpoints: readonly EndpointFinding[]): boolean {
  const refused = findings.of('rule-sources').some(({ value }) => value.access === 'not-permitted')
  const uncounted = ({ dials }: EndpointFinding) =>
    dials.length > 0 && dials.every(({ dial }) => dial.value.arrival.how !== 'counters')
  return refused || endpoints.some(uncounted)
}

function contactNote(control: string, kind: string, name: string): readonly Message[] {
  if (kind === 'stun') return [message('note.vantage-only-stun', { name })]
  if (!(control in CONTACT_NOTES)) return []
  return [message(CONTACT_NOTES[control as keyof typeof CONTACT_NOTES], { name })]
}

/** `--port udp/4001 --port tcp/4001`, as the operator would type it again. */
function portFlags(endpoints: readonly EndpointFinding[]): string {
  return [...new Set(endpoints.map(({ transport, port }) => `--port ${transport}/${port}`))].join(' ')
}

function unique(notes: readonly Message[]): readonly Message[] {
  const seen = new Map(notes.map((note) => [JSON.stringify(note), note]))
  return [...seen.values()]
}
