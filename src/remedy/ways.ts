import { type EndpointTwin, opensAsStated } from '../diagnose/twin/twin.ts'
import type { ObstacleId } from '../model/obstacle.ts'
import type { Recipe, Way } from './recipes/recipe.ts'
import { HOST_RECIPES, NETWORK_RECIPES } from './recipes.ts'

/** One way of opening an endpoint. */
export interface Choice {
  /** Nothing where nothing need be done in the network. */
  readonly inNetwork: readonly Recipe[]
  /** The least that has to be done on this host as well. */
  readonly onHost: readonly Recipe[]
}

const HOST_OBSTACLES = new Set(HOST_RECIPES.flatMap((recipe) => recipe.against))

export function isOnHost(id: ObstacleId): boolean {
  return HOST_OBSTACLES.has(id)
}

/**
 * The choices with which a stranger gets in in the twin, and would not without any part of them: single remedies, and
 * pairs of those that are not enough alone. Without a twin the obstacles' names decide.
 */
export function waysOf(
  twin: EndpointTwin | undefined,
  way: Way,
  { host, network: candidates }: Candidates,
): readonly Choice[] {
  if (twin === undefined) {
    if (way.obstacles.every(({ id }) => isOnHost(id))) return [{ inNetwork: [], onHost: host }]
    const named = candidates.filter((recipe) => opensByName(recipe, way))
    return named.map((recipe) => ({ inNetwork: [recipe], onHost: host }))
  }
  const opens = (recipes: readonly Recipe[]) =>
    opensAsStated(
      twin,
      recipes.flatMap((recipe) => recipe.changes(way)),
    )
  return opening(candidates, (recipes) => opens([...host, ...recipes])).map((inNetwork) => {
    return { inNetwork, onHost: leastOf(host, (rest) => opens([...rest, ...inNetwork])) }
  })
}

/** The recipes that are thought of for an endpoint, the best first. */
export interface Candidates {
  readonly host: readonly Recipe[]
  readonly network: readonly Recipe[]
}

/** Those of them that an obstacle on the way calls for. */
export function thoughtOf(way: Way): Candidates {
  const called = (recipes: readonly Recipe[]) => recipes.filter((recipe) => faces(way, recipe.against))
  return { host: called(HOST_RECIPES), network: called(NETWORK_RECIPES) }
}

function opening(
  candidates: readonly Recipe[],
  opens: (recipes: readonly Recipe[]) => boolean,
): readonly (readonly Recipe[])[] {
  if (opens([])) return [[]]
  const alone = candidates.filter((recipe) => opens([recipe]))
  const rest = candidates.filter((recipe) => !alone.includes(recipe))
  const pairs = rest.flatMap((recipe, index) => rest.slice(index + 1).map((other) => [recipe, other]))
  return [...alone.map((recipe) => [recipe]), ...pairs.filter(opens)]
}

/** Leaves out one after the other of what is not needed. */
function leastOf(host: readonly Recipe[], opens: (rest: readonly Recipe[]) => boolean): readonly Recipe[] {
  return host.reduce<readonly Recipe[]>((needed, recipe) => {
    const rest = needed.filter((each) => each !== recipe)
    return opens(rest) ? rest : needed
  }, host)
}

function opensByName(recipe: Recipe, { obstacles }: Way): boolean {
  const clears = [...recipe.against, ...(recipe.alsoClears ?? [])]
  // Without the Internet nothing else can be known of the network, or mended in it.
  const offline = obstacles.filter(({ id }) => id === 'no-internet')
  const standing = offline.length > 0 ? offline : obstacles.filter(({ id }) => !isOnHost(id))
  return standing.some(({ id }) => recipe.against.includes(id)) && standing.every(({ id }) => clears.includes(id))
}

function faces({ obstacles }: Way, against: readonly ObstacleId[]): boolean {
  return obstacles.some(({ id }) => against.includes(id))
}
