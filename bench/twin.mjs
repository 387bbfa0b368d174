/**
 * How long the twin takes to answer one question about all endpoints of a diagnosis, in several home networks.
 *
 *   npm run build && node bench/twin.mjs [--rounds 200]
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { check } from '../dist/check.js'
import { askTwin, buildTwin } from '../dist/diagnose/twin/twin.js'
import { buildTopology } from '../dist/sim/build.js'
import { startVantages } from '../dist/sim/start-vantages.js'
import { parseTopology } from '../dist/topology/parse-topology.js'
import { startVantage } from '../dist/vantage/server.js'
import { median, SECTIONS, table, writeSection } from './page.mjs'

const NETWORKS = ['home-nat', 'double-nat', 'carrier-nat', 'home-nat-and-host-firewall', 'ipv6-stateful-router']
const PORTS = ['4001', '4002']
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } })

const rows = []
for (const name of NETWORKS) rows.push(await measure(name))
const head = ['network', 'endpoints', 'a question, ms', 'at most, ms', 'building the twin, ms', 'at most, ms']
writeSection(SECTIONS.twin, { command: 'node bench/twin.mjs', body: `${introduction()}\n\n${table(head, rows)}` })

async function measure(name) {
  const diagnosis = await diagnose(name)
  const builds = times(() => buildTwin(diagnosis))
  const twin = buildTwin(diagnosis)
  const questions = times(() => askTwin(twin, [{ kind: 'listen' }, { kind: 'forward', box: 'router1' }]))
  return [`\`topologies/${name}.yaml\``, `${twin.endpoints.size}`, ...spread(questions), ...spread(builds)]
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
  return [median(sorted).toFixed(1), sorted.at(-1).toFixed(1)]
}

function introduction() {
  return `
"Would a stranger get in if the node listened and the router forwarded the port?", asked about every endpoint of a diagnosis,
${values.rounds} times; the aim is 50 ms at most. No other program is known that answers this, so there is nothing to stand beside.`
}
