import type { Unprescribed } from '../diagnose/diagnose.ts'
import { askEndpoint, buildTwin, type EndpointTwin } from '../diagnose/twin/twin.ts'
import type { EndpointName } from '../model/endpoint.ts'
import { type Message, message } from '../model/message.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import type { Remedy } from '../model/remedy.ts'
import { HOST_RECIPES, NETWORK_RECIPES, type Recipe, type Way } from './recipes.ts'
import { REMEDY_IDS, type RemedyId } from './remedy-ids.ts'
import { type PrescribeContext, type Site, siteOf } from './site.ts'
import { isOnHost, thoughtOf, type Ways, waysOf } from './ways.ts'

/** Remedies that together let strangers in to some endpoints. Of several plans for an endpoint one is enough. */
export interface Plan {
  /** In the order in which they are to be done: this host first. */
  readonly remedies: readonly RemedyId[]
  readonly clears: readonly ObstacleId[]
  /** Those that it opens altogether; empty where it mends the node's work rather than an endpoint asked for. */
  readonly endpoints: readonly EndpointName[]
  /** Can peerway do all of it by itself? */
  readonly automatic: boolean
  /** Do strangers get in in every network that explains the evidence, not only in the one that is stated? */
  readonly certain: boolean
}

export interface Repair {
  /** The best first; `rank` counts from 1. */
  readonly remedies: readonly Remedy[]
  /** The best first. */
  readonly plans: readonly Plan[]
}

/**
 * What to do about the obstacles of a diagnosis. Only what clears a stated obstacle is offered, and, between the stranger
 * and this host, only what opens the whole way for an endpoint in the twin: a forwarding on the router alone is no remedy
 * behind a carrier's NAT. Pure; without an obstacle nothing is simulated.
 */
export function planRepair(diagnosis: Unprescribed, context: PrescribeContext): Repair {
  if (diagnosis.obstacles.length === 0) return { remedies: [], plans: [] }
  const opened = openedEndpoints(diagnosis, context)
  const remedies = remediesFor(diagnosis, context, opened)
  return { remedies, plans: plansFor(diagnosis, opened, remedies) }
}

/** An endpoint that obstacles stop, with what would open it. */
interface Opened {
  readonly name: EndpointName
  readonly way: Way
  readonly twin: EndpointTwin | undefined
  readonly ways: Ways
}

function openedEndpoints(diagnosis: Unprescribed, context: PrescribeContext): readonly Opened[] {
  const twin = buildTwin(diagnosis)
  const known = new Map<string, Ways>()
  const names = [...new Set(diagnosis.obstacles.flatMap(({ endpoints }) => endpoints))]
  return names.map((name) => {
    const own = twin.endpoints.get(name)
    const obstacles = diagnosis.obstacles.filter(({ endpoints }) => endpoints.includes(name))
    const way: Way = { boxes: own?.boxes ?? [], obstacles }
    const site = siteOf(
      diagnosis,
      context,
      obstacles.map((each) => ({ ...each, endpoints: [name] })),
    )
    const candidates = thoughtOf(way).filter(({ offered }) => offered?.(site) ?? true)
    const ways = known.get(own?.shape ?? name) ?? waysOf(own, way, candidates)
    known.set(own?.shape ?? name, ways)
    return { name, way, twin: own, ways }
  })
}

// ---------------------------------------------------------------------------------------------- remedies

function remediesFor(diagnosis: Unprescribed, context: PrescribeContext, opened: readonly Opened[]): readonly Remedy[] {
  const onHost = HOST_RECIPES.map((recipe) => [recipe, facedBy(recipe, diagnosis.obstacles)] as const)
  const inNetwork = NETWORK_RECIPES.map((recipe) => [recipe, clearedBy(recipe, diagnosis, opened)] as const)
  return [...onHost, ...inNetwork]
    .filter(([, obstacles]) => obstacles.length > 0)
    .toSorted(([a], [b]) => preference(a) - preference(b))
    .map(([recipe, obstacles], index) => {
      const site = siteOf(diagnosis, context, obstacles)
      return {
        id: recipe.id,
        rank: index + 1,
        automatic: false,
        clears: [...new Set(obstacles.map(({ id }) => id))],
        text: message(`remedy.${recipe.id}`, { ports: site.names || null }),
        steps: [...recipe.steps(site), checkAgain(recipe, site)],
      }
    })
}

function preference({ id }: Recipe): number {
  return REMEDY_IDS.indexOf(id)
}

function checkAgain(recipe: Recipe, { command }: Site): Message {
  const moved = command.replace(/(?: --port \S+)+/, ' --port NEWPORT')
  return message('step.check-again', { command: recipe.id === 'use-another-port' ? moved : command })
}

function facedBy(recipe: Recipe, obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return obstacles.filter(({ id }) => recipe.against.includes(id))
}

/** The obstacles that a recipe of the network clears, cut down to the endpoints that it opens, and those of the node's work. */
function clearedBy(recipe: Recipe, { obstacles }: Unprescribed, opened: readonly Opened[]): readonly Obstacle[] {
  const opens = new Set(opened.filter(({ ways }) => ways.choices.flat().includes(recipe)).map(({ name }) => name))
  const clears = [...recipe.against, ...(recipe.alsoClears ?? [])]
  const cutDown = obstacles
    .filter(({ id }) => clears.includes(id) && !isOnHost(id))
    .map((each) => ({ ...each, endpoints: each.endpoints.filter((name) => opens.has(name)) }))
    .filter(({ endpoints }) => endpoints.length > 0)
  return [...cutDown, ...facedBy(recipe, obstacles).filter(({ endpoints }) => endpoints.length === 0)]
}

// ---------------------------------------------------------------------------------------------- plans

/** A choice of the network, with all endpoints that it opens. */
interface Choice {
  readonly recipes: readonly Recipe[]
  readonly opened: readonly { readonly one: Opened; readonly onHost: readonly Recipe[] }[]
}

function plansFor(diagnosis: Unprescribed, opened: readonly Opened[], remedies: readonly Remedy[]): readonly Plan[] {
  const isAutomatic = (ids: readonly RemedyId[]) =>
    ids.every((id) => remedies.some((remedy) => remedy.id === id && remedy.automatic))
  const opening = choicesIn(opened).map((choice): Plan => {
    const onHost = HOST_RECIPES.filter((recipe) => choice.opened.some((each) => each.onHost.includes(recipe)))
    const recipes = [...onHost, ...choice.recipes]
    const ids = recipes.map(({ id }) => id)
    const standing = choice.opened.flatMap(({ one }) => one.way.obstacles)
    return {
      remedies: ids,
      clears: clearedOf(recipes, standing),
      endpoints: choice.opened.map(({ one }) => one.name),
      automatic: isAutomatic(ids),
      certain: choice.opened.every(({ one }) => isCertain(one, recipes)),
    }
  })
  return [...opening, ...workPlans(diagnosis, isAutomatic)].toSorted((a, b) => byPreference(a.remedies, b.remedies))
}

function choicesIn(opened: readonly Opened[]): readonly Choice[] {
  const choices = new Map<string, Choice>()
  for (const one of opened) {
    for (const [index, recipes] of one.ways.choices.entries()) {
      const key = recipes.map(({ id }) => id).join(' ')
      const known = choices.get(key)?.opened ?? []
      choices.set(key, { recipes, opened: [...known, { one, onHost: one.ways.onHost[index]! }] })
    }
  }
  return [...choices.values()]
}

function clearedOf(recipes: readonly Recipe[], standing: readonly Obstacle[]): readonly ObstacleId[] {
  const clears = recipes.flatMap(({ against, alsoClears = [] }) => [...against, ...alsoClears])
  return [...new Set(standing.map(({ id }) => id))].filter((id) => clears.includes(id))
}

function isCertain({ twin, way }: Opened, recipes: readonly Recipe[]): boolean {
  const changes = recipes.flatMap((recipe) => recipe.changes(way))
  return twin !== undefined && askEndpoint(twin, changes) === 'yes'
}

/** What stops the node's work is cleared one by one. */
function workPlans({ obstacles }: Unprescribed, isAutomatic: (ids: readonly RemedyId[]) => boolean): readonly Plan[] {
  const standing = obstacles.filter(({ endpoints }) => endpoints.length === 0)
  return [...HOST_RECIPES, ...NETWORK_RECIPES].flatMap((recipe): readonly Plan[] => {
    const faced = facedBy(recipe, standing)
    if (faced.length === 0) return []
    const clears = clearedOf([recipe], faced)
    return [{ remedies: [recipe.id], clears, endpoints: [], automatic: isAutomatic([recipe.id]), certain: false }]
  })
}

/** Whose network remedies come first in the order of preference; fewer before more. */
function byPreference(a: readonly RemedyId[], b: readonly RemedyId[]): number {
  const ranks = (ids: readonly RemedyId[]) => ids.map((id) => REMEDY_IDS.indexOf(id)).reverse()
  const [left, right] = [ranks(a), ranks(b)]
  const index = left.findIndex((rank, at) => rank !== right[at])
  return index < 0 ? left.length - right.length : left[index]! - (right[index] ?? -1)
}
