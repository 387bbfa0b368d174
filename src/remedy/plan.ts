import type { Unprescribed } from '../diagnose/diagnose.ts'
import { askEndpoint } from '../diagnose/twin/twin.ts'
import type { EndpointName } from '../model/endpoint.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import { type Opened, openedEndpoints } from './opened.ts'
import { facedBy, remediesFor } from './prescribe.ts'
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
  /** Do strangers get in in every network that explains the evidence, not only in the one that is stated? */
  readonly certain: boolean
}

export interface Repair {
  /** The best first; `rank` counts from 1. */
  readonly remedies: readonly Remedy[]
  /** The best first; thought out when they are asked for, as only a repair does. */
  readonly plans: () => readonly Plan[]
}

/** What to do about the obstacles of a diagnosis, and what of it goes together. Pure. */
export function planRepair(diagnosis: Unprescribed, context: PrescribeContext): Repair {
  const opened = openedEndpoints(diagnosis, context)
  const remedies = remediesFor(diagnosis, context, opened)
  return { remedies, plans: () => plansFor(diagnosis, context, opened, remedies) }
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
  remedies: readonly Remedy[],
): readonly Plan[] {
  const isAutomatic = (ids: readonly RemedyId[]) =>
    ids.every((id) => remedies.some((remedy) => remedy.id === id && remedy.automatic))
  const opening = openingsOf(opened).map((each): Plan => {
    const ids = each.recipes.map(({ id }) => id)
    const standing = each.opened.flatMap(({ way }) => way.obstacles)
    return {
      remedies: ids,
      clears: clearedOf(each.recipes, standing),
      endpoints: each.opened.map(({ name }) => name),
      automatic: isAutomatic(ids),
      onRequest: ids.every(
        (id) =>
          isAutomatic([id]) ||
          isOnRequest(
            id,
            context,
            each.opened.map(({ name }) => parseName(name)),
          ),
      ),
      certain: isCertain(each),
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

function isCertain({ opened, recipes }: Opening): boolean {
  const different = new Map(opened.map((one) => [one.twin?.shape, one]))
  return [...different.values()].every(({ twin, way }) => {
    const changes = recipes.flatMap((recipe) => recipe.changes(way))
    return twin !== undefined && askEndpoint(twin, changes) === 'yes'
  })
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
        certain: false,
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
