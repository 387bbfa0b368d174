import { type EndpointTwin, opensAsStated } from '../diagnose/twin/twin.ts'
import type { ObstacleId } from '../model/obstacle.ts'
import { HOST_RECIPES, NETWORK_RECIPES, type Recipe, type Way } from './recipes.ts'

/** What opens one endpoint: everything on this host that is in the way, and one of `choices` in the network. */
export interface Ways {
  /** The best first. An empty choice: nothing need be done in the network. None at all: nothing that we know opens it. */
  readonly choices: readonly (readonly Recipe[])[]
  /** For each choice the least that has to be done on this host as well. */
  readonly onHost: readonly (readonly Recipe[])[]
}

const HOST_OBSTACLES = new Set(HOST_RECIPES.flatMap((recipe) => recipe.against))

export function isOnHost(id: ObstacleId): boolean {
  return HOST_OBSTACLES.has(id)
}

/**
 * The choices with which a stranger gets in in the twin, and would not without any part of them: single remedies, or, where
 * none of them is enough, pairs. Without a twin the obstacles' names decide.
 * `candidates`: of the network, the best first.
 */
export function waysOf(twin: EndpointTwin | undefined, way: Way, candidates: readonly Recipe[]): Ways {
  const host = HOST_RECIPES.filter((recipe) => faces(way, recipe.against))
  if (twin === undefined) {
    const choices = candidates.filter((recipe) => opensByName(recipe, way)).map((recipe) => [recipe])
    return { choices, onHost: choices.map(() => host) }
  }
  const opens = (recipes: readonly Recipe[]) =>
    opensAsStated(
      twin,
      recipes.flatMap((recipe) => recipe.changes(way)),
    )
  const choices = choicesFor(candidates, (choice) => opens([...host, ...choice]))
  return { choices, onHost: choices.map((choice) => leastOf(host, (rest) => opens([...rest, ...choice]))) }
}

/** The recipes of the network that are thought of for an endpoint. */
export function thoughtOf(way: Way): readonly Recipe[] {
  return NETWORK_RECIPES.filter((recipe) => faces(way, recipe.against))
}

function choicesFor(
  candidates: readonly Recipe[],
  opens: (choice: readonly Recipe[]) => boolean,
): readonly (readonly Recipe[])[] {
  if (opens([])) return [[]]
  const single = candidates.map((recipe) => [recipe]).filter(opens)
  if (single.length > 0) return single
  const pairs = candidates.flatMap((recipe, index) => candidates.slice(index + 1).map((other) => [recipe, other]))
  return pairs.filter(opens)
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
