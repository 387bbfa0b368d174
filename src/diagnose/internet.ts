import type { Family } from '../model/endpoint.ts'
import { parseAddress, scopeOf } from '../model/ip.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'
import { isIntercepted } from './interception.ts'
import type { EndpointFinding } from './judge-endpoint.ts'

const SILENT_CONTROL = new Set(['timed-out', 'not-asked', 'unreachable'])

/**
 * `no-internet`: this host has no default route, or its vantages, resolvers and the other servers asked were all silent
 * after three tries. Any reset, ICMP error, NXDOMAIN or answer disproves it, and a silent vantage alone proves nothing.
 */
export function internetClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  const families: readonly Family[] = ['ipv4', 'ipv6']
  return families.flatMap((family): readonly Claim[] => {
    const asked = endpoints.filter((endpoint) => endpoint.family === family)
    if (asked.length === 0 || somebodyAnswered(findings, family)) return []
    const facts = findings.of('addresses')[0]
    const hasRoute = facts?.value.defaultRoutes.some((route) => route.family === family)
    if (facts !== undefined && hasRoute === false)
      return [{ id: 'no-internet', endpoints: asked, evidence: ids([facts]), params: { 'no-route': 1, family } }]
    // Whoever answers in everybody's place is somebody on a line that lives.
    if (lineGoesOn(findings, family) || isIntercepted(findings, family)) return []
    const silent = allSilent(findings, family)
    return silent === null ? [] : [{ id: 'no-internet', endpoints: asked, evidence: silent }]
  })
}

function somebodyAnswered(findings: Findings, family: Family): boolean {
  const vantage = findings
    .inFamily('vantage', family)
    .some(
      ({ value }) => !SILENT_CONTROL.has(value.control) || value.stun === 'answered' || value.stun === 'error-answer',
    )
  return vantage || findings.inFamily('external-address', family).length > 0
}

/**
 * Do boxes beyond the provider's first one answer? One global address may be the provider's own box at the end of a
 * line that leads nowhere; two show that the line goes on.
 */
function lineGoesOn(findings: Findings, family: Family): boolean {
  const hops = findings.inFamily('hops', family).flatMap(({ value }) => value.hops)
  const far = hops.flatMap(({ address }) => (address !== null && scopeOf(address) === 'global' ? address : []))
  return new Set(far).size >= 2
}

/** Ids of the evidence when every server was asked and none answered; null when that is not so. */
function allSilent(findings: Findings, family: Family): readonly string[] | null {
  const vantages = findings.inFamily('vantage', family).filter(({ value }) => SILENT_CONTROL.has(value.control))
  const internet = findings.of('internet').filter(({ value }) => value.asked.some((one) => one.family === family))
  const asked = internet.flatMap(({ value }) => value.asked.filter((one) => one.family === family))
  const beside = asked.filter(({ what }) => what !== 'vantage')
  // Resolvers of the own network may be dead, or misspelt, on a line that lives; without a vantage nobody else was asked.
  const afar = beside.filter(({ server }) => isAfar(server))
  if (beside.length === 0 || (vantages.length === 0 && afar.length < 2)) return null
  if (asked.some(({ outcome, tries }) => outcome !== 'silent' || tries < 3)) return null
  return ids([...vantages, ...internet])
}

function isAfar(server: string): boolean {
  const address = parseAddress(server.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
  return address !== undefined && scopeOf(address) === 'global'
}
