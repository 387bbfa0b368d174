import type { Unprescribed } from '../diagnose/diagnose.ts'
import { buildTwin, type EndpointTwin, explainsEvidence } from '../diagnose/twin/twin.ts'
import type { EndpointName } from '../model/endpoint.ts'
import type { Recipe, Way } from './recipes/recipe.ts'
import { type PrescribeContext, siteOf } from './site.ts'
import { type Candidates, type Choice, thoughtOf, waysOf } from './ways.ts'

/** An endpoint that obstacles stop, with what would open it. */
export interface Opened {
  readonly name: EndpointName
  readonly way: Way
  /** Undefined where it does not explain what was seen. */
  readonly twin: EndpointTwin | undefined
  /** None where nothing that we know opens it. */
  readonly choices: readonly Choice[]
}

/** Each endpoint that an obstacle stops. Without an obstacle nothing is simulated. */
export function openedEndpoints(diagnosis: Unprescribed, context: PrescribeContext): readonly Opened[] {
  if (diagnosis.obstacles.length === 0) return []
  const twin = buildTwin(diagnosis)
  const known = new Map<string, Pick<Opened, 'twin' | 'choices'>>()
  const names = [...new Set(diagnosis.obstacles.flatMap(({ endpoints }) => endpoints))]
  return names.map((name) => {
    const own = twin.endpoints.get(name)
    const obstacles = diagnosis.obstacles.filter(({ endpoints }) => endpoints.includes(name))
    const way: Way = { boxes: own?.boxes ?? [], obstacles }
    const shape = own?.shape ?? name
    const answers = known.get(shape) ?? ask(own, way, candidatesFor(diagnosis, context, name, way))
    known.set(shape, answers)
    return { name, way, ...answers }
  })
}

function ask(own: EndpointTwin | undefined, way: Way, candidates: Candidates): Pick<Opened, 'twin' | 'choices'> {
  const twin = own !== undefined && explainsEvidence(own) ? own : undefined
  return { twin, choices: waysOf(twin, way, candidates) }
}

function candidatesFor(diagnosis: Unprescribed, context: PrescribeContext, name: EndpointName, way: Way): Candidates {
  const about = way.obstacles.map((each) => ({ ...each, endpoints: [name] }))
  const site = siteOf(diagnosis, context, about)
  const isOffered = ({ offered }: Recipe) => offered?.(site) ?? true
  const { host, network } = thoughtOf(way)
  return { host: host.filter(isOffered), network: network.filter(isOffered) }
}
