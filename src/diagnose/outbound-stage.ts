import type { Family } from '../model/endpoint.ts'
import { type Message, message } from '../model/message.ts'
import { isStopped } from '../model/rule-place.ts'
import type { Claim } from './claim.ts'
import { type EvidenceFor, type Findings, ids } from './findings.ts'
import type { EndpointFinding } from './judge-endpoint.ts'

/**
 * The way out. Only a vantage that says "I listened there and nothing came" proves that something stopped it; silence
 * from a port that may be closed proves nothing.
 */
export function outboundClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  const families: readonly Family[] = ['ipv4', 'ipv6']
  return families.flatMap((family) => {
    const asked = findings.inFamily('outbound', family).filter(({ value }) => value.listening === 'yes')
    const udp = asked.filter(({ value }) => value.transport === 'udp')
    const stuckUdp = udp.filter(isStuck)
    // One port may be blocked alone; that none gets out takes at least two, and nobody anywhere who answers.
    const noUdpAtAll = stuckUdp.length >= 2 && !udp.some(gotOut) && !anyUdpAnswered(findings, family)
    const claims: Claim[] = []
    if (noUdpAtAll) claims.push(noUdp(findings, family, stuckUdp, endpoints))
    const somethingGetsOut = asked.some(gotOut) || controlAnswered(findings, family)
    const stuck = asked.filter((one) => isStuck(one) && !(noUdpAtAll && one.value.transport === 'udp'))
    if (somethingGetsOut) claims.push(...blockedPorts(findings, stuck, asked.filter(gotOut)))
    return claims
  })
}

/** Whose block is it? What this host's own rules stop is none of the provider's; where they could not be judged it is open. */
function blockedPorts(
  findings: Findings,
  stuck: readonly EvidenceFor<'outbound'>[],
  gotOut: readonly EvidenceFor<'outbound'>[],
): readonly Claim[] {
  const ownRules = ({ value }: EvidenceFor<'outbound'>) =>
    findings
      .inFamily('own-rules', value.family)
      .find(({ value: own }) => own.transport === value.transport && own.port === value.port)
  const claim = (some: readonly EvidenceFor<'outbound'>[], settledBy?: Message): readonly Claim[] => {
    if (some.length === 0) return []
    const ports = some.map(({ value }) => `${value.transport.toUpperCase()} ${value.port}`)
    return [
      {
        id: 'provider-blocks-outbound-port',
        endpoints: [],
        evidence: ids([...some, ...some.map(ownRules), ...gotOut]),
        params: { ports: [...new Set(ports)].join(', ') },
        ...(settledBy && { settledBy }),
      },
    ]
  }
  const beyond = stuck.filter((one) => !isStopped(ownRules(one)?.value.fate))
  // The kernel tells whoever sends UDP when a rule of its own drops it; of a TCP connection it says nothing.
  const isProven = (one: EvidenceFor<'outbound'>) =>
    one.value.transport === 'udp' || ownRules(one)?.value.fate.kind === 'accept'
  return [
    ...claim(beyond.filter(isProven)),
    ...claim(
      beyond.filter((one) => !isProven(one)),
      message('settled-by.run-as-root'),
    ),
  ]
}

function noUdp(
  findings: Findings,
  family: Family,
  stuck: readonly EvidenceFor<'outbound'>[],
  endpoints: readonly EndpointFinding[],
): Claim {
  // Who lets no flow out may let answers out. It stops an endpoint where a dial came in, and the answer went nowhere; where a
  // closed port was told of, an answer did get out. A node may have been sent what it does not answer: our own answer is meant.
  const answersLost = findings.otherDials('comparison', 'udp', family).some(isUnanswered)
  const stopped = endpoints.filter(
    (one) =>
      one.family === family &&
      one.transport === 'udp' &&
      one.wayIn === 'no' &&
      one.dials.some(({ dial }) => isUnanswered(dial) && (answersLost || dial.value.holder === 'peerway')),
  )
  return {
    id: 'provider-blocks-outbound-udp',
    endpoints: stopped,
    evidence: ids([
      ...stuck,
      ...findings.inFamily('vantage', family).filter(({ value }) => value.control === 'answered'),
    ]),
  }
}

function isUnanswered({ value }: EvidenceFor<'dial-back'>): boolean {
  return value.arrival.passed === 'yes' && value.outcome === 'silent'
}

function isStuck({ value }: EvidenceFor<'outbound'>): boolean {
  return value.arrived === 'no' && value.outcome !== 'answered' && value.outcome !== 'not-permitted'
}

/** A handshake alone may be the work of somebody on the way. */
function gotOut({ value }: EvidenceFor<'outbound'>): boolean {
  return value.arrived === 'yes' || (value.transport === 'udp' && value.outcome === 'answered')
}

function anyUdpAnswered(findings: Findings, family: Family): boolean {
  const resolver = findings
    .of('internet')
    .some(({ value }) =>
      value.asked.some((one) => one.family === family && one.what !== 'vantage' && one.outcome === 'answered'),
    )
  return findings.inFamily('external-address', family).length > 0 || resolver
}

function controlAnswered(findings: Findings, family: Family): boolean {
  return findings.inFamily('vantage', family).some(({ value }) => value.control === 'answered')
}
