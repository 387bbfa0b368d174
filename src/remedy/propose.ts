import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { type EndpointName, endpointName } from '../model/endpoint.ts'
import type { Message } from '../model/message.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { Change, ChangeContent } from './change.ts'
import type { ChangePurpose, PlannedChange, WantedChange } from './journal.ts'
import { planPersistence } from './persist.ts'
import type { Plan } from './plan.ts'
import { hostRemedyFor, proposeHostChanges } from './propose-host.ts'
import { asksRouter, proposeMapping } from './propose-mapping.ts'
import { proposeNodeChanges, proposeWish } from './propose-node.ts'
import type { RemedyId } from './remedy-ids.ts'
import { type PrescribeContext, parseName, prescribeContext } from './site.ts'
import { whyNotPlanned } from './why-not-planned.ts'
import { wishOf } from './wishes.ts'

export interface ProposeOptions {
  /** Ids of the remedies that may be used; undefined: all. */
  readonly only: readonly string[] | undefined
  /** What was tried in this repair already, as `triedNames` has it. */
  readonly tried: ReadonlySet<string>
  /** How long a router is asked to keep a mapping; a day without it. */
  readonly lifetimeSeconds?: number | undefined
  /** Told why an endpoint cannot be let through this host's own rules. */
  readonly onUnplanned?: ((why: Message) => void) | undefined
}

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 8

/**
 * The changes of the cheapest of these plans that peerway can carry out by itself, one for each endpoint, in the order in which they
 * are to be made; and what makes them last over a reboot. Empty where there are none. Reads rules and files, and changes
 * nothing. `PeerwayError` where they cannot be read.
 */
export async function proposeRepair(
  host: Host,
  diagnosis: Diagnosis,
  plans: readonly Plan[],
  options: ProposeOptions,
): Promise<readonly PlannedChange[]> {
  const context = prescribeContext(diagnosis.evidence)
  const first = choosePlans(plans, options, new Set())
  const onHost = await proposeHostChanges(host, { ...diagnosis, obstacles: facedBy(first, diagnosis.obstacles) })
  // A plan of which a part cannot be made is none.
  const unplanned = onHost.plans.filter(({ plan }) => plan.kind !== 'planned').map(({ key }) => endpointName(key))
  for (const why of onHost.plans.map(whyNotPlanned)) if (why !== undefined) options.onUnplanned?.(why)
  const chosen = choosePlans(plans, options, new Set(unplanned))
  const opened = new Set(chosen.flatMap(({ endpoints }) => endpoints))
  const isWanted = ({ endpoints }: WantedChange) => endpoints.length === 0 || endpoints.some((name) => opened.has(name))
  const announces = chosen.some(({ remedies }) => remedies.includes('announce-reachable-address'))
  const ofNode = [
    ...(announces ? await proposeNodeChanges(host, diagnosis) : []),
    ...(await wishes(host, chosen, context)),
  ]
  const wanted = [
    ...onHost.changes.filter(isWanted),
    ...mappings(host, chosen, context, options.lifetimeSeconds),
    ...ofNode,
  ]
  return withPersistence(
    host,
    wanted.map(({ content, ...purpose }) => ({ ...purpose, change: withId(host, content) })),
  )
}

/**
 * A remedy that has been tried for an endpoint is not tried for it again; it may be for another, which was found to be stopped
 * later: a rule with a limit lets the first packets in. One that was made for no endpoint by name, such as a setting of the node, was
 * tried for all.
 */
export function triedNames({ remedy, endpoints }: Pick<ChangePurpose, 'remedy' | 'endpoints'>): readonly string[] {
  return endpoints.length === 0 ? [remedy] : endpoints.map((name) => `${remedy} ${name}`)
}

/** Plans that are automatic throughout, the best first, each for the endpoints that none before it opens. */
function choosePlans(
  plans: readonly Plan[],
  { only, tried }: ProposeOptions,
  impossible: ReadonlySet<EndpointName>,
): readonly Plan[] {
  const covered = new Set(impossible)
  return plans.flatMap((plan) => {
    const mayUse = plan.remedies.every((id) => only === undefined || only.includes(id))
    const isTried = (names: readonly EndpointName[]) =>
      plan.remedies.some((remedy) =>
        [remedy, ...triedNames({ remedy, endpoints: names })].some((one) => tried.has(one)),
      )
    const endpoints = plan.endpoints.filter((name) => !covered.has(name) && !isTried([name]))
    const isWork = plan.endpoints.length === 0 && !isTried([])
    // What no dial proves is done when it is named, and else left.
    const mayDo = plan.automatic || (only !== undefined && plan.onRequest)
    if (!mayDo || !mayUse || (endpoints.length === 0 && !isWork)) return []
    for (const name of endpoints) covered.add(name)
    return [{ ...plan, endpoints }]
  })
}

/** The obstacles of this host that the plans clear here, each with the endpoints that they open. */
function facedBy(plans: readonly Plan[], obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return obstacles.flatMap((obstacle) => {
    const remedy = hostRemedyFor(obstacle.id)
    const clearing = plans.filter(({ remedies }) => remedy !== undefined && remedies.includes(remedy))
    const opened = clearing.flatMap((plan) => plan.endpoints)
    const endpoints = obstacle.endpoints.filter((name) => opened.includes(name))
    const isWork = obstacle.endpoints.length === 0 && clearing.some((plan) => plan.endpoints.length === 0)
    return endpoints.length > 0 || isWork ? [{ ...obstacle, endpoints }] : []
  })
}

/** What the plans want of the node itself. */
async function wishes(host: Host, plans: readonly Plan[], context: PrescribeContext): Promise<readonly WantedChange[]> {
  const wanted = new Map<RemedyId, EndpointName[]>()
  for (const { remedies, endpoints } of plans)
    for (const id of remedies) wanted.set(id, [...(wanted.get(id) ?? []), ...endpoints])
  const changes: WantedChange[] = []
  for (const [remedy, names] of wanted) {
    const wish = wishOf(remedy, context, names.map(parseName))
    if (wish !== undefined) changes.push(...(await proposeWish(host, context.found, remedy, wish)))
  }
  return changes
}

function mappings(
  host: Host,
  plans: readonly Plan[],
  context: PrescribeContext,
  lifetimeSeconds: number | undefined,
): readonly WantedChange[] {
  return plans.flatMap(({ remedies, endpoints, clears }) =>
    remedies.filter(asksRouter).flatMap((remedy) =>
      endpoints.flatMap((name): readonly WantedChange[] => {
        const content = proposeMapping(host, remedy, name, context, lifetimeSeconds)
        return content === undefined ? [] : [{ remedy, clears, endpoints: [name], content }]
      }),
    ),
  )
}

/** What makes a change last stands behind all changes, and helps or not with its own. */
async function withPersistence(
  host: Host,
  tagged: readonly (ChangePurpose & { readonly change: Change })[],
): Promise<readonly PlannedChange[]> {
  const plans = await planPersistence(
    host,
    tagged.map(({ change }) => change),
  )
  const planned = tagged.map((each, index): PlannedChange => {
    return { ...each, keeps: null, untilReboot: plans[index]?.lasts === 'until-reboot' }
  })
  const lasting = plans.flatMap(({ content }, index): readonly PlannedChange[] => {
    const kept = planned[index]!
    return content === null ? [] : [{ ...kept, change: withId(host, content), keeps: kept.change.id }]
  })
  return [...planned, ...lasting]
}

/** 36^8 of them: two changes of one machine will not meet. */
function withId(host: Host, content: ChangeContent): Change {
  const id = [...host.random.bytes(ID_LENGTH)].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('')
  return { id, ...content }
}
