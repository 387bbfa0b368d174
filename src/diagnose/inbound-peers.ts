import type { EndpointKey } from '../model/endpoint.ts'
import type { EvidenceFor, Findings } from './findings.ts'

/**
 * Peers that dialled the node at this endpoint from the Internet, as the node tells; undefined where that is not known.
 *
 * They show that somebody gets in, and not that strangers do: this host may have spoken to them before. A node that goes
 * by relays, or finds itself private, may have opened the way to each of them by itself (hole punching), so there they show nothing.
 */
export function inboundPeers(
  findings: Findings,
  { transport, family, port }: EndpointKey,
): EvidenceFor<'node-peers'> | undefined {
  const ports = findings.of('node')[0]?.value.ports.filter((one) => one.transport === transport) ?? []
  // Of several ports it is not known which one they came to.
  if (ports.length !== 1 || ports[0]!.port !== port || mayPunchHoles(findings)) return undefined
  return findings
    .of('node-peers')
    .find(({ value }) => value.fromOutside?.some((one) => one.transport === transport && one.family === family))
}

function mayPunchHoles(findings: Findings): boolean {
  const announced = findings.of('node-addresses').flatMap(({ value }) => value.announced)
  const opinions = findings.of('node-opinion').map(({ value }) => value)
  return announced.some(({ isDirect }) => !isDirect) || opinions.some(({ answer }) => answer === 'no')
}
