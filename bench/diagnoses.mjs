/**
 * Whole diagnoses per second, each in a home network that was built for it in the simulator; and random networks per
 * minute, as the test of them runs.
 *
 *   npm run build && node bench/diagnoses.mjs [--rounds 5] [--seconds 2]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check } from '../dist/check.js'
import { buildTopology } from '../dist/sim/build.js'
import { startVantages } from '../dist/sim/start-vantages.js'
import { parseTopology } from '../dist/topology/parse-topology.js'
import { startVantage } from '../dist/vantage/server.js'
import { count, median, range, SECTIONS, seconds, writeSection } from './page.mjs'

const WARM_UP = 200
const RANDOM_TEST = 'test/random/networks.test.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
})

const file = new URL('../topologies/home-nat.yaml', import.meta.url)
const { topology } = parseTopology(readFileSync(file, 'utf8'), 'home-nat')

const { hops, virtualMs } = await diagnose(1)
for (let seed = 1; seed <= WARM_UP; seed++) await diagnose(seed)
const rates = []
for (let round = 0; round < Number(values.rounds); round++) rates.push(await diagnosesPerSecond())
const random = randomNetworks()

writeSection(SECTIONS.diagnoses, {
  command: 'node bench/diagnoses.mjs',
  body: `
**${count(median(rates))} diagnoses a second** on one core (${range(rates, count)} in ${values.rounds} rounds), each of them all that \`peerway check\` does, in a
new network (\`topologies/home-nat.yaml\`) with its vantage, ${count(hops)} packet hops and ${seconds(virtualMs)} s of virtual time; the same check
takes as long in a network of the kernel as the first section says. The simulator itself has about a fifth of the time, by a
profile: what it runs is real, so the rest goes to encoding and decoding every message at both ends, to following some 60
packets through the host's rules, to promises and their garbage, and to a report with all its sentences. No line of the
profile has more than a thirtieth.

**${count(random.perMinute)} random networks a minute**: ${count(random.networks)} of them, made up, diagnosed and judged against their truth, took ${count(random.tookSeconds)} s.
`,
})

async function diagnosesPerSecond() {
  const startedMs = performance.now()
  let done = 0
  while (performance.now() - startedMs < Number(values.seconds) * 1000) await diagnose(++done)
  return done / ((performance.now() - startedMs) / 1000)
}

async function diagnose(seed) {
  const simulated = buildTopology(topology, seed)
  const { world } = simulated
  await startVantages(simulated, topology, startVantage)
  const work = check({ ports: ['4001'], vantages: ['198.51.100.20'] }, simulated.host('node'))
  const { report } = await world.run(work)
  if (report.verdict !== 'unreachable') throw new Error(`seed ${seed}: ${report.verdict}`)
  return { hops: world.hops, virtualMs: world.nowMs }
}

/** As `npm run check` runs it; its name says how many there are. */
function randomNetworks() {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
  const results = join(folder, 'results.json')
  const args = ['vitest', 'run', '--project', 'fast', RANDOM_TEST, '--reporter=json', `--outputFile=${results}`]
  try {
    const ran = spawnSync('npx', args, { cwd: new URL('..', import.meta.url), encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`${RANDOM_TEST} failed: ${ran.stderr}`)
    const [{ title, duration }] = JSON.parse(readFileSync(results, 'utf8')).testResults[0].assertionResults
    const networks = Number.parseInt(title, 10)
    return { networks, tookSeconds: duration / 1000, perMinute: networks / (duration / 60_000) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
