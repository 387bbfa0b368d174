import type { Host } from '../host/host.ts'
import type { Diagnosis, EndpointVerdict } from '../model/diagnosis.ts'
import { endpointName } from '../model/endpoint.ts'
import type { AddressesFact } from '../model/evidence.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import { Surroundings } from '../probe/host-rules/surroundings.ts'
import type { WantedChange } from './journal.ts'
import { type AcceptPlan, type AcceptRequest, type EndpointPlan, planAccepts } from './plan-accept.ts'
import { planForwarding } from './plan-forwarding.ts'
import type { RemedyId } from './remedy-ids.ts'

/** Which remedy names what is done against which obstacle of this host. */
const BY_RULES = new Map<ObstacleId, RemedyId>([
  ['host-firewall-drops-inbound', 'allow-in-host-firewall'],
  ['host-firewall-drops-forwarded', 'allow-forwarding-in-host-firewall'],
  ['host-firewall-drops-outbound', 'allow-outbound-in-host-firewall'],
])
const OUTBOUND: ObstacleId = 'host-firewall-drops-outbound'
const FORWARDING: ObstacleId = 'ip-forwarding-disabled'

/** The remedy by which an obstacle of this host is cleared here; undefined for one that is no matter of rules or settings. */
export function hostRemedyFor(id: ObstacleId): RemedyId | undefined {
  return id === FORWARDING ? 'enable-ip-forwarding' : BY_RULES.get(id)
}

const REMEDIES: ReadonlySet<RemedyId> = new Set([...BY_RULES.values(), 'enable-ip-forwarding'])

/** Is it a change of this host's own rules or settings? */
export function isOfHost(remedy: RemedyId): boolean {
  return REMEDIES.has(remedy)
}

/** What opens this host's own rules and forwarding. `plans` say for each endpoint whether that could be planned, or why not. */
export interface HostProposal {
  readonly changes: readonly WantedChange[]
  readonly plans: readonly EndpointPlan[]
}

/**
 * The changes of this host's own firewall and forwarding against the obstacles that are proven there. Nothing outside
 * this host is asked, and nothing is changed. `PeerwayError` where the rules cannot be read.
 */
export async function proposeHostChanges(
  host: Host,
  { obstacles, endpoints, evidence }: Pick<Diagnosis, 'obstacles' | 'endpoints' | 'evidence'>,
): Promise<HostProposal> {
  const addresses = evidence.find((one) => one.probe === 'addresses')?.value
  const mine = obstacles.filter(
    ({ id, certainty }) => certainty === 'proven' && (BY_RULES.has(id) || id === FORWARDING),
  )
  if (addresses === undefined || mine.length === 0) return { changes: [], plans: [] }
  const asked = endpoints.flatMap((endpoint) => requestFor(endpoint, mine))
  const vantages = evidence.flatMap((one) => (one.probe === 'vantage' ? [one.value] : []))
  const plans: EndpointPlan[] = []
  const changes: WantedChange[] = []
  const known = vantages.flatMap(({ address }) => address ?? [])
  for (const { key, plan } of await planAccepts(host, asked, addresses, known)) {
    const forwarding = plan.kind === 'planned' ? await forForwarding(host, key, plan, mine, addresses) : []
    const isWhole = !('why' in forwarding)
    plans.push({ key, plan: isWhole ? plan : forwarding })
    if (plan.kind === 'planned' && isWhole) changes.push(...forRules(key, plan, mine), ...forwarding)
  }
  return { changes: withoutRepeats(changes), plans }
}

/** That obstacle with no endpoints stops the node's own packets, which over UDP bear the endpoint's port. */
function requestFor(endpoint: EndpointVerdict, obstacles: readonly Obstacle[]): readonly AcceptRequest[] {
  const against = obstaclesOf(endpoint, obstacles)
  const own = endpoint.transport === 'udp' && obstacles.some((one) => one.id === OUTBOUND && one.endpoints.length === 0)
  const seenStopped = against.some(({ text }) => text.params.unjudged !== undefined)
  const trusting = against.length > 0 && against.every(({ id }) => id === FORWARDING)
  return against.length > 0 || own ? [{ key: endpoint, own, seenStopped, trusting }] : []
}

function obstaclesOf(key: Parameters<typeof endpointName>[0], obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return obstacles.filter(({ endpoints }) => endpoints.includes(endpointName(key)))
}

type Planned = Extract<AcceptPlan, { kind: 'planned' }>

function forRules(
  key: EndpointPlan['key'],
  { changes }: Planned,
  obstacles: readonly Obstacle[],
): readonly WantedChange[] {
  const stopping = obstaclesOf(key, obstacles).filter(({ id }) => BY_RULES.has(id))
  const isOwn = (one: Obstacle) => key.transport === 'udp' && one.endpoints.length === 0 && one.id === OUTBOUND
  const own = obstacles.filter(isOwn)
  const clears = [...new Set([...stopping, ...own].map(({ id }) => id))]
  const [first] = clears
  if (first === undefined) return []
  const remedy = BY_RULES.get(first)!
  const names = stopping.length > 0 ? [endpointName(key)] : []
  return changes.map((content) => ({ remedy, clears, endpoints: names, content }))
}

async function forForwarding(
  host: Host,
  key: EndpointPlan['key'],
  { out }: Planned,
  obstacles: readonly Obstacle[],
  addresses: AddressesFact,
): Promise<readonly WantedChange[] | Extract<AcceptPlan, { kind: 'not-planned' }>> {
  const isOff = obstaclesOf(key, obstacles).some(({ id }) => id === FORWARDING)
  const source = addresses.source[key.family]
  const entrance = source === null ? undefined : new Surroundings(host, addresses).interfaceOf(source)
  if (!isOff) return []
  if (out === null || entrance === undefined) return noForwarding(null)
  const plan = await planForwarding(host, key.family, [entrance, out])
  if (plan.kind === 'unknown') return noForwarding(plan.setting)
  return plan.changes.map((content) => ({
    remedy: 'enable-ip-forwarding',
    clears: [FORWARDING],
    endpoints: [endpointName(key)],
    content,
  }))
}

function noForwarding(setting: string | null) {
  return { kind: 'not-planned', why: 'no-forwarding', at: null, expression: setting } as const
}

/** A setting, or a port of firewalld, that several endpoints need is changed once, for all of them. */
function withoutRepeats(changes: readonly WantedChange[]): readonly WantedChange[] {
  const once = new Map<string, WantedChange>()
  for (const change of changes) {
    const words = JSON.stringify(change.content)
    const known = once.get(words)
    const endpoints = [...new Set([...(known?.endpoints ?? []), ...change.endpoints])]
    once.set(words, { ...change, endpoints })
  }
  return [...once.values()]
}
