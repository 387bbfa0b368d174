import type { Answer } from '../../model/answer.ts'
import type { EndpointVerdict, NatSummary } from '../../model/diagnosis.ts'
import { type EndpointName, endpointName, familyOf } from '../../model/endpoint.ts'
import type { Unprescribed } from '../diagnose.ts'
import { Findings } from '../findings.ts'
import { buildScene, MISLEADING, type SceneParts } from './build-scene.ts'
import { strangerGetsIn } from './dial.ts'
import type { Scene } from './scene.ts'
import { obstaclesOf, type StopName, stopOf, stopsFor } from './stops.ts'
import { applyChange, leavesTheMeasured, type TwinChange } from './twin-change.ts'
import { type WayBox, wayOf } from './way.ts'
import { type Worlds, worldsOf } from './worlds.ts'

/** The diagnosed network rebuilt in the simulator, for each endpoint by itself. */
export interface Twin {
  readonly endpoints: ReadonlyMap<EndpointName, EndpointTwin>
}

export interface EndpointTwin {
  readonly name: EndpointName
  readonly reachable: Answer
  /** Endpoints of the same shape get the same answers, whatever their ports. */
  readonly shape: string
  /** The boxes that it has between this host and the provider, from this host outwards. */
  readonly boxes: readonly string[]
  /**
   * May it be the node's own traffic, and no forwarding, that lets strangers in through several translators? Each may have
   * given it another port then, and whoever changes one of them loses the way.
   */
  readonly maybeHeldOpen: boolean
  /** The network as the diagnosis states it: all obstacles stand, proven or likely. */
  readonly stated: Scene
  /** With `stated`, enough of the networks that explain the evidence to answer for all of them. */
  readonly bounds: readonly Scene[]
  /** For each proven obstacle of the endpoint: the network in which nothing but what it stands for is in the way. */
  readonly alone: readonly Scene[]
}

/** Builds the twin. Pure; nothing is simulated until it is asked. */
export function buildTwin(diagnosis: Unprescribed): Twin {
  const findings = new Findings(diagnosis.evidence)
  const twins = diagnosis.endpoints.map((each) => [endpointName(each), twinOf(findings, diagnosis, each)] as const)
  return { endpoints: new Map(twins) }
}

/** Would a stranger get in, if all these changes were made? `yes` and `no` hold in every network that explains the evidence. */
export function askTwin(twin: Twin, changes: readonly TwinChange[]): ReadonlyMap<EndpointName, Answer> {
  return new Map([...twin.endpoints].map(([name, each]) => [name, askEndpoint(each, changes)]))
}

export function askEndpoint(twin: EndpointTwin, changes: readonly TwinChange[]): Answer {
  if (changes.some(leavesTheMeasured)) return 'unknown'
  const first = getsIn(twin.stated, changes)
  if (twin.bounds.some((scene) => getsIn(scene, changes) !== first)) return 'unknown'
  if (first && twin.maybeHeldOpen && changes.some((change) => 'box' in change)) return 'unknown'
  return first ? 'yes' : 'no'
}

/** The same question to the network as the diagnosis states it. */
export function opensAsStated({ stated }: EndpointTwin, changes: readonly TwinChange[]): boolean {
  return getsIn(stated, changes)
}

/**
 * Does the twin, as it is, show what was seen? The answer must be that of the diagnosis, and each proven obstacle must
 * stop a stranger by itself. Where it does not, nothing may be concluded from it.
 */
export function explainsEvidence(twin: EndpointTwin): boolean {
  const { reachable, stated, alone } = twin
  const now = askEndpoint(twin, [])
  const agrees = reachable === 'unknown' || now === reachable || (reachable === 'yes' && getsIn(stated, []))
  return agrees && !alone.some((scene) => getsIn(scene, []))
}

function getsIn(scene: Scene, changes: readonly TwinChange[]): boolean {
  return strangerGetsIn(changes.reduce(applyChange, scene))
}

function twinOf(findings: Findings, diagnosis: Unprescribed, endpoint: EndpointVerdict): EndpointTwin {
  const { transport, family, port, reachable, external } = endpoint
  const name = endpointName(endpoint)
  const obstacles = obstaclesOf(diagnosis, name)
  const way = wayOf(diagnosis, family, obstacles)
  const worlds = worldsOf(stopsFor(findings, endpoint, obstacles, way), reachable)
  const parts: SceneParts = {
    endpoint: { transport, family, port },
    source: findings.of('addresses')[0]?.value.source[family] ?? null,
    external: external !== null && familyOf(external.address) === family ? external.address : null,
    nat: diagnosis.nat,
    way,
    obstacles,
  }
  const ways = obstacles.some(({ id }) => id === 'router-forward-elsewhere') ? MISLEADING : MISLEADING.slice(0, 1)
  const proven = obstacles.filter(({ certainty }) => certainty === 'proven').map((each) => stopOf(each)!)
  const alone = [...new Set<StopName>(proven)].filter((each) => worlds.stated.has(each))
  return {
    name,
    reachable,
    shape: shapeOf(parts, reachable, worlds),
    boxes: way.map((box) => box.name),
    maybeHeldOpen: transport === 'udp' && hasSeveral(way) && mayLetAnybodyIn(diagnosis.nat),
    stated: buildScene(parts, worlds.stated),
    bounds: worlds.bounds.flatMap((closed) => ways.map((each) => buildScene(parts, closed, each))),
    alone: alone.map((each) => buildScene(parts, new Set([each]))),
  }
}

function hasSeveral(way: readonly WayBox[]): boolean {
  return way.filter(({ translates }) => translates).length > 1
}

/** Where a mapping lets everybody in, a node that speaks to its peers needs no forwarding, as long as it does. */
function mayLetAnybodyIn({ filtering }: NatSummary): boolean {
  return filtering === 'endpoint-independent' || filtering === 'unknown'
}

function shapeOf({ endpoint, way, obstacles }: SceneParts, reachable: Answer, { stated, bounds }: Worlds): string {
  const said = obstacles.map(({ id, layer, certainty }) => [id, layer, certainty])
  const closed = [stated, ...bounds].map((each) => [...each])
  return JSON.stringify([endpoint.transport, endpoint.family, reachable, way, said, closed])
}
