import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { findFlowBoxes } from '../../src/diagnose/flow-boxes.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { type BoxInRow, boxesInARow, checkRow, type Line } from './boxes-in-a-row.ts'

/**
 * None to four boxes one behind the other, each of which translates, filters or only passes on, in ranges that overlap and
 * ones that do not: what is said of their number, their places and their memory is exact, or a range that holds the truth.
 */
const LONG = process.env.PEERWAY_LONG !== undefined
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261124))
const PATH = process.env.PEERWAY_PATH

interface Row {
  readonly boxes: readonly BoxInRow[]
  readonly line: Line
  readonly seed: number
}

const box: fc.Arbitrary<BoxInRow> = fc.record({
  does: fc.constantFrom('translates', 'translates', 'filters', 'routes'),
  seconds: fc.constantFrom(10, 20, 30, 45, 60, 90, 120, 180, 240, 300),
  isKeptFromInside: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  opensPorts: fc.boolean(),
  overlaps: fc.boolean(),
  isCarriers: fc.boolean(),
})

const row: fc.Arbitrary<Row> = fc.record({
  boxes: fc.array(box, { maxLength: 4 }),
  line: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ lossPercent: fc.constantFrom(1, 5, 10), jitterMs: fc.constantFrom(0, 20) }) },
  ),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})

test.each([
  ['at once', false, LONG ? 20_000 : 300],
  ['deep', true, LONG ? 2_000 : 25],
] as const)(
  'of %s checks nothing is wrong about layers',
  { timeout: LONG ? 7_200_000 : 120_000 },
  async (_, deep, numRuns) => {
    const tally = { exact: 0, range: 0, places: 0 }
    const property = fc.asyncProperty(row, async ({ boxes, line, seed }) => {
      const yaml = boxesInARow(boxes, line)
      const { diagnosis } = await checkRow(yaml, { deep, seed })
      const faults = [...wrongCount(boxes, diagnosis), ...(deep ? wrongPlaces(boxes, diagnosis) : [])]
      if (faults.length > 0) throw new Error(`${faults.join('\n')}\nseed ${seed}\n${yaml}`)
      if (diagnosis.nat.layers === null) tally.range += 1
      else tally.exact += 1
      tally.places += deep && findFlowBoxes(new Findings(diagnosis.evidence), 'ipv4')?.isComplete ? 1 : 0
    })
    await fc.assert(property, { seed: SEED, numRuns, ...(PATH && { path: PATH }) })
    console.log(`layers${deep ? ', deep' : ''}: ${JSON.stringify(tally)}`)
    if (PATH === undefined) expect(tally.exact).toBeGreaterThan(numRuns * 0.4)
  },
)

function wrongCount(boxes: readonly BoxInRow[], { nat, obstacles }: Diagnosis): readonly string[] {
  const truth = boxes.filter(({ does }) => does === 'translates').length
  const { layers, layerBounds } = nat
  const { least = layers ?? 0, most = layers } = layerBounds ?? {}
  const owns = boxes.findLastIndex(({ does }) => does === 'translates') + 1
  const placed = obstacles.filter(
    ({ stage, layer, certainty }) => stage === 'router' && layer !== null && certainty === 'proven',
  )
  return [
    ...(layers !== null && layers !== truth ? [`said ${layers} layers, truth is ${truth}`] : []),
    ...(least > truth || (most !== null && most < truth) ? [`said ${least} to ${most}, truth is ${truth}`] : []),
    ...placed
      .filter(({ id, layer }) => id !== 'router-filter-drops-inbound' && layer !== owns)
      .map(({ id, layer }) => `${id} at ${layer}`),
    ...(truth === 0 && obstacles.some(({ id }) => ['router-source-nat', 'double-nat', 'carrier-nat'].includes(id))
      ? ['said that somebody translates']
      : []),
  ]
}

/** Linux keeps UDP flows that were answered for two minutes, and filters remember as it does. */
function wrongPlaces(boxes: readonly BoxInRow[], { evidence, nat }: Diagnosis): readonly string[] {
  const flows = findFlowBoxes(new Findings(evidence), 'ipv4')
  if (flows === undefined) return []
  const memories = boxes.map(({ does, seconds }) => (does === 'routes' ? null : does === 'filters' ? null : seconds))
  const remembers = boxes.flatMap(({ does }, index) => (does === 'routes' ? [] : [index + 1]))
  const said = flows.boxes.map(({ hop }) => hop)
  const shortest = Math.min(...boxes.flatMap(({ does, seconds }) => (does === 'translates' ? [seconds] : [])))
  return [
    ...said.filter((hop) => !remembers.includes(hop)).map((hop) => `nobody remembers at hop ${hop}`),
    ...(flows.isComplete && flows.waitedSeconds > 300
      ? remembers.filter((hop) => !said.includes(hop)).map((hop) => `hop ${hop} is missed`)
      : []),
    ...flows.boxes.flatMap(({ hop, lifetime }) => {
      const truth = memories[hop - 1]
      if (truth == null || lifetime === null) return []
      return lifetime.livedSeconds <= truth && lifetime.diedSeconds >= truth
        ? []
        : [`hop ${hop}: ${JSON.stringify(lifetime)}`]
    }),
    ...(nat.udpLifetimeSeconds !== null && nat.udpLifetimeSeconds > shortest
      ? [`a lifetime of ${nat.udpLifetimeSeconds}`]
      : []),
  ]
}
