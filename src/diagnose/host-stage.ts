import type { DialBackFact, HostRulesFact } from '../model/evidence.ts'
import { type MessageParams, message } from '../model/message.ts'
import { isStopped, placeParams } from '../model/rule-place.ts'
import type { Claim } from './claim.ts'
import { type Findings, ids } from './findings.ts'
import { eatenByHost } from './judge-dial.ts'
import { type EndpointFinding, rulesLetIn } from './judge-endpoint.ts'

/**
 * This host's own firewall and forwarding. Two witnesses tell of them, and either is enough: counters, which saw packets
 * of a dial come in from the wire and not come out of the filters, and the rules, followed from a stranger's packet to
 * the one that decides. What stands before this host hides neither.
 */
export function hostClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  // Strangers come to a container that has an address of its own past this host.
  const stopped = endpoints.filter(({ wayIn, container }) => wayIn !== 'yes' && container?.role !== 'apart')
  return [
    ...stopped.flatMap((endpoint) => [
      ...entryClaims(endpoint),
      ...forwardingClaims(endpoint),
      ...answerClaims(endpoint),
    ]),
    ...ownPacketClaims(findings, endpoints),
  ]
}

/** Strangers' first packets are dropped, on the way to a process of this host or on the way through it. */
function entryClaims(endpoint: EndpointFinding): readonly Claim[] {
  const eaten = endpoint.dials.filter(({ dial }) => eatenByHost(dial.value.arrival)).map(({ dial }) => dial)
  const rules = endpoint.rules?.value
  // Once its port is published, what a container gets no longer passes the rules for this host's own programs.
  if (endpoint.container?.role === 'unpublished' && rules?.path === 'input') return []
  const endpoints = [endpoint]
  if (rules !== undefined && isStopped(rules.inbound)) {
    const id = isOnTheWayThrough(rules) ? 'host-firewall-drops-forwarded' : 'host-firewall-drops-inbound'
    return [{ id, endpoints, evidence: ids([...eaten, endpoint.rules]), params: placeParams(rules.inbound.at) }]
  }
  if (eaten.length === 0) return []
  if (rulesLetIn(endpoint)) {
    const evidence = ids([...eaten, endpoint.rules])
    const settledBy = message('settled-by.trace-rules')
    return [{ id: 'host-firewall-drops-inbound', endpoints, evidence, params: { unexplained: 1 }, settledBy }]
  }
  if (!isForOthers(rules)) {
    const params = unjudgedParams(rules)
    const evidence = ids(params === undefined ? eaten : [...eaten, endpoint.rules])
    return [{ id: 'host-firewall-drops-inbound', endpoints, evidence, ...(params && { params }) }]
  }
  if (rules?.forwarding?.on === 'no') return []
  const evidence = ids([...eaten, endpoint.rules])
  return [{ id: 'host-firewall-drops-forwarded', endpoints, evidence, settledBy: message('settled-by.trace-rules') }]
}

/** The rule that nobody could judge, on which it depends whether strangers get in: counters tell that they do not. */
function unjudgedParams(rules: HostRulesFact | undefined): MessageParams | undefined {
  if (rules === undefined || rules.picksStrangers) return undefined
  const { kind, at } = rules.inbound
  if (kind !== 'unknown' || at === null || at.rule === null) return undefined
  const { rule, ...place } = placeParams(at)
  return { ...place, unjudged: rule! }
}

/** Sent on to somebody else by a rule, as far as it goes: then no counter for this host's own programs tells of it. */
function isForOthers(rules: HostRulesFact | undefined): boolean {
  return rules !== undefined && (rules.path === 'forward' || (rules.path === null && rules.translatedTo !== null))
}

function isOnTheWayThrough({ inbound, path }: HostRulesFact): boolean {
  const hook = inbound.at?.hook
  return hook === 'forward' || (path === 'forward' && (hook === 'postrouting' || hook === 'egress'))
}

function forwardingClaims(endpoint: EndpointFinding): readonly Claim[] {
  const forwarding = endpoint.rules?.value.forwarding
  if (forwarding?.on !== 'no') return []
  const { setting } = forwarding
  return [{ id: 'ip-forwarding-disabled', endpoints: [endpoint], evidence: ids([endpoint.rules]), params: { setting } }]
}

function answerClaims(endpoint: EndpointFinding): readonly Claim[] {
  const answer = endpoint.rules?.value.answer
  if (answer === undefined || (!isStopped(answer) && !isHeldBack(endpoint))) return []
  if (!isStopped(answer)) {
    const evidence = ids([endpoint.rules, ...endpoint.dials.map(({ dial }) => dial)])
    const settledBy = message('settled-by.trace-rules')
    return [{ id: 'host-firewall-drops-outbound', endpoints: [endpoint], evidence, settledBy }]
  }
  return [
    {
      id: 'host-firewall-drops-outbound',
      endpoints: [endpoint],
      evidence: ids([endpoint.rules]),
      params: placeParams(answer.at),
    },
  ]
}

/**
 * The node listens, and what came in to it by TCP was answered by nobody, as far as the vantage heard; a rule that could not be
 * judged stands on the way out.
 */
function isHeldBack({ rules, transport, process, dials }: EndpointFinding): boolean {
  const inDoubt = rules?.value.answer.kind === 'unknown' && rules.value.answer.expression !== null
  const unheard = ({ outcome, arrival }: DialBackFact) => outcome === 'silent' && arrival.passed === 'yes'
  return inDoubt && transport === 'tcp' && process === 'listening' && dials.some(({ dial }) => unheard(dial.value))
}

/**
 * What the node sends of its own accord: dropped by a rule, or refused by the kernel, which answers EPERM to whoever
 * sends what a local rule drops; nothing further out can make it do so.
 */
function ownPacketClaims(findings: Findings, endpoints: readonly EndpointFinding[]): readonly Claim[] {
  const byRule = endpoints.flatMap(({ rules, listeners, container }): readonly Claim[] => {
    // A guest's packets take another way than this host's own.
    const isGuests = rules?.value.path === 'forward' || listeners?.value.state === 'elsewhere-only'
    if (container !== undefined) return []
    if (rules === undefined || isGuests || !isStopped(rules.value.outbound)) return []
    const params = placeParams(rules.value.outbound.at)
    return [{ id: 'host-firewall-drops-outbound', endpoints: [], evidence: ids([rules]), params }]
  })
  const refusedSends = [
    ...findings.of('outbound').filter(({ value }) => value.outcome === 'not-permitted'),
    ...findings
      .of('vantage')
      .filter(({ value }) => value.stun === 'send-not-permitted' || value.control === 'not-permitted'),
  ]
  const lost = findings.of('own-rules').filter(({ value }) => isStopped(value.fate))
  const byOwnRule = lost.map((one): Claim => {
    return {
      id: 'host-firewall-drops-outbound',
      endpoints: [],
      evidence: ids([one]),
      params: placeParams(one.value.fate.at),
    }
  })
  if (refusedSends.length === 0) return [...byRule, ...byOwnRule]
  return [...byRule, ...byOwnRule, { id: 'host-firewall-drops-outbound', endpoints: [], evidence: ids(refusedSends) }]
}
