import type { Family } from '../model/endpoint.ts'
import type { InterceptionFact, OutboundFact } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { EvidenceFor, Findings } from './findings.ts'

/** Who answers TCP in another's place, and what to do about it. It is no obstacle to strangers, and no evidence of them either. */
export function interceptionNotes(findings: Findings): readonly Message[] {
  const taken = findings.of('outbound').filter(({ value }) => isTaken(value))
  const portsOf = (some: typeof taken) => [...new Set(some.map(({ value }) => value.port))].join(', ')
  const redialled = findings.of('outbound').filter(({ value }) => isRedialled(value))
  return [
    ...findings.of('interception').map(({ value }) => noteOf(value)),
    ...(taken.length > 0 ? [message('note.connections-taken', { ports: portsOf(taken) })] : []),
    ...(redialled.length > 0 ? [message('note.connections-redialled', { ports: portsOf(redialled) })] : []),
  ]
}

/** Does somebody on the way answer in everybody's place? */
export function isIntercepted(findings: Findings, family: Family): boolean {
  return findings.inFamily('interception', family).some(({ value }) => value.whose === 'nobody')
}

/** Pages that boxes on the way opened to this host; none where somebody answers in others' place. */
export function routerPages(findings: Findings, family: Family): readonly EvidenceFor<'router-page'>[] {
  const isAnybodys =
    findings.inFamily('interception', family).length > 0 ||
    findings.inFamily('outbound', family).some(({ value }) => isTaken(value) || isRedialled(value))
  return isAnybodys ? [] : findings.inFamily('router-page', family)
}

function isTaken({ transport, outcome, arrived }: OutboundFact): boolean {
  return transport === 'tcp' && outcome === 'answered' && arrived === 'no'
}

/** None of several connections came from this host's address, and all were answered. */
function isRedialled({ transport, outcome, fromOthers }: OutboundFact): boolean {
  return transport === 'tcp' && outcome === 'answered' && fromOthers
}

function noteOf({ whose, family, asked }: InterceptionFact): Message {
  if (whose === 'closed') return message('note.handshakes-on-the-way', { family })
  const page = asked.find((one) => one.page !== null)?.page ?? null
  if (page === null) return message('note.answers-for-everybody', { family })
  return message('note.captive-portal', { family, location: page.location })
}
