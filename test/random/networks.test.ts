import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askInside } from './ask.ts'
import { networkOf } from './document.ts'
import { judgeReport } from './judge.ts'
import { type Recipe, recipe } from './recipe.ts'

/**
 * Thousands of random networks with known truth: nothing that a check says of one of them is false, and what can be
 * proven is found. Fresh ones in the long tier. `PEERWAY_SEED` and `PEERWAY_PATH`, as a failure prints them, run the
 * smallest network that failed alone.
 */
const LONG = process.env.PEERWAY_LONG !== undefined
const NETWORKS = LONG ? 100_000 : 2_000
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261121))
const PATH = process.env.PEERWAY_PATH

test(`${NETWORKS} random networks from seed ${SEED}: no false claim, and what is provable is found`, {
  timeout: LONG ? 7_200_000 : 300_000,
}, async () => {
  const tally = { asked: 0, decided: 0, proven: 0, right: 0, wrong: 0 }
  const property = fc.asyncProperty(recipe, async (one) => {
    const faults = await faultsOf(one, tally)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
  const details = await fc.check(property, { seed: SEED, numRuns: NETWORKS, ...(PATH && { path: PATH }) })
  if (details.failed) throw new Error(explain(details))
  if (PATH !== undefined) return
  // Whoever never says anything never says anything false.
  expect(tally.decided).toBeGreaterThan(tally.asked * 0.8)
  expect(tally.proven).toBeGreaterThan(NETWORKS)
  console.log(`of ${tally.right + tally.wrong} obstacles called likely ${tally.right} are real`)
})

async function faultsOf(one: Recipe, tally: Record<string, number>): Promise<readonly string[]> {
  const network = networkOf(one)
  const report = await askInside(network, one.seed)
  const { falseClaims, missed, likely } = judgeReport(network.topology, report)
  tally.asked! += report.endpoints.length
  tally.decided! += report.endpoints.filter(({ reachable }) => reachable !== 'unknown').length
  tally.proven! += report.obstacles.filter(({ certainty }) => certainty === 'proven').length
  tally.right! += likely.right
  tally.wrong! += likely.wrong
  return [...falseClaims.map((each) => `false: ${each}`), ...missed.map((each) => `missed: ${each}`)]
}

function explain({ counterexample, counterexamplePath, errorInstance, seed }: fc.RunDetails<[Recipe]>): string {
  const [smallest] = counterexample!
  const { yaml, ports, vantages, node } = networkOf(smallest)
  const flags = [
    ...(node ? [`--node ${node}`] : []),
    ...ports.map((port) => `--port ${port}`),
    ...vantages.map((each) => `--vantage ${each}`),
  ].join(' ')
  return [
    (errorInstance as Error).message,
    '',
    `PEERWAY_SEED=${seed} PEERWAY_PATH=${counterexamplePath} npx vitest run --project fast test/random`,
    `or write the network below to random.yaml, and: peerway sim random.yaml --seed ${smallest.seed} -- check ${flags}`,
    '',
    yaml,
  ].join('\n')
}
