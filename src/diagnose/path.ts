import type { PathStage, StageState } from '../model/diagnosis.ts'
import type { Address, Family } from '../model/endpoint.ts'
import type { Obstacle, Stage } from '../model/obstacle.ts'
import { containerState } from './container-stage.ts'
import { customerRouter } from './customer-router.ts'
import type { Findings } from './findings.ts'
import { arrived, eatenByHost } from './judge-dial.ts'
import { type EndpointFinding, rulesLetIn } from './judge-endpoint.ts'
import { dialledByNeighbour } from './strangers-way.ts'
import type { Translators } from './translators.ts'

/** The stages that a stranger's packet passes, from the stranger to the node, for each family asked about. */
export function drawPath(
  findings: Findings,
  endpoints: readonly EndpointFinding[],
  obstacles: readonly Obstacle[],
  translators: Translators,
): readonly PathStage[] {
  const families = [...new Set(endpoints.map(({ family }) => family))]
  return families.flatMap((family) => familyPath(family, findings, endpoints, obstacles, translators))
}

function familyPath(
  family: Family,
  findings: Findings,
  all: readonly EndpointFinding[],
  obstacles: readonly Obstacle[],
  translators: Translators,
): readonly PathStage[] {
  const endpoints = all.filter((endpoint) => endpoint.family === family)
  const here = obstacles.filter(
    ({ endpoints: names }) => names.length === 0 || names.some((name) => name.includes(`/${family}/`)),
  )
  const state = (stage: Stage, layer: number | null, otherwise: StageState): StageState => {
    const blocks = here.some(
      (one) =>
        one.stage === stage &&
        one.certainty === 'proven' &&
        one.endpoints.length > 0 &&
        (layer === null || one.layer === layer),
    )
    return blocks ? 'block' : otherwise
  }
  const through = endpoints.some(({ wayIn }) => wayIn === 'yes')
  const cameHere = endpoints.some(({ dials }) =>
    dials.some(({ dial }) => arrived(dial.value) && !dialledByNeighbour(findings, dial.value)),
  )
  const passed = (): StageState => (through || cameHere ? 'pass' : 'unknown')
  const routers = routersOf(family, findings, translators)
  const container = containerState(endpoints)
  const source = findings.of('addresses')[0]?.value.source[family] ?? null
  const one = (
    stage: Stage,
    otherwise: StageState,
    address: Address | null = null,
    layer: number | null = null,
  ): PathStage => ({
    family,
    stage,
    layer,
    address,
    state: state(stage, layer, otherwise),
  })
  return [
    one('provider', passed()),
    one('carrier', carrierState(family, translators, passed()), carrierAddress(translators)),
    ...(routers.length === 0
      ? [one('router', mayHaveRouter(family, here, translators) ? 'unknown' : 'absent')]
      : routers.map(({ layer, address }) => one('router', passed(), address, layer))),
    one('host-firewall', hostState(endpoints), source),
    one('container', container.state, container.address),
    one('process', processState(endpoints)),
  ]
}

/** No router showed itself; it may be there all the same where nothing tells, or where an obstacle speaks of one. */
function mayHaveRouter(family: Family, obstacles: readonly Obstacle[], translators: Translators): boolean {
  return (family === 'ipv4' && translators.kind === 'unknown') || obstacles.some(({ stage }) => stage === 'router')
}

/** Routers from the strangers' side inwards: the outermost layer first. */
function routersOf(
  family: Family,
  findings: Findings,
  translators: Translators,
): readonly { layer: number; address: Address | null }[] {
  if (family === 'ipv6' || translators.kind !== 'some') {
    const router = customerRouter(findings, family)
    return router.state === 'yes' ? [{ layer: 1, address: router.address }] : []
  }
  const { outermost, firstRouter } = translators
  if (outermost.stage === 'carrier') {
    return translators.count === 1 ? [] : [{ layer: 1, address: firstRouter }]
  }
  const first = { layer: 1, address: firstRouter }
  return outermost.layer !== null && outermost.layer > 1
    ? [{ layer: outermost.layer, address: outermost.address }, first]
    : [first]
}

function carrierState(family: Family, translators: Translators, passed: StageState): StageState {
  if (family === 'ipv6' || translators.kind === 'none') return 'absent'
  if (translators.kind === 'unknown') return 'unknown'
  if (translators.outermost.stage === 'carrier') return passed
  return translators.outermost.stage === 'router' ? 'absent' : 'unknown'
}

function carrierAddress(translators: Translators): Address | null {
  return translators.kind === 'some' && translators.outermost.stage === 'carrier' ? translators.outermost.address : null
}

function hostState(endpoints: readonly EndpointFinding[]): StageState {
  const isInDoubt = endpoints.some(({ dials }) => dials.some(({ dial }) => eatenByHost(dial.value.arrival)))
  if (isInDoubt) return 'unknown'
  return endpoints.some(({ wayIn }) => wayIn === 'yes') || endpoints.every(rulesLetIn) ? 'pass' : 'unknown'
}

function processState(endpoints: readonly EndpointFinding[]): StageState {
  return endpoints.every(({ process }) => process === 'listening') ? 'pass' : 'unknown'
}
