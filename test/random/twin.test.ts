import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withNode } from '../../src/diagnose/twin/change-network.ts'
import type { Scene } from '../../src/diagnose/twin/scene.ts'
import { askEndpoint, buildTwin, type EndpointTwin, explainsEvidence } from '../../src/diagnose/twin/twin.ts'
import { applyChange, type TwinChange } from '../../src/diagnose/twin/twin-change.ts'
import { wayOut } from '../../src/topology/layout.ts'
import type { Firewall, Topology } from '../../src/topology/topology.ts'
import { checkInside } from './ask.ts'
import { networkOf } from './document.ts'
import { isPublished, nodeFirewall, rulesOf } from './host-rules.ts'
import { type Recipe, recipe } from './recipe.ts'
import { firewallOf, walkIn, withoutContacts } from './stranger.ts'
import { anybodyAnswers } from './way-out.ts'

/**
 * The twin of random networks with known truth: what it says of now never contradicts the diagnosis, and what it says of
 * a change holds when the true network is changed like that. `PEERWAY_SEED` and `PEERWAY_PATH` as in `networks.test.ts`.
 */
const LONG = process.env.PEERWAY_LONG !== undefined
const NETWORKS = LONG ? 20_000 : 150
/** One in so many of the changes thought of is asked about, others in each network. */
const EVERY = LONG ? 1 : 4
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261124))
const PATH = process.env.PEERWAY_PATH

test(`the twin of ${NETWORKS} random networks from seed ${SEED} foretells what changes would do`, {
  timeout: LONG ? 7_200_000 : 300_000,
}, async () => {
  const tally = { twins: 0, explained: 0, opened: 0, yes: 0, no: 0, unknown: 0 }
  const property = fc.asyncProperty(recipe, async (one) => {
    const faults = await faultsOf(one, tally)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  const details = await fc.check(property, { seed: SEED, numRuns: NETWORKS, ...(PATH && { path: PATH }) })
  if (details.failed) throw new Error(explain(details))
  if (PATH !== undefined) return
  console.log(tally)
  expect(tally.explained).toBeGreaterThan(tally.twins * 0.9)
  // Whoever never says anything never says anything false.
  expect(tally.opened).toBeGreaterThan(NETWORKS / 10)
  expect(tally.no).toBeGreaterThan(NETWORKS)
})

async function faultsOf(one: Recipe, tally: Record<string, number>): Promise<readonly string[]> {
  const network = networkOf(one)
  const { diagnosis } = await checkInside(network, one.seed)
  const twins = [...buildTwin(diagnosis).endpoints.values()]
  return twins.flatMap((twin) => {
    const { endpoint } = twin.stated
    tally.twins!++
    const now = askEndpoint(twin, [])
    const { reachable } = twin
    const contradicts = reachable !== 'unknown' && now !== 'unknown' && now !== reachable
    if (!explainsEvidence(twin)) return []
    tally.explained!++
    if (contradicts) return [`${twin.name}: said ${reachable}, and its twin says ${now}`]
    // Of a line on which nobody answers nothing is known, and strangers may get in all the same.
    if (!anybodyAnswers(network.topology, endpoint.family)) return []
    // From a wrong diagnosis nothing follows; those are found in `networks.test.ts`.
    const { reachable: reached } = walkIn(network.topology, endpoint)
    if (reachable !== 'unknown' && reached !== (reachable === 'yes')) return []
    const possible = changesFor(twin).filter((changes) => changes.every((each) => canBeMade(network.topology, each)))
    const asked = possible.filter((_, index) => (index + one.seed) % EVERY === 0)
    return asked.flatMap((changes) => {
      const answer = askEndpoint(twin, changes)
      tally[answer]!++
      if (answer === 'yes' && reachable === 'no') tally.opened!++
      if (answer === 'unknown') return []
      const { topology } = changes.reduce(changeTruth, {
        topology: network.topology,
        endpoint,
        reach: 'direct' as const,
      })
      const truth = walkIn(topology, endpoint)
      // A mapping that the node keeps alive lets strangers in, and does not last: both answers are right.
      const lasting = walkIn(withoutContacts(topology), endpoint)
      if ([truth, lasting].some(({ reachable }) => reachable === (answer === 'yes'))) return []
      const named = changes.map((each) => Object.values(each).join(' ')).join(', ') || 'nothing'
      const stopped = [...truth.obstacles].join(', ') || 'nothing'
      return [`${twin.name} with ${named}: the twin says ${answer}, and a stranger is stopped by ${stopped}`]
    })
  })
}

/** What is forwarded to a router that does not translate ends there, and a topology cannot say that it goes further in. */
function canBeMade(topology: Topology, change: TwinChange): boolean {
  if (change.kind !== 'forward' && change.kind !== 'set-dmz') return true
  const way = wayOut(topology, 'node')
  const inner = way[way.findIndex(({ name }) => name === change.box) - 1]
  return inner === undefined || inner.nat !== null
}

/** The firewalls of random networks stop one direction alone, so whoever accepts what one stops may leave it out. */
function changeTruth(scene: Scene, change: TwinChange): Scene {
  if (change.kind !== 'accept-on-host') return applyChange(scene, change)
  const { transport, family, port } = scene.endpoint
  const rules = firewallOf(scene.topology)
  const drops = change.direction === 'in' ? rules?.dropsInbound : rules?.dropsOutbound
  const { guest } = rulesOf(scene.topology)
  const isGuests = change.direction === 'in' && isPublished(guest, transport, family, port)
  if (!isGuests && !drops?.(transport, family, port)) return scene
  const open = nodeFirewall(null, guest && { ...guest, forward: isGuests ? 'none' : guest.forward })
  const [[language, text] = []] = Object.entries(open ?? {})
  const firewall = language === undefined ? null : ({ language, text } as Firewall)
  return withNode(scene, (node) => ({ ...node, firewall }))
}

const ON_HOST: readonly TwinChange[] = [
  { kind: 'listen' },
  { kind: 'accept-on-host', direction: 'in' },
  { kind: 'accept-on-host', direction: 'out' },
]
const AT_PROVIDER: readonly TwinChange[] = [
  { kind: 'lift-filter', direction: 'in' },
  { kind: 'lift-filter', direction: 'out' },
]

/** Each change alone, each with all of the host, and all at once. */
function changesFor({ boxes }: EndpointTwin): readonly (readonly TwinChange[])[] {
  const forwards = boxes.map((box): TwinChange => ({ kind: 'forward', box }))
  const inNetwork: readonly TwinChange[] = [
    ...forwards,
    ...boxes.map((box): TwinChange => ({ kind: 'set-dmz', box })),
    ...boxes.map((box): TwinChange => ({ kind: 'open-filter', box })),
    ...boxes.map((box): TwinChange => ({ kind: 'take-away', box })),
    ...AT_PROVIDER,
  ]
  return [
    ...[...ON_HOST, ...inNetwork].map((each) => [each]),
    ON_HOST,
    ...inNetwork.map((each) => [...ON_HOST, each]),
    ...boxes
      .slice(1)
      .map((box): readonly TwinChange[] => [...ON_HOST, { kind: 'take-away', box }, ...forwards.slice(0, 1)]),
    [...ON_HOST, ...forwards],
    [...ON_HOST, ...AT_PROVIDER, ...forwards],
  ]
}

function explain({ counterexample, counterexamplePath, errorInstance, seed }: fc.RunDetails<[Recipe]>): string {
  const [smallest] = counterexample!
  return [
    (errorInstance as Error).message,
    '',
    `PEERWAY_SEED=${seed} PEERWAY_PATH=${counterexamplePath} npx vitest run --project fast test/random/twin.test.ts`,
    '',
    networkOf(smallest).yaml,
  ].join('\n')
}
