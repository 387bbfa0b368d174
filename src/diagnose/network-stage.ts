import { type Address, endpointName, type Family, type Transport } from '../model/endpoint.ts'
import type { AddressesFact } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import type { Claim } from './claim.ts'
import { customerRouter } from './customer-router.ts'
import { type EvidenceFor, type Findings, ids } from './findings.ts'
import { arrived } from './judge-dial.ts'
import { type EndpointFinding, handshakesForEverybody, rulesLetIn } from './judge-endpoint.ts'
import type { Translators } from './translators.ts'

/**
 * What stops a stranger before this host: a translator, a router's filter, or the provider's policy.
 *
 * Only endpoints whose dial never reached this host are asked about. Without counters that is not known: then the
 * host's own firewall is not excluded, and everything said here is `likely`.
 */
export function networkClaims(
  findings: Findings,
  endpoints: readonly EndpointFinding[],
  translators: Translators,
): readonly Claim[] {
  const stopped = endpoints.filter((endpoint) => endpoint.wayIn === 'no' && !seenOnTheWire(endpoint))
  const sources = findings.of('addresses')[0]?.value.source
  const stoppedClaims = stopped.flatMap((endpoint) => {
    const translated = endpoint.family === 'ipv4' && translators.kind === 'some'
    // Whoever completes every handshake stands before everything else, and hides it; unless he lets nothing pass.
    const isHidden = translated || !neverArrived(endpoint)
    if (endpoint.transport === 'tcp' && isHidden && handshakesForEverybody(findings, endpoint.family)) return []
    const elsewhere = elsewhereClaim(findings, endpoint, translators)
    if (elsewhere !== null) return [elsewhere]
    if (translated) return translatorClaims(findings, endpoint, translators)
    if (endpoint.family === 'ipv4' && translators.kind === 'unknown') return []
    return filterClaims(findings, endpoint, endpoints)
  })
  return stoppedClaims.map((claim) => ({ ...claim, params: { ...internalParams(claim, sources), ...claim.params } }))
}

function seenOnTheWire(endpoint: EndpointFinding): boolean {
  return endpoint.dials.some(({ dial }) => arrived(dial.value))
}

/** Counters looked, and nothing of the dial came: this host's own rules had nothing to eat. */
function neverArrived(endpoint: EndpointFinding): boolean {
  return endpoint.dials.some(({ dial }) => dial.value.arrival.how === 'counters' && dial.value.arrival.wire === 'no')
}

/**
 * Could this host itself have stopped the dial? Not when it never came, nor when somebody holds the port, the rules let
 * strangers in and answers out, and all was silent.
 */
function hostExcluded(endpoint: EndpointFinding): boolean {
  const isHeld = ({ value }: EvidenceFor<'dial-back'>) =>
    value.holder === 'peerway' || (value.holder === 'node' && endpoint.process === 'listening')
  const silentlyLost = endpoint.dials.some(({ dial }) => dial.value.outcome === 'silent' && isHeld(dial))
  return neverArrived(endpoint) || (rulesLetIn(endpoint) && silentlyLost)
}

/** Somebody answered in our place, on this port alone: the router sends it to another host or port. */
function elsewhereClaim(findings: Findings, endpoint: EndpointFinding, translators: Translators): Claim | null {
  const dials = endpoint.dials.filter(({ judgement }) => judgement === 'elsewhere')
  if (dials.length === 0 || translators.kind !== 'some' || endpoint.family !== 'ipv4') return null
  const vacant = findings.otherDials('vacant', 'tcp', endpoint.family)
  const neighbours = findings.otherDials('comparison', endpoint.transport, endpoint.family)
  const others = [...vacant, ...neighbours]
  const claim = {
    id: 'router-forward-elsewhere' as const,
    layer: translators.outermost.layer ?? 1,
    endpoints: [endpoint],
    evidence: ids([...dials.map(({ dial }) => dial), ...others]),
    params: externalParams(endpoint),
  }
  const answered = others.some(
    ({ value }) => value.greeting !== 'nonce' && ['connected', 'answered'].includes(value.outcome),
  )
  // A carrier is no router of the customer's, and a handshake without a word may be that of a filter on this port alone.
  const isRouter = translators.count === 1 && translators.outermost.stage === 'router'
  const spoke = endpoint.transport === 'udp' || dials.some(({ dial }) => dial.value.greeting !== null)
  if (others.length === 0 || answered || !isRouter || !spoke) {
    return { ...claim, settledBy: message('settled-by.router-table') }
  }
  // Without its rules this host itself may pass the port on, to a guest.
  const rulesKnown = endpoint.rules !== undefined || endpoint.listeners?.value.redirected === 'no'
  const heldByUs = dials.every(({ dial }) => dial.value.holder === 'peerway')
  return rulesKnown || heldByUs ? claim : { ...claim, settledBy: message('settled-by.run-as-root') }
}

function translatorClaims(
  findings: Findings,
  endpoint: EndpointFinding,
  translators: Extract<Translators, { kind: 'some' }>,
): readonly Claim[] {
  const dials = endpoint.dials.map(({ dial }) => dial)
  const base = {
    endpoints: [endpoint],
    evidence: [...ids(dials), ...translators.evidence],
    params: { ...externalParams(endpoint), ...addressParams(translators.outermost.address) },
  }
  const { stage } = translators.outermost
  if (stage === 'carrier') return [{ ...base, id: 'carrier-nat' }]

  if (translators.count === 1) {
    const layer = translators.outermost.layer ?? 1
    const stray = strayClaim(findings, endpoint, { ...base, layer })
    if (stray !== null) return [stray]
    if (treatedApart(findings, endpoint)) {
      return [{ ...base, id: 'router-forward-elsewhere', layer, settledBy: message('settled-by.router-table') }]
    }
    const claim = { ...base, id: 'router-source-nat' as const, layer }
    if (!hostExcluded(endpoint)) {
      return [{ ...claim, settledBy: message('settled-by.run-as-root') }]
    }
    return [claim]
  }
  // Two translators, and one dial cannot tell which of them stopped it: a forwarding on the outer one alone looks the same.
  if (stage === 'router') {
    const layer = translators.outermost.layer ?? 2
    return [
      { ...base, id: 'double-nat', layer, settledBy: message('settled-by.router-table') },
      {
        ...base,
        id: 'router-source-nat',
        layer: 1,
        params: { ...externalParams(endpoint), ...addressParams(translators.firstRouter) },
        settledBy: message('settled-by.router-table'),
      },
    ]
  }
  const params = { ...externalParams(endpoint), ...addressParams(translators.firstRouter) }
  const settledBy = message('settled-by.router-page', params)
  const { layer } = translators.outermost
  if (layer !== null) return [{ ...base, id: 'double-nat', layer, settledBy }]
  // The first router says that the external address is not its own; else it may well be.
  return translators.firstDisowns
    ? [{ ...base, id: 'carrier-nat', settledBy }]
    : [{ ...base, id: 'router-source-nat', layer: 1, params, settledBy }]
}

/**
 * The dial came to this host after all, at a port that nobody dialled: the router forwards to the wrong port. Where
 * several ports of the transport were dialled in vain, it is not known whose packets they were.
 */
function strayClaim(findings: Findings, endpoint: EndpointFinding, base: Omit<Claim, 'id'>): Claim | null {
  const strayed = endpoint.dials.some(({ dial }) => (dial.value.arrival.strayPackets ?? 0) > 0)
  if (!strayed) return null
  const dials = findings.inFamily('dial-back', endpoint.family).map(({ value }) => value)
  const inVain = dials.filter(
    ({ transport, purpose, arrival }) =>
      transport === endpoint.transport && purpose === 'endpoint' && arrival.wire !== 'yes',
  )
  const ports = new Set(inVain.map(({ port }) => port))
  const claim = { ...base, id: 'router-forward-elsewhere' as const }
  return ports.size === 1 ? claim : { ...claim, settledBy: message('settled-by.router-table') }
}

/**
 * Does the router treat this port otherwise than its neighbours? When a port that peerway holds gets in (a DMZ), or when
 * its neighbours are refused and it is not, or the other way round, the router likely forwards it to another host or port.
 */
function treatedApart(findings: Findings, endpoint: EndpointFinding): boolean {
  const outcomes = endpoint.dials.map(({ dial }) => dial.value.outcome)
  const neighbours = findings.otherDials('comparison', endpoint.transport, endpoint.family).map(({ value }) => value)
  return neighbours.some(
    ({ greeting, outcome }) => greeting === 'nonce' || (outcome === 'refused') !== outcomes.includes('refused'),
  )
}

/** No translation on the way: a router's filter or the provider's policy, told apart by what else gets in. */
function filterClaims(
  findings: Findings,
  endpoint: EndpointFinding,
  endpoints: readonly EndpointFinding[],
): readonly Claim[] {
  const { family, transport } = endpoint
  const other: Transport = transport === 'udp' ? 'tcp' : 'udp'
  const same = waysIn(findings, endpoints, transport, family)
  const others = waysIn(findings, endpoints, other, family)
  const router = customerRouter(findings, family)
  const external = externalParams(endpoint)
  const evidence = [...ids(endpoint.dials.map(({ dial }) => dial)), ...same.evidence, ...others.evidence]
  const base = { endpoints: [endpoint], evidence, params: external }

  const nothingGetsIn = same.tried && others.tried && !same.open && !others.open
  const stop = nothingGetsIn ? filterBeforeHost(findings, family, router.state === 'yes') : 'policy'
  const asRoot = neverArrived(endpoint) ? undefined : message('settled-by.run-as-root')
  if (stop === 'router' || stop === 'router-likely') {
    const settledBy = asRoot ?? (stop === 'router' ? undefined : message('settled-by.router-page', external))
    return [
      {
        ...base,
        id: 'router-filter-drops-inbound',
        layer: 1,
        evidence: [...evidence, ...router.evidence, ...ids(findings.inFamily('inbound-hops', family))],
        params: { ...external, ...addressParams(router.address) },
        ...(settledBy && { settledBy }),
      },
      ...hostMayBeIt(endpoint),
    ]
  }
  const id = same.open ? 'provider-blocks-inbound-port' : (`provider-blocks-inbound-${transport}` as const)
  const settledBy =
    asRoot ??
    (router.state === 'yes' || stop === 'policy-likely'
      ? message('settled-by.router-table')
      : same.tried
        ? undefined
        : message('settled-by.another-vantage'))
  return [{ ...base, id, ...(settledBy && { settledBy }) }, ...hostMayBeIt(endpoint)]
}

/** Where nothing could look, this host's own firewall is as good a reading as any that stands before it. */
function hostMayBeIt(endpoint: EndpointFinding): readonly Claim[] {
  if (neverArrived(endpoint) || endpoint.rules !== undefined) return []
  const settledBy = message('settled-by.run-as-root')
  const evidence = ids(endpoint.dials.map(({ dial }) => dial))
  return [{ id: 'host-firewall-drops-inbound', endpoints: [endpoint], evidence, settledBy }]
}

/**
 * Nothing of either transport gets in, and nothing is translated: whose filter is it?
 *
 * A customer's router lets nobody in by default. Where none shows itself, the vantage's TTL-limited echo tells: when
 * this host itself answers it, a policy picks UDP and TCP out, as a provider's does; when the box next to this host is
 * the last that answers, that box, or the line to it, lets nothing pass.
 */
function filterBeforeHost(
  findings: Findings,
  family: Family,
  customerRouterSeen: boolean,
): 'router' | 'router-likely' | 'policy' | 'policy-likely' {
  const inbound = findings.inFamily('inbound-hops', family)[0]?.value.hops
  const outbound = findings.inFamily('hops', family)[0]?.value.hops ?? []
  if (inbound === undefined) return customerRouterSeen ? 'router' : family === 'ipv4' ? 'policy' : 'policy-likely'
  if (inbound.some(({ answer }) => answer === 'echo-reply')) {
    // A router that drops what nobody asked for lets echo requests in all the same where there is no translation (RFC 4890).
    if (customerRouterSeen) return family === 'ipv6' ? 'router' : 'router-likely'
    return family === 'ipv4' ? 'policy' : 'policy-likely'
  }
  const last = inbound.findLast(({ answer }) => answer === 'time-exceeded')
  const distance = outbound.find(({ answer }) => answer === 'echo-reply')?.ttl
  const endsBeside = last !== undefined && distance !== undefined && last.ttl === distance - 1
  if (customerRouterSeen) return endsBeside ? 'router' : 'router-likely'
  if (endsBeside && last.ttl > 1) return 'router-likely'
  // The one box between the vantage and this host is the provider's.
  return endsBeside && family === 'ipv4' ? 'policy' : 'policy-likely'
}

/**
 * Does any port of this transport get in, among those asked for and those that peerway held for comparison? What this
 * host's own rules dropped has come past everything outside.
 */
function waysIn(
  findings: Findings,
  endpoints: readonly EndpointFinding[],
  transport: Transport,
  family: Family,
): { open: boolean; tried: boolean; evidence: readonly string[] } {
  const compared = findings.otherDials('comparison', transport, family)
  const asked = endpoints.filter((one) => one.transport === transport && one.family === family)
  const open =
    compared.some(({ value }) => value.greeting === 'nonce' || arrived(value)) ||
    asked.some((one) => one.wayIn === 'yes' || seenOnTheWire(one))
  const dials = asked.flatMap((one) => one.dials.map(({ dial }) => dial))
  return { open, tried: compared.length > 0, evidence: ids([...compared, ...dials]) }
}

/** This host's own address, which a forwarding must name. */
function internalParams({ endpoints }: Claim, sources: AddressesFact['source'] | undefined): { internal?: string } {
  const family = endpoints[0]?.family
  const internal = family === undefined ? null : sources?.[family]
  return internal == null ? {} : { internal }
}

function externalParams(endpoint: EndpointFinding): { external?: string; endpoint: string } {
  const name = endpointName(endpoint)
  return endpoint.external === null ? { endpoint: name } : { endpoint: name, external: endpoint.external.address }
}

function addressParams(address: Address | null): { address?: string } {
  return address === null ? {} : { address }
}
