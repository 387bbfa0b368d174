import type { Answer } from '../model/answer.ts'
import type { Caveat } from '../model/diagnosis.ts'
import type { Address, Endpoint, EndpointKey, Family } from '../model/endpoint.ts'
import type { DialBackFact, HostRulesFact, ListenersFact } from '../model/evidence.ts'
import { isStopped } from '../model/rule-place.ts'
import { type ContainerPart, containerPart, isHolder, isProxy, socketsForStrangers } from './container-part.ts'
import { type EvidenceFor, type Findings, ids } from './findings.ts'
import { inboundPeers } from './inbound-peers.ts'
import { type DialJudgement, eatenByHost, type JudgementContext, judgeDial } from './judge-dial.ts'
import { anothersAddress, dialledByAnotherWay, dialledByNeighbour, otherPublicAddress } from './strangers-way.ts'

/** What the dials and the sockets say about one endpoint, before anybody asks why. */
export interface EndpointFinding extends EndpointKey {
  readonly reachable: Answer
  /** Does a stranger's packet get as far as the port, whoever holds it? */
  readonly wayIn: Answer
  readonly caveats: readonly Caveat[]
  readonly external: Endpoint | null
  /** The dials that decide: those from clean addresses, where there are any. */
  readonly dials: readonly JudgedDial[]
  readonly listeners: EvidenceFor<'listeners'> | undefined
  /** What this host's own rules do to its packets, where they could be read. */
  readonly rules: EvidenceFor<'host-rules'> | undefined
  readonly process: ProcessState
  /** What a container has to do with it, where an engine told. */
  readonly container: ContainerPart | undefined
  /** Is it known whether a rule of this host takes the port elsewhere, and does one? */
  readonly redirected: Answer
  /** Where the node listens, and the address where strangers' packets arrive instead; null where they are the same. */
  readonly listensBeside: { readonly at: readonly Address[]; readonly arrivesAt: Address } | null
  readonly evidence: readonly string[]
}

export interface JudgedDial {
  readonly dial: EvidenceFor<'dial-back'>
  readonly judgement: DialJudgement
}

/**
 * `absent`: nothing listens, proven. `absent-likely`: nothing is seen, but not everything can be looked into. `unpublished`: a
 * guest listens, and no rule of this host takes the port there. `between-clients`: nobody listens, and such a node does so only
 * while a client is with it.
 */
export type ProcessState =
  | 'listening'
  | 'loopback-only'
  | 'absent'
  | 'absent-likely'
  | 'unpublished'
  | 'between-clients'
  | 'unknown'

export function judgeEndpoint(findings: Findings, key: EndpointKey): EndpointFinding {
  const listeners = findings.listeners(key, key.family)
  const rules = findings.rules(key, key.family)
  const redirected = listeners?.value.redirected ?? 'unknown'
  const containers = findings.of('containers')[0]
  const container = containerPart(containers?.value.containers ?? [], {
    key,
    listeners: listeners?.value,
    rules: rules?.value,
    redirected,
  })
  const localAnswer = findings.inFamily('local-answer', key.family).find(({ value }) => value.port === key.port)
  const redirectable = mayBeRedirected(findings, listeners?.value, redirected)
  const context = {
    // What answers here may be another than what strangers are taken to.
    nodeAnswersStrangers: key.transport === 'udp' && localAnswer?.value.answer === 'yes' && !redirectable,
    answersHeardBeside: findings
      .otherDials('comparison', 'udp', key.family)
      .some(({ value }) => value.greeting === 'nonce'),
    handshakesForEverybody: handshakesForEverybody(findings, key.family),
    handshakesPassedOn: someTcpArrived(findings, key.family),
    udpGetsOut: udpGetsOut(findings, key.family),
    strangersStopped: isStopped(rules?.value.inbound) || isStopped(rules?.value.answer),
    answersStopped: isStopped(rules?.value.answer),
    answersInDoubt: rules?.value.answer.kind === 'unknown',
    mayBeRedirected: redirectable,
    readByNobody: key.transport === 'udp' && readByNobody(findings, key),
    heldByProxy: redirected !== 'yes' && heldByProxy(listeners?.value),
    guestUnseen: redirected === 'yes' && !guestListens(container, listeners?.value, rules?.value),
    heldElsewhere: redirected !== 'yes' && listeners?.value.state === 'elsewhere-only',
    neighbourElsewhere: key.transport === 'udp' && tcpGoesElsewhere(findings, key),
  }
  const all = findings.dials(key, key.family).map((dial) => {
    // A stranger may well come to the container by its own address, past this host.
    const isPassedBy = container?.role === 'apart'
    const judgement = isPassedBy ? 'unclear' : judgeForStrangers(findings, dial.value, rules?.value, context)
    return { dial, judgement } as const
  })
  const dials = deciding(all)
  const external = externalEndpoint(findings, key, dials)
  const listensBeside = redirected === 'yes' ? null : besides(findings, listeners?.value, external, dials)
  const seen =
    listensBeside !== null
      ? 'absent'
      : (stateInside(container, redirected) ??
        processState(listeners?.value, redirected, dials, hasOtherNetwork(findings)))
  const process = seen.startsWith('absent') && opensOnDemand(findings, key) ? 'between-clients' : seen
  const dialled = combine(dials, rules?.value.picksStrangers === true)
  const inbound = dialled.wayIn === 'unknown' && process === 'listening' ? inboundPeers(findings, key) : undefined
  const { wayIn, caveats } = inbound === undefined ? dialled : SOMEBODY_GOT_IN
  return {
    ...key,
    wayIn,
    caveats: process === 'listening' || process === 'unknown' ? caveats : [],
    reachable: process !== 'between-clients' && reachedOurHolder(dials) ? 'no' : reachability(wayIn, process),
    external,
    dials,
    listeners,
    rules,
    process,
    container,
    redirected,
    listensBeside,
    evidence: ids([
      container === undefined ? undefined : containers,
      ...(key.transport === 'udp' ? findings.inFamily('datagrams-read', key.family) : []),
      listeners,
      rules,
      key.transport === 'udp' ? localAnswer : undefined,
      ...all.map(({ dial }) => dial),
      inbound,
    ]),
  }
}

/** Peers came in, whom this host may have spoken to before. */
const SOMEBODY_GOT_IN = { wayIn: 'yes', caveats: ['address-dependent-filter-not-excluded'] } as const

/**
 * May a rule of this host pass the port on to a guest? Where rules cannot be read, two things speak against it: a
 * program of our own user that holds the port, and that this host has no network but the one that it goes out by.
 */
function mayBeRedirected(findings: Findings, fact: ListenersFact | undefined, redirected: Answer): boolean {
  if (fact === undefined || fact.state === 'elsewhere-only' || redirected === 'yes') return true
  if (redirected === 'no') return false
  const ownProgram = fact.sockets.some(
    (socket) => socket.namespace === null && socket.pid !== null && !isProxy(socket) && !isHolder(socket),
  )
  return !ownProgram && hasOtherNetwork(findings)
}

function hasOtherNetwork(findings: Findings): boolean {
  const facts = findings.of('addresses')[0]?.value
  const outward = new Set(facts?.defaultRoutes.map((route) => route.interface))
  return facts === undefined || facts.addresses.some((one) => !outward.has(one.interface))
}

/** The node of this host takes ports like this one while a client is with it, and no longer. */
function opensOnDemand(findings: Findings, { transport, port }: EndpointKey): boolean {
  const range = findings.of('node')[0]?.value.onDemand
  return range !== undefined && range.transport === transport && range.first <= port && port <= range.last
}

/** Nobody but an engine of containers, or its proxy, holds the port on this host. */
function heldByProxy(fact: ListenersFact | undefined): boolean {
  const own = socketsForStrangers(fact)
  return own.length > 0 && own.every((socket) => isProxy(socket) || isHolder(socket))
}

/** A socket of a guest, or of the container that serves the port, is known. */
function guestListens(
  part: ContainerPart | undefined,
  fact: ListenersFact | undefined,
  rules: HostRulesFact | undefined,
): boolean {
  if (rules?.guestListens === true) return true
  const inside = part?.role === 'serves' && part.inside === 'listening'
  return inside || (fact?.sockets.some(({ namespace }) => namespace !== null) ?? false)
}

/** Where a container has a part in it, its own sockets count, and not those of a proxy before it. */
function stateInside(part: ContainerPart | undefined, redirected: Answer): ProcessState | undefined {
  if (part === undefined) return undefined
  if (part.role !== 'serves') return 'unknown'
  if (part.inside !== 'none') return part.inside
  // A rule that nobody here may read could take the port past this container.
  return redirected === 'unknown' ? 'absent-likely' : 'absent'
}

/** The port was answered for, and no program of this host had read a datagram. */
function readByNobody(findings: Findings, key: EndpointKey): boolean {
  const asked = findings.inFamily('datagrams-read', key.family).filter(({ value }) => value.port === key.port)
  return asked.some(({ value }) => value.answered && value.read === 0)
}

/**
 * What a dial shows about strangers. One that took another way than theirs, or that this host's rules treat otherwise
 * than them, shows less than it seems to.
 */
function judgeForStrangers(
  findings: Findings,
  dial: DialBackFact,
  rules: HostRulesFact | undefined,
  context: JudgementContext,
): DialJudgement {
  if (dialledByNeighbour(findings, dial) || anothersAddress(findings, dial) !== null) return 'unclear'
  const isKnown = isLetInAlone(dial, rules)
  const judgement = judgeDial(dial, { ...context, answersStopped: context.answersStopped && !isKnown })
  if (judgement === 'in') return context.strangersStopped && isKnown ? 'out' : 'in'
  const beside = dialledByAnotherWay(findings, dial) || otherPublicAddress(findings, dial) !== null
  return beside || isStoppedAlone(dial, rules) ? 'unclear' : judgement
}

/** The rules know the dialler, and let him in where strangers are stopped. */
function isLetInAlone(dial: DialBackFact, rules: HostRulesFact | undefined): boolean {
  const dialler = rules?.diallers.find(({ address }) => address === dial.source?.address)
  return dialler?.inbound.kind === 'accept' && dialler.answer.kind === 'accept'
}

/** This host stopped the dialler, and its rules, read and understood, let strangers in and the answers out. */
function isStoppedAlone(dial: DialBackFact, rules: HostRulesFact | undefined): boolean {
  if (rules === undefined || !letsIn(rules)) return false
  const dialler = rules.diallers.find(({ address }) => address === dial.source?.address)
  return eatenByHost(dial.arrival) || isStopped(dialler?.inbound) || isStopped(dialler?.answer)
}

/** Over TCP the same port is answered by somebody else: then the datagrams that were read may be another port's. */
function tcpGoesElsewhere(findings: Findings, { port, family }: EndpointKey): boolean {
  const dials = findings.dials({ transport: 'tcp', port }, family)
  return dials.some(({ value }) => value.outcome === 'connected' && value.arrival.wire === 'no')
}

/**
 * The node listens, but at addresses of this host other than the one that strangers' packets come to: the one dialled,
 * or, behind a translator, the one that looks towards the Internet, where this host refused what had come in.
 */
function besides(
  findings: Findings,
  fact: ListenersFact | undefined,
  target: Endpoint | null,
  dials: readonly JudgedDial[],
): EndpointFinding['listensBeside'] {
  if (fact?.state !== 'listening' || target === null) return null
  const facts = findings.of('addresses')[0]?.value
  const own = facts?.addresses.some(({ address }) => address === target.address)
  const arrivesAt = own ? target.address : dials.some(isRefusedHere) ? (facts?.source[fact.family] ?? null) : null
  const at = fact.sockets.filter(({ namespace }) => namespace === null).map(({ address }) => address)
  if (arrivesAt === null || at.length === 0 || at.some((one) => ['0.0.0.0', '::', arrivesAt].includes(one))) return null
  return { at: [...new Set(at)], arrivesAt }
}

/** The packets came through all filters of this host, and were refused. */
export function isRefusedHere({ dial }: JudgedDial): boolean {
  return dial.value.outcome === 'refused' && dial.value.arrival.passed === 'yes'
}

/** Does anything complete a TCP handshake on a port that nobody holds? */
export function handshakesForEverybody(findings: Findings, family: Family): boolean {
  return findings.otherDials('vacant', 'tcp', family).some(({ value }) => value.outcome === 'connected')
}

function someTcpArrived(findings: Findings, family: Family): boolean {
  const dials = findings.inFamily('dial-back', family).filter(({ value }) => value.transport === 'tcp')
  return dials.some(({ value: { outcome, arrival } }) => outcome === 'connected' && arrival.wire === 'yes')
}

export function udpGetsOut(findings: Findings, family: Family): boolean {
  const asked = findings.inFamily('outbound', family).filter(({ value }) => value.transport === 'udp')
  // Where some ports are closed to us, a stranger's may be one of them.
  if (asked.some(({ value }) => value.arrived === 'no')) return false
  return findings.inFamily('external-address', family).length > 0 || asked.some(({ value }) => value.arrived === 'yes')
}

/** Do this host's rules, read and understood, let a stranger's packet in to a process here, and the answer out? */
export function rulesLetIn({ rules }: EndpointFinding): boolean {
  return rules !== undefined && letsIn(rules.value)
}

function letsIn({ path, inbound, answer }: HostRulesFact): boolean {
  return path === 'input' && inbound.kind === 'accept' && answer.kind === 'accept'
}

/** A dial from an address that this host never contacted outweighs every other, once it decides anything. */
function deciding(dials: readonly JudgedDial[]): readonly JudgedDial[] {
  const clean = dials.filter(({ dial, judgement }) => dial.value.sourceClean && judgement !== 'unclear')
  return clean.length > 0 ? clean : dials
}

/**
 * Dials from contacted addresses alone count, with a caveat. Clean dials that contradict each other mean a filter by
 * country or network, and the stranger who got in did get in.
 */
function combine(dials: readonly JudgedDial[], picksStrangers: boolean): { wayIn: Answer; caveats: readonly Caveat[] } {
  const counted = dials.filter(({ judgement }) => judgement !== 'unclear')
  if (counted.length === 0) return { wayIn: 'unknown', caveats: [] }
  const into = counted.filter(({ judgement }) => judgement === 'in')
  if (into.length === 0) return { wayIn: 'no', caveats: [] }
  const caveats: Caveat[] = []
  if (into.every(({ dial }) => !dial.value.sourceClean)) {
    caveats.push('address-dependent-filter-not-excluded')
  }
  if (picksStrangers) caveats.push('host-firewall-picks-strangers')
  if (into.length < counted.length) caveats.push('vantages-disagree')
  return { wayIn: 'yes', caveats }
}

function processState(
  fact: ListenersFact | undefined,
  redirected: Answer,
  dials: readonly JudgedDial[],
  otherNetwork: boolean,
): ProcessState {
  if (fact === undefined || fact.state === 'unknown') return 'unknown'
  if (fact.state === 'elsewhere-only') {
    const isGuests = fact.sockets.some(({ isGuest }) => isGuest === true)
    // What was refused here went no further.
    return redirected === 'no' && (isGuests || dials.some(isRefusedHere)) ? 'unpublished' : 'unknown'
  }
  const own = socketsForStrangers(fact)
  const heldAlone = own.length > 0 && own.every(isHolder)
  if (fact.state === 'listening' && !heldAlone) return 'listening'
  if (redirected === 'yes') return 'unknown'
  if (fact.state === 'loopback-only') {
    const mayBeGuests =
      redirected === 'unknown' && otherNetwork && (fact.namespacesSeen === 'all' || answeredByOthers(dials))
    return mayBeGuests ? 'unknown' : 'loopback-only'
  }
  // A guest may listen where we may not look; that the port is not published would then be the reason.
  const guestsSeen = fact.namespacesSeen === 'all' || !otherNetwork
  return guestsSeen && (redirected === 'no' || reachedOurHolder(dials)) ? 'absent' : 'absent-likely'
}

/** The stranger's packets came to us, who hold the port, so they come to nobody else. */
function reachedOurHolder(dials: readonly JudgedDial[]): boolean {
  return dials.some(({ dial: { value }, judgement }) => {
    const isOurs = value.greeting === 'nonce' || value.arrival.how === 'held-socket'
    return value.holder === 'peerway' && judgement === 'in' && isOurs
  })
}

/** A stranger got in, and not to us. */
function answeredByOthers(dials: readonly JudgedDial[]): boolean {
  return dials.some(({ dial, judgement }) => judgement === 'in' && dial.value.greeting !== 'nonce')
}

function reachability(wayIn: Answer, process: ProcessState): Answer {
  if (process === 'absent' || process === 'loopback-only' || process === 'unpublished') return 'no'
  // That the way is open says nothing of who will be there.
  if (process === 'absent-likely' || process === 'between-clients') return wayIn === 'no' ? 'no' : 'unknown'
  return wayIn
}

function externalEndpoint(findings: Findings, key: EndpointKey, dials: readonly JudgedDial[]): Endpoint | null {
  const dialled = dials.find(({ dial }) => dial.value.target !== null)?.dial.value.target
  if (dialled !== undefined && dialled !== null) return dialled
  const observed = findings.inFamily('vantage', key.family).flatMap(({ value }) => value.observed?.address ?? [])
  const mapped = findings.inFamily('external-address', key.family).map(({ value }) => value.mapped.address)
  const address = [...observed, ...mapped][0]
  return address === undefined ? null : { address, port: key.port }
}
