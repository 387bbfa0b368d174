/**
 * How long the twin takes to answer one question about all endpoints of a diagnosis, in several home networks. Prints the
 * median and the longest, and what building the twin takes.
 *
 *   npm run build && node bench/twin.mjs [-- --rounds 200]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { check } from '../dist/check.js'
import { askTwin, buildTwin } from '../dist/diagnose/twin/twin.js'
import { buildTopology } from '../dist/sim/build.js'
import { startVantages } from '../dist/sim/start-vantages.js'
import { parseTopology } from '../dist/topology/parse-topology.js'
import { startVantage } from '../dist/vantage/server.js'

const NETWORKS = ['home-nat', 'double-nat', 'carrier-nat', 'home-nat-and-host-firewall', 'ipv6-stateful-router']
const PORTS = ['4001', '4002']
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } })

for (const name of NETWORKS) {
  const diagnosis = await diagnose(name)
  const builds = times(() => buildTwin(diagnosis))
  const twin = buildTwin(diagnosis)
  const questions = times(() => askTwin(twin, [{ kind: 'listen' }, { kind: 'forward', box: 'router1' }]))
  process.stdout.write(
    `${name}, ${twin.endpoints.size} endpoints: a question ${spread(questions)}, building the twin ${spread(builds)}\n`,
  )
}

async function diagnose(name) {
  const text = readFileSync(new URL(`../topologies/${name}.yaml`, import.meta.url), 'utf8')
  const { topology } = parseTopology(text, name)
  const simulated = buildTopology(topology, 1)
  await startVantages(simulated, topology, startVantage)
  const { check: args, on } = topology.truth[0]
  const vantages = args.flatMap((arg, index) => (args[index - 1] === '--vantage' ? [arg] : []))
  const { diagnosis } = await simulated.world.run(check({ ports: PORTS, vantages }, simulated.host(on)))
  return diagnosis
}

function times(work) {
  const rounds = Number(values.rounds)
  for (let round = 0; round < rounds; round++) work()
  return Array.from({ length: rounds }, () => {
    const startedMs = performance.now()
    work()
    return performance.now() - startedMs
  }).sort((a, b) => a - b)
}

function spread(sorted) {
  return `${sorted[Math.floor(sorted.length / 2)].toFixed(1)} ms (at most ${sorted.at(-1).toFixed(1)})`
}
