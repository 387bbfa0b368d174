import type { Diagnosis } from '../model/diagnosis.ts'
import { type Message, message } from '../model/message.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import { HOST_RECIPES, NETWORK_RECIPES, type Recipe } from './recipes.ts'
import { REMEDY_IDS } from './remedy-ids.ts'
import { type PrescribeContext, type Site, siteOf } from './site.ts'

type Unprescribed = Omit<Diagnosis, 'remedies'>

const HOST_OBSTACLES = new Set(HOST_RECIPES.flatMap((recipe) => recipe.against))

/**
 * What to do about the obstacles of a diagnosis, the best first. All are done by hand for now (`automatic: false`).
 *
 * Only what clears a stated obstacle is offered, and, between the stranger and this host, only what opens the whole way
 * for an endpoint: a forwarding on the router alone is no remedy behind a carrier's NAT.
 */
export function prescribe(diagnosis: Unprescribed, context: PrescribeContext): readonly Remedy[] {
  const onHost = HOST_RECIPES.map((recipe) => [recipe, facedBy(recipe, diagnosis.obstacles)] as const)
  const inNetwork = NETWORK_RECIPES.map((recipe) => [recipe, openedBy(recipe, diagnosis)] as const)
  return [...onHost, ...inNetwork]
    .filter(([, obstacles]) => obstacles.length > 0)
    .map(([recipe, obstacles]) => ({ recipe, obstacles, site: siteOf(diagnosis, context, obstacles) }))
    .filter(({ recipe, site }) => recipe.offered?.(site) ?? true)
    .toSorted((a, b) => REMEDY_IDS.indexOf(a.recipe.id) - REMEDY_IDS.indexOf(b.recipe.id))
    .map(({ recipe, obstacles, site }, index) => ({
      id: recipe.id,
      rank: index + 1,
      automatic: false,
      clears: [...new Set(obstacles.map(({ id }) => id))],
      text: message(`remedy.${recipe.id}`, { ports: site.names || null }),
      steps: [...recipe.steps(site), checkAgain(recipe, site)],
    }))
}

function checkAgain(recipe: Recipe, { command }: Site): Message {
  const moved = command.replace(/(?: --port \S+)+/, ' --port NEWPORT')
  return message('step.check-again', { command: recipe.id === 'use-another-port' ? moved : command })
}

function facedBy(recipe: Recipe, obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return obstacles.filter(({ id }) => recipe.against.includes(id))
}

/** The obstacles that a recipe of the network clears, cut down to the endpoints that it opens altogether. */
function openedBy(recipe: Recipe, { obstacles }: Unprescribed): readonly Obstacle[] {
  // Without the Internet nothing else can be known of the network, or mended in it.
  const offline = obstacles.filter(({ id }) => id === 'no-internet')
  const network = offline.length > 0 ? offline : obstacles.filter(({ id }) => !HOST_OBSTACLES.has(id))
  const opened = (standing: readonly Obstacle[]) =>
    opensTheWay(
      recipe,
      standing.map(({ id }) => id),
    )
  const cutDown = network.map((obstacle) => ({
    ...obstacle,
    endpoints: obstacle.endpoints.filter((name) => opened(network.filter((other) => other.endpoints.includes(name)))),
  }))
  const stopsWork = network.filter((obstacle) => obstacle.endpoints.length === 0 && opened([obstacle]))
  return [...cutDown.filter(({ endpoints }) => endpoints.length > 0), ...stopsWork]
}

function opensTheWay(recipe: Recipe, standing: readonly ObstacleId[]): boolean {
  const clears = [...recipe.against, ...(recipe.alsoClears ?? [])]
  return standing.some((id) => recipe.against.includes(id)) && standing.every((id) => clears.includes(id))
}
