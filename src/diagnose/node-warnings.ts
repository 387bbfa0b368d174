import { endpointName } from '../model/endpoint.ts'
import type { NodePeersFact } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import type { Warning } from '../model/obstacle.ts'
import type { EvidenceFor, Findings } from './findings.ts'
import { dialledByNeighbour } from './strangers-way.ts'

/** What is wrong with the node itself, beside the way to it. */
export function nodeWarnings(findings: Findings): readonly Warning[] {
  return [...exposedPorts(findings), ...fewPeers(findings)]
}

/** Somebody outside dialled a port of administration, and the connection came to this host. */
function exposedPorts(findings: Findings): readonly Warning[] {
  const ports = findings.of('node')[0]?.value.adminPorts ?? []
  return ports.flatMap(({ port, service, isPublished }): readonly Warning[] => {
    const reached = findings.of('dial-back').filter((dial) => dial.value.port === port && isReached(findings, dial))
    const [first] = reached
    if (first === undefined) return []
    const isKnown = reached.every(({ value }) => !value.sourceClean)
    const params = {
      endpoints: [...new Set(reached.map(({ value }) => endpointName(value)))].join(', '),
      service,
      known: isKnown ? 1 : null,
      published: isPublished ? 1 : null,
    }
    const evidence = [findings.of('node')[0]!, ...reached].map(({ id }) => id)
    return [{ id: 'admin-port-exposed', evidence, text: message('warning.admin-port-exposed', params) }]
  })
}

/** A handshake alone may be another box's: the packets must have come in, and past this host's filters. */
function isReached(findings: Findings, { value }: EvidenceFor<'dial-back'>): boolean {
  const { purpose, outcome, arrival } = value
  const cameIn = arrival.passed === 'yes' || (arrival.wire === 'yes' && arrival.how === 'connection-table')
  return purpose === 'admin' && outcome === 'connected' && cameIn && !dialledByNeighbour(findings, value)
}

function fewPeers(findings: Findings): readonly Warning[] {
  return findings.of('node-peers').flatMap(({ id, value }): readonly Warning[] => {
    if (!hasFew(value)) return []
    const { part, peers, inbound, wanted, outboundQuota } = value
    const text = message('warning.few-peers', {
      part,
      peers,
      min: wanted?.min,
      max: wanted?.max,
      // With no more than those that it dials itself, it is not said that anybody came in.
      quota: outboundQuota !== null && peers <= outboundQuota ? outboundQuota : null,
      alone: inbound === 0 && peers > 0 ? 1 : null,
    })
    return [{ id: 'few-peers', evidence: [id], text }]
  })
}

function hasFew({ peers, wanted, outboundQuota }: NodePeersFact): boolean {
  return (wanted !== null && peers < wanted.min) || (outboundQuota !== null && peers <= outboundQuota)
}
