import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { type EndpointKey, type EndpointName, endpointName } from '../model/endpoint.ts'
import type { Change, ChangeContent } from './change.ts'
import type { PlannedChange } from './journal.ts'
import { planPersistence } from './persist.ts'
import { type Plan, planRepair } from './plan.ts'
import type { RemedyId } from './remedy-ids.ts'
import { REPAIRERS, type Wanted } from './repairers.ts'
import { prescribeContext } from './site.ts'

export interface ProposeOptions {
  /** Ids of the remedies that may be used; undefined: all. */
  readonly only: readonly string[] | undefined
  /** Remedies that were tried in this repair and did not open the way. */
  readonly tried: ReadonlySet<string>
}

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 8

/**
 * The changes of the cheapest plans that peerway can carry out by itself, one for each endpoint, in the order in which they
 * are to be made; and what makes them last over a reboot. Empty where there are none. Reads rules and files, and changes
 * nothing. `PeerwayError` where they cannot be read.
 */
export async function proposeRepair(
  host: Host,
  diagnosis: Diagnosis,
  { only, tried }: ProposeOptions,
): Promise<readonly PlannedChange[]> {
  const { plans } = planRepair(diagnosis, prescribeContext(diagnosis.evidence))
  const excluded = new Set<string>(tried)
  for (;;) {
    const chosen = choosePlans(plans, { only, tried: excluded })
    const repairs = await Promise.all([...remediesOf(chosen)].map(([id, each]) => repairFor(host, diagnosis, id, each)))
    const impossible = repairs.filter(({ contents }) => contents.length === 0)
    if (impossible.length === 0) return withPersistence(host, changesOf(host, chosen, repairs))
    // A plan of which a part cannot be made is none; the next best may do without it.
    for (const { remedy } of impossible) excluded.add(remedy)
  }
}

interface RemedyRepair {
  readonly remedy: RemedyId
  readonly endpoints: readonly EndpointName[]
  readonly contents: readonly ChangeContent[]
}

async function repairFor(
  host: Host,
  diagnosis: Diagnosis,
  remedy: RemedyId,
  endpoints: readonly EndpointName[],
): Promise<RemedyRepair> {
  const wanted: Wanted = { diagnosis, endpoints: diagnosis.endpoints.filter((each) => includes(endpoints, each)) }
  return { remedy, endpoints, contents: (await REPAIRERS[remedy]?.(host, wanted)) ?? [] }
}

/** One rule may be part of several remedies; it is made once. */
function changesOf(host: Host, plans: readonly Plan[], repairs: readonly RemedyRepair[]): readonly PlannedChange[] {
  const known = new Set<string>()
  return repairs.flatMap(({ remedy, endpoints, contents }) => {
    const clears = plans.filter((plan) => plan.remedies.includes(remedy)).flatMap((plan) => plan.clears)
    return contents.flatMap((content) => {
      const text = JSON.stringify(content)
      if (known.has(text)) return []
      known.add(text)
      return [{ remedy, clears: [...new Set(clears)], endpoints, change: withId(host, content) }]
    })
  })
}

/** Plans that are automatic throughout, the best first, each for the endpoints that none before it opens. */
function choosePlans(plans: readonly Plan[], { only, tried }: ProposeOptions): readonly Plan[] {
  const mayUse = (id: RemedyId) => !tried.has(id) && (only === undefined || only.includes(id))
  const covered = new Set<string>()
  return plans.flatMap((plan) => {
    if (!plan.automatic || !plan.remedies.every(mayUse)) return []
    const endpoints = plan.endpoints.filter((name) => !covered.has(name))
    const isWork = plan.endpoints.length === 0
    if (endpoints.length === 0 && !isWork) return []
    for (const name of endpoints) covered.add(name)
    return [{ ...plan, endpoints }]
  })
}

/** Every remedy once, with the endpoints of all plans that it is part of. */
function remediesOf(plans: readonly Plan[]): ReadonlyMap<RemedyId, readonly EndpointName[]> {
  const remedies = new Map<RemedyId, readonly EndpointName[]>()
  for (const { remedies: ids, endpoints } of plans) {
    for (const id of ids) remedies.set(id, [...new Set([...(remedies.get(id) ?? []), ...endpoints])])
  }
  return remedies
}

/** Each stands behind what it makes last, and helps or not with it. */
async function withPersistence(host: Host, planned: readonly PlannedChange[]): Promise<readonly PlannedChange[]> {
  const plans = await planPersistence(
    host,
    planned.map(({ change }) => change),
  )
  const lasting = plans.flatMap(({ content }, index) => {
    return content === null ? [] : [{ ...planned[index]!, change: withId(host, content) }]
  })
  return [...planned, ...lasting]
}

function includes(endpoints: readonly EndpointName[], key: EndpointKey): boolean {
  return endpoints.length === 0 || endpoints.includes(endpointName(key))
}

/** 36^8 of them: two changes of one machine will not meet. */
function withId(host: Host, content: ChangeContent): Change {
  const id = [...host.random.bytes(ID_LENGTH)].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('')
  return { id, ...content }
}
