import type { Answer } from '../model/answer.ts'
import type { Caveat } from '../model/diagnosis.ts'
import type { Endpoint, EndpointKey, Family } from '../model/endpoint.ts'
import type { DialBackFact, HostRulesFact, ListenersFact } from '../model/evidence.ts'
import { isStopped } from '../model/rule-place.ts'
import { type EvidenceFor, type Findings, ids } from './findings.ts'
import { type DialJudgement, judgeDial } from './judge-dial.ts'
import { isNeighbour } from './neighbour.ts'

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
  readonly evidence: readonly string[]
}

export interface JudgedDial {
  readonly dial: EvidenceFor<'dial-back'>
  readonly judgement: DialJudgement
}

/**
 * `absent`: nothing listens, proven. `absent-likely`: nothing is seen, but not everything can be looked into. `unpublished`: a
 * guest listens, and no rule of this host takes the port there.
 */
export type ProcessState = 'listening' | 'loopback-only' | 'absent' | 'absent-likely' | 'unpublished' | 'unknown'

export function judgeEndpoint(findings: Findings, key: EndpointKey): EndpointFinding {
  const listeners = findings.listeners(key, key.family)
  const rules = findings.rules(key, key.family)
  const redirected = redirectedBy(rules?.value) ?? listeners?.value.redirected ?? 'unknown'
  const localAnswer = findings.inFamily('local-answer', key.family).find(({ value }) => value.port === key.port)
  const redirectable = mayBeRedirected(findings, listeners?.value, redirected)
  const context = {
    // What answers here may be another than what strangers are taken to.
    nodeAnswersStrangers: key.transport === 'udp' && localAnswer?.value.answer === 'yes' && !redirectable,
    handshakesForEverybody: handshakesForEverybody(findings, key.family),
    udpGetsOut: udpGetsOut(findings, key.family),
    answersStopped: isStopped(rules?.value.answer),
    mayBeRedirected: redirectable,
    readByNobody: key.transport === 'udp' && readByNobody(findings, key),
    neighbourElsewhere: key.transport === 'udp' && tcpGoesElsewhere(findings, key),
  }
  const all = findings.dials(key, key.family).map((dial) => {
    return {
      dial,
      judgement: dialledByNeighbour(findings, dial.value) ? 'unclear' : judgeDial(dial.value, context),
    } as const
  })
  const dials = deciding(all)
  const external = externalEndpoint(findings, key, dials)
  const beside = listensBeside(findings, listeners?.value, external)
  const process =
    beside && redirected !== 'yes'
      ? 'absent'
      : processState(listeners?.value, redirected, dials, hasOtherNetwork(findings))
  const { wayIn, caveats } = combine(dials)
  return {
    ...key,
    wayIn,
    caveats: process === 'listening' || process === 'unknown' ? caveats : [],
    reachable: reachedOurHolder(dials) ? 'no' : reachability(wayIn, process),
    external,
    dials,
    listeners,
    rules,
    process,
    evidence: ids([
      ...(key.transport === 'udp' ? findings.inFamily('datagrams-read', key.family) : []),
      listeners,
      rules,
      key.transport === 'udp' ? localAnswer : undefined,
      ...all.map(({ dial }) => dial),
    ]),
  }
}

/**
 * May a rule of this host pass the port on to a guest? Where rules cannot be read, two things speak against it: a
 * program of our own user that holds the port, and that this host has no network but the one that it goes out by.
 */
function mayBeRedirected(findings: Findings, fact: ListenersFact | undefined, redirected: Answer): boolean {
  if (fact === undefined || fact.state === 'elsewhere-only' || redirected === 'yes') return true
  if (redirected === 'no') return false
  const ownProgram = fact.sockets.some(({ namespace, pid }) => namespace === null && pid !== null)
  return !ownProgram && hasOtherNetwork(findings)
}

function hasOtherNetwork(findings: Findings): boolean {
  const facts = findings.of('addresses')[0]?.value
  const outward = new Set(facts?.defaultRoutes.map((route) => route.interface))
  return facts === undefined || facts.addresses.some((one) => !outward.has(one.interface))
}

/** The port was answered for, and no program of this host had read a datagram. */
function readByNobody(findings: Findings, key: EndpointKey): boolean {
  const asked = findings.inFamily('datagrams-read', key.family).filter(({ value }) => value.port === key.port)
  return asked.some(({ value }) => value.answered && value.read === 0)
}

export function dialledByNeighbour(findings: Findings, { source }: DialBackFact): boolean {
  return source !== null && isNeighbour(findings, source.address)
}

/** Over TCP the same port is answered by somebody else: then the datagrams that were read may be another port's. */
function tcpGoesElsewhere(findings: Findings, { port, family }: EndpointKey): boolean {
  const dials = findings.dials({ transport: 'tcp', port }, family)
  return dials.some(({ value }) => value.outcome === 'connected' && value.arrival.wire === 'no')
}

/** The node listens, but on addresses of this host other than the one that strangers dial. */
function listensBeside(findings: Findings, fact: ListenersFact | undefined, target: Endpoint | null): boolean {
  if (fact?.state !== 'listening' || target === null) return false
  const own = findings.of('addresses')[0]?.value.addresses.some(({ address }) => address === target.address)
  const here = fact.sockets.filter(({ namespace }) => namespace === null)
  return (
    own === true && here.length > 0 && !here.some(({ address }) => ['0.0.0.0', '::', target.address].includes(address))
  )
}

/** Does anything complete a TCP handshake on a port that nobody holds? */
export function handshakesForEverybody(findings: Findings, family: Family): boolean {
  return findings.otherDials('vacant', 'tcp', family).some(({ value }) => value.outcome === 'connected')
}

export function udpGetsOut(findings: Findings, family: Family): boolean {
  const asked = findings.inFamily('outbound', family).filter(({ value }) => value.transport === 'udp')
  // Where some ports are closed to us, a stranger's may be one of them.
  if (asked.some(({ value }) => value.arrived === 'no')) return false
  return findings.inFamily('external-address', family).length > 0 || asked.some(({ value }) => value.arrived === 'yes')
}

/** Do this host's rules, read and understood, let a stranger's packet in to a process here, and the answer out? */
export function rulesLetIn({ rules }: EndpointFinding): boolean {
  if (rules === undefined) return false
  const { path, inbound, answer } = rules.value
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
function combine(dials: readonly JudgedDial[]): { wayIn: Answer; caveats: readonly Caveat[] } {
  const counted = dials.filter(({ judgement }) => judgement !== 'unclear')
  if (counted.length === 0) return { wayIn: 'unknown', caveats: [] }
  const into = counted.filter(({ judgement }) => judgement === 'in')
  if (into.length === 0) return { wayIn: 'no', caveats: [] }
  const caveats: Caveat[] = []
  if (into.every(({ dial }) => !dial.value.sourceClean)) caveats.push('address-dependent-filter-not-excluded')
  if (into.length < counted.length) caveats.push('vantages-disagree')
  return { wayIn: 'yes', caveats }
}

/** Undefined where the walk through the rules does not tell: a packet dropped before it would be translated shows nothing. */
function redirectedBy(rules: HostRulesFact | undefined): Answer | undefined {
  if (rules === undefined || rules.path === null) return undefined
  return rules.path === 'forward' || rules.translatedTo !== null ? 'yes' : 'no'
}

function processState(
  fact: ListenersFact | undefined,
  redirected: Answer,
  dials: readonly JudgedDial[],
  otherNetwork: boolean,
): ProcessState {
  if (fact === undefined || fact.state === 'unknown') return 'unknown'
  if (fact.state === 'elsewhere-only') {
    return redirected === 'no' && fact.sockets.some(({ isGuest }) => isGuest === true) ? 'unpublished' : 'unknown'
  }
  if (fact.state === 'listening') return 'listening'
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
  if (process === 'absent-likely') return wayIn === 'no' ? 'no' : 'unknown'
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
