import type { Answer } from '../../model/answer.ts'
import type { Diagnosis } from '../../model/diagnosis.ts'
import type { EndpointKey, EndpointName } from '../../model/endpoint.ts'
import type { Obstacle, ObstacleId } from '../../model/obstacle.ts'
import { isStopped } from '../../model/rule-place.ts'
import type { Findings } from '../findings.ts'
import { arrived } from '../judge-dial.ts'
import { type EndpointFinding, judgeEndpoint, rulesLetIn, udpGetsOut } from '../judge-endpoint.ts'
import type { WayBox } from './way.ts'

/**
 * A place of the twin where a stranger can be stopped: boxes by their names, this host's rules and its process, the
 * provider's filters for both directions. `line`: nothing gets through at all. `beyond`: whatever else may stand where
 * nobody has looked; no change that anybody can name takes it away.
 */
export type StopName =
  | 'line'
  | 'beyond'
  | 'provider'
  | WayBox['name']
  | 'host-entry'
  | 'host-forwarding'
  | 'process'
  | 'host-answers'
  | 'provider-answers'

export interface Stop {
  readonly name: StopName
  /** As the evidence shows it; `unknown` where it could be either. */
  readonly state: 'open' | 'closed' | 'unknown'
  /** What the diagnosis says of it for this endpoint. */
  readonly stated: readonly Obstacle[]
}

/** Null for what stops the node's work, and no stranger. */
export function stopOf({ id, layer }: Pick<Obstacle, 'id' | 'layer'>): StopName | null {
  const place = PLACES[id]
  return place === 'router' ? `router${layer ?? 1}` : place
}

const PLACES: Readonly<Record<ObstacleId, StopName | 'router' | null>> = {
  'not-listening': 'process',
  'listening-on-loopback': 'process',
  'port-not-published': 'process',
  'host-firewall-drops-inbound': 'host-entry',
  'host-firewall-drops-forwarded': 'host-entry',
  'host-firewall-drops-outbound': 'host-answers',
  'ip-forwarding-disabled': 'host-forwarding',
  'router-source-nat': 'router',
  'router-forward-elsewhere': 'router',
  'router-filter-drops-inbound': 'router',
  'double-nat': 'router',
  'carrier-nat': 'carrier',
  'provider-blocks-inbound-port': 'provider',
  'provider-blocks-inbound-udp': 'provider',
  'provider-blocks-inbound-tcp': 'provider',
  'provider-filters-protocol': 'provider',
  'provider-blocks-outbound-udp': 'provider-answers',
  'provider-blocks-outbound-port': 'provider-answers',
  'no-internet': 'line',
  'announces-unreachable-address': null,
}

/**
 * Proven by a dial that came to nothing: a filter before it would look the same, and hide whether it lets strangers in.
 * So it is not known to be closed, but nothing further in can be what stopped that dial.
 */
const SHOWN_BY_SILENCE: ReadonlySet<ObstacleId> = new Set<ObstacleId>([
  'router-source-nat',
  'router-filter-drops-inbound',
  'double-nat',
  'carrier-nat',
  'no-internet',
])

export function isShownBySilence({ id, certainty }: Obstacle): boolean {
  return certainty === 'proven' && SHOWN_BY_SILENCE.has(id)
}

/** The obstacles that stop an endpoint. */
export function obstaclesOf(diagnosis: Pick<Diagnosis, 'obstacles'>, name: EndpointName): readonly Obstacle[] {
  return diagnosis.obstacles.filter((each) => each.endpoints.includes(name) && stopOf(each) !== null)
}

/** Everything that may stop a stranger on the way to an endpoint and back, in the order of the way, with what is known of it. */
export function stopsFor(
  findings: Findings,
  key: EndpointKey,
  standing: readonly Obstacle[],
  way: readonly WayBox[],
): readonly Stop[] {
  const finding = judgeEndpoint(findings, key)
  const names: readonly StopName[] = ['line', 'beyond', 'provider', ...way.map(({ name }) => name).toReversed()]
  const misleading = standing.find((each) => each.id === 'router-forward-elsewhere' && each.certainty === 'proven')
  const elsewhere = misleading === undefined ? null : stopOf(misleading)
  // Whoever answered in this host's place stands behind all that is further out.
  const passed = elsewhere === null ? 0 : names.indexOf(elsewhere)
  const onTheWay = names.map((name, index) => [name, index < passed ? 'yes' : networkOpen(finding)] as const)
  const known: readonly (readonly [StopName, Answer])[] = [
    ...onTheWay,
    ['host-entry', entryOpen(finding)],
    ['host-forwarding', forwardingOpen(finding)],
    ['process', finding.process === 'listening' ? 'yes' : 'unknown'],
    ['host-answers', answersPassHost(finding)],
    ['provider-answers', answersLeave(findings, finding, elsewhere !== null)],
  ]
  return known.map(([name, open]) => {
    const stated = standing.filter((each) => stopOf(each) === name)
    const isShut = stated.some((each) => each.certainty === 'proven' && !isShownBySilence(each))
    const isOpen = open === 'yes' || (finding.reachable === 'yes' && !names.includes(name))
    return { name, stated, state: isShut ? 'closed' : isOpen ? 'open' : 'unknown' }
  })
}

/** Did a stranger's packets come as far as this host, and nobody else's fail to? */
function networkOpen({ dials, reachable, caveats }: EndpointFinding): Answer {
  const clean = dials.filter(({ dial }) => dial.value.sourceClean)
  const came = clean.filter(
    ({ dial, judgement }) => judgement === 'in' || (dial.value.arrival.how === 'counters' && arrived(dial.value)),
  )
  if (came.length > 0 && came.length === clean.length) return 'yes'
  return reachable === 'yes' && caveats.length === 0 ? 'yes' : 'unknown'
}

function entryOpen(finding: EndpointFinding): Answer {
  const { rules, dials } = finding
  if (rulesLetIn(finding) || (rules?.value.path === 'forward' && rules.value.inbound.kind === 'accept')) return 'yes'
  const passed = dials.some(({ dial, judgement }) => judgement === 'in' || dial.value.arrival.passed === 'yes')
  return passed && !isStopped(rules?.value.inbound) ? 'yes' : 'unknown'
}

/** Only what this host passes on to a guest meets the kernel's setting. */
function forwardingOpen({ rules, listeners }: EndpointFinding): Answer {
  const isGuests = rules?.value.path === 'forward' || listeners?.value.state === 'elsewhere-only'
  if (!isGuests) return 'yes'
  return rules?.value.forwarding?.on === 'yes' ? 'yes' : 'unknown'
}

function answersPassHost({ rules }: EndpointFinding): Answer {
  return rules?.value.path === 'input' && rules.value.answer.kind === 'accept' ? 'yes' : 'unknown'
}

/**
 * A provider may stop answers alone, by where they go: one that came to a stranger shows that it does not, from this port,
 * from another that peerway held, or from whoever the port is forwarded to.
 */
function answersLeave(findings: Findings, { transport, family, dials }: EndpointFinding, isMisled: boolean): Answer {
  const answered = dials.some(
    ({ dial, judgement }) =>
      (judgement === 'in' || (isMisled && judgement === 'elsewhere')) &&
      ['connected', 'answered'].includes(dial.value.outcome),
  )
  const compared = findings.otherDials('comparison', transport, family)
  if (answered || compared.some(({ value }) => value.greeting === 'nonce')) return 'yes'
  return transport === 'udp' && udpGetsOut(findings, family) ? 'yes' : 'unknown'
}
