import type { Unprescribed } from '../diagnose/diagnose.ts'
import { type Message, message } from '../model/message.ts'
import type { Obstacle } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import type { Opened } from './opened.ts'
import type { Recipe } from './recipes/recipe.ts'
import { HOST_RECIPES, NETWORK_RECIPES } from './recipes.ts'
import { REMEDY_IDS } from './remedy-ids.ts'
import { type PrescribeContext, type Site, siteOf } from './site.ts'
import { isOnHost } from './ways.ts'

/** A recipe, and what it is for here. */
export interface Offer {
  readonly recipe: Recipe
  readonly site: Site
}

/**
 * What could be done about the obstacles of a diagnosis, the best first.
 *
 * Only what clears a stated obstacle is offered, and, between the stranger and this host, only what opens the whole way
 * for an endpoint in the twin: a forwarding on the router alone is no remedy behind a carrier's NAT. Pure.
 */
export function offersFor(
  diagnosis: Unprescribed,
  context: PrescribeContext,
  opened: readonly Opened[],
): readonly Offer[] {
  const offer = (recipe: Recipe, obstacles: readonly Obstacle[]) => ({
    recipe,
    site: siteOf(diagnosis, context, obstacles),
  })
  const onHost = HOST_RECIPES.map((recipe) => offer(recipe, facedBy(recipe, diagnosis.obstacles))).filter(
    ({ recipe, site }) => recipe.offered?.(site) ?? true,
  )
  const inNetwork = NETWORK_RECIPES.map((recipe) => offer(recipe, clearedBy(recipe, diagnosis, opened)))
  return [...onHost, ...inNetwork]
    .filter(({ site }) => site.obstacles.length > 0)
    .toSorted((a, b) => preference(a.recipe) - preference(b.recipe))
}

/** What `fix` makes of an offer on this host: all or part of it, or nothing; `hindered` says what not, and why. */
export interface Carried {
  readonly automatic: boolean
  readonly hindered: readonly Message[]
}

/** As it is told to the operator; `rank` counts from 1. */
export function remedyOf({ recipe, site }: Offer, rank: number, { automatic, hindered }: Carried): Remedy {
  return {
    id: recipe.id,
    rank,
    automatic,
    clears: [...new Set(site.obstacles.map(({ id }) => id))],
    text: message(`remedy.${recipe.id}`, { ports: site.names || null }),
    steps: [
      ...(automatic ? [fixIt(site)] : []),
      ...hindered.map((why) => message('step.hindered', { why })),
      ...recipe.steps(site),
      checkAgain(recipe, site),
    ],
  }
}

function preference({ id }: Recipe): number {
  return REMEDY_IDS.indexOf(id)
}

function fixIt({ command }: Site): Message {
  return message('step.fix', { command: command.replace('peerway check', 'peerway fix') })
}

function checkAgain(recipe: Recipe, { command }: Site): Message {
  const moved = command.replace(/(?: --port \S+)+/, ' --port NEWPORT')
  return message('step.check-again', { command: recipe.id === 'use-another-port' ? moved : command })
}

export function facedBy(recipe: Recipe, obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return obstacles.filter(({ id }) => recipe.against.includes(id))
}

/** The obstacles that a recipe of the network clears, cut down to the endpoints that it opens, and those of the node's work. */
function clearedBy(recipe: Recipe, { obstacles }: Unprescribed, opened: readonly Opened[]): readonly Obstacle[] {
  const opens = new Set(
    opened.filter(({ choices }) => choices.some(({ inNetwork }) => inNetwork.includes(recipe))).map(({ name }) => name),
  )
  const clears = [...recipe.against, ...(recipe.alsoClears ?? [])]
  const cutDown = obstacles
    .filter(({ id }) => clears.includes(id) && !isOnHost(id))
    .map((each) => ({ ...each, endpoints: each.endpoints.filter((name) => opens.has(name)) }))
    .filter(({ endpoints }) => endpoints.length > 0)
  const ofWork = recipe.inwardsAlone ? [] : facedBy(recipe, obstacles).filter(({ endpoints }) => endpoints.length === 0)
  return [...cutDown, ...ofWork]
}
