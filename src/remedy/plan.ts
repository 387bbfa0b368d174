import type { Unprescribed } from '../diagnose/diagnose.ts'
import { type EndpointName, endpointName } from '../model/endpoint.ts'
import type { Message } from '../model/message.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import type { HostOutlook } from './host-outlook.ts'
import { type Opened, openedEndpoints } from './opened.ts'
import { facedBy, type Offer, offersFor, remedyOf } from './prescribe.ts'
import { isOfHost } from './propose-host.ts'
import type { Recipe } from './recipes/recipe.ts'
import { HOST_RECIPES, NETWORK_RECIPES } from './recipes.ts'
import { REMEDY_IDS, type RemedyId } from './remedy-ids.ts'
import { type PrescribeContext, parseName } from './site.ts'
import { isOnRequest } from './wishes.ts'

/** Remedies that together let strangers in to some endpoints. Of several plans for an endpoint one is enough. */
export interface Plan {
  /** In the order in which they are to be done: this host first. */
  readonly remedies: readonly RemedyId[]
  readonly clears: readonly ObstacleId[]
  /** Those that it opens altogether; empty where it mends the node's work rather than an endpoint asked for. */
  readonly endpoints: readonly EndpointName[]
  /** Can peerway do all of it by itself? */
  readonly automatic: boolean
  /** Can it, once somebody names the remedies? No dial proves what they come to. */
  readonly onRequest: boolean
}

export interface Repair {
  /** The best first; `rank` counts from 1. */
  readonly remedies: readonly Remedy[]
  /** The best first. */
  readonly plans: readonly Plan[]
}

/**
 * What to do about the obstacles of a diagnosis, and what of it goes together. A remedy is called automatic where `fix` carries
 * out a plan with it, on a host of which `outlook` tells what could be planned there. Pure.
 */
export function planRepair(diagnosis: Unprescribed, context: PrescribeContext, outlook?: HostOutlook): Repair {
  const opened = openedEndpoints(diagnosis, context)
  const offers = offersFor(diagnosis, context, opened)
  const plans = plansFor(diagnosis, context, opened, offers)
  const carriedOut = plans.filter((plan) => plan.automatic && isFeasible(plan, outlook))
  const remedies = offers.map((offer, index) => {
    const { id } = offer.recipe
    const automatic = carriedOut.some((plan) => plan.remedies.includes(id))
    return remedyOf(offer, index + 1, { automatic, hindered: hindrances(offer, outlook) })
  })
  return { remedies, plans }
}

/** A plan of which a part cannot be made is none; for some of its endpoints it can do. */
function isFeasible({ remedies, endpoints, clears }: Plan, outlook: HostOutlook | undefined): boolean {
  if (outlook === undefined) return true
  if (endpoints.length > 0) return endpoints.some((name) => !outlook.unplanned.has(name))
  return !remedies.some(isOfHost) || clears.some((id) => outlook.clears.has(id))
}

function hindrances({ recipe, site }: Offer, outlook: HostOutlook | undefined): readonly Message[] {
  if (outlook === undefined || !isOfHost(recipe.id) || recipe.automatic?.(site) !== true) return []
  const why = site.endpoints.flatMap((key) => outlook.unplanned.get(endpointName(key)) ?? [])
  return why.filter((one, index) => index === why.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)))
}

/** Remedies, this host's first, with all endpoints that they open. */
interface Opening {
  readonly recipes: readonly Recipe[]
  readonly opened: readonly Opened[]
}

function plansFor(
  diagnosis: Unprescribed,
  context: PrescribeContext,
  opened: readonly Opened[],
  offers: readonly Offer[],
): readonly Plan[] {
  const isAutomatic = (ids: readonly RemedyId[]) =>
    ids.every((id) => offers.some(({ recipe, site }) => recipe.id === id && recipe.automatic?.(site) === true))
  const opening = openingsOf(opened).map((each): Plan => {
    const ids = each.recipes.map(({ id }) => id)
    const standing = each.opened.flatMap(({ way }) => way.obstacles)
    const names = each.opened.map(({ name }) => name)
    const isDone = (id: RemedyId) => isAutomatic([id]) || isOnRequest(id, context, names.map(parseName))
    return {
      remedies: ids,
      clears: clearedOf(each.recipes, standing),
      endpoints: names,
      automatic: isAutomatic(ids),
      onRequest: ids.every(isDone),
    }
  })
  return [...opening, ...workPlans(diagnosis, isAutomatic)].toSorted((a, b) => byPreference(a.remedies, b.remedies))
}

function openingsOf(opened: readonly Opened[]): readonly Opening[] {
  const openings = new Map<string, Opening>()
  for (const one of opened) {
    for (const { inNetwork, onHost } of one.choices) {
      const recipes = [...onHost, ...inNetwork]
      const key = recipes.map(({ id }) => id).join(' ')
      openings.set(key, { recipes, opened: [...(openings.get(key)?.opened ?? []), one] })
    }
  }
  return [...openings.values()]
}

function clearedOf(recipes: readonly Recipe[], standing: readonly Obstacle[]): readonly ObstacleId[] {
  const clears = recipes.flatMap(({ against, alsoClears = [] }) => [...against, ...alsoClears])
  return [...new Set(standing.map(({ id }) => id))].filter((id) => clears.includes(id))
}

/** What stops the node's work is cleared one by one. */
function workPlans({ obstacles }: Unprescribed, isAutomatic: (ids: readonly RemedyId[]) => boolean): readonly Plan[] {
  const standing = obstacles.filter(({ endpoints }) => endpoints.length === 0)
  return [...HOST_RECIPES, ...NETWORK_RECIPES].flatMap((recipe): readonly Plan[] => {
    const faced = facedBy(recipe, standing)
    if (faced.length === 0 || recipe.inwardsAlone) return []
    const clears = clearedOf([recipe], faced)
    return [
      {
        remedies: [recipe.id],
        clears,
        endpoints: [],
        automatic: isAutomatic([recipe.id]),
        onRequest: false,
      },
    ]
  })
}

/** Whose network remedies come first in the order of preference; fewer before more. */
function byPreference(a: readonly RemedyId[], b: readonly RemedyId[]): number {
  const ranks = (ids: readonly RemedyId[]) => ids.map((id) => REMEDY_IDS.indexOf(id)).reverse()
  const [left, right] = [ranks(a), ranks(b)]
  const index = left.findIndex((rank, at) => rank !== right[at])
  return index < 0 ? left.length - right.length : left[index]! - (right[index] ?? -1)
}
