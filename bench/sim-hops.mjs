/**
 * Packet hops per second on one core, and memory per simulated host: peerway's simulator beside ns-3, in turn, each
 * measurement in a process of its own. Without ns-3's headers and a compiler its lines are missing, and the page says so.
 *
 *   npm run build && node bench/sim-hops.mjs [--rounds 5] [--seconds 1.5] [--hosts 100000]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { count, median, range, SECTIONS, table, writeSection } from './page.mjs'

const CHAIN = fileURLToPath(new URL('sim/chain.mjs', import.meta.url))
const NS3_SOURCE = fileURLToPath(new URL('ns3/chain.cc', import.meta.url))
const NS3_LIBRARIES = ['point-to-point', 'internet', 'traffic-control', 'network', 'core'].map(
  (each) => `-lns3-${each}`,
)
const [ROUTERS, FLOWS] = [6, 1000]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    hosts: { type: 'string', default: '100000' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
try {
  measure(buildNs3(folder))
} finally {
  rmSync(folder, { recursive: true })
}

/** The program's path, or why there is none. */
function buildNs3(into) {
  const program = join(into, 'chain')
  const built = spawnSync('g++', ['-O2', '-std=c++17', '-o', program, NS3_SOURCE, ...NS3_LIBRARIES], {
    encoding: 'utf8',
  })
  if (built.status === 0)
    return { program, version: execFileSync('pkg-config', ['--modversion', 'ns3-core'], { encoding: 'utf8' }).trim() }
  const why = (built.error?.message ?? built.stderr).split('\n')[0]
  process.stderr.write(`ns-3 is left out, for its peer cannot be built: ${why}\n`)
  return null
}

function measure(ns3) {
  const peerway = (...args) => JSON.parse(run(process.execPath, ['--expose-gc', CHAIN, ...args]))
  const chains = [
    {
      name: 'peerway: host, NAT, carrier NAT, filter, host',
      ask: () => peerway('hops', 'translated', values.seconds).hopsPerSecond,
    },
    { name: `peerway: ${ROUTERS} plain routers`, ask: () => peerway('hops', 'plain', values.seconds).hopsPerSecond },
    ...(ns3 === null
      ? []
      : [
          {
            name: `ns-3: ${ROUTERS} plain routers`,
            ask: () => Number(run(ns3.program, ['hops', String(ROUTERS), String(FLOWS), values.seconds])),
          },
        ]),
  ]
  const rates = chains.map(() => [])
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, { ask }] of chains.entries()) rates[index].push(ask())
  }
  const { heapBytesPerHost, residentBytesPerHost, peakBytes } = peerway('hosts', values.hosts)
  const peerBytes = ns3 === null ? null : Number(run(ns3.program, ['hosts', values.hosts]))

  const medians = rates.map(median)
  const peer = ns3 === null ? null : medians.at(-1)
  const hops = chains.map(({ name }, index) => [
    name,
    count(medians[index]),
    range(rates[index], count),
    peer === null ? '-' : (medians[index] / peer).toFixed(1),
  ])
  const hosts = [
    [
      'peerway',
      count(residentBytesPerHost),
      count(heapBytesPerHost),
      `${count(peakBytes / 2 ** 20)} MiB`,
      peerBytes === null ? '-' : (residentBytesPerHost / peerBytes).toFixed(2),
    ],
    ...(ns3 === null ? [] : [['ns-3', count(peerBytes), '-', '-', '1.00']]),
  ]
  writeSection(SECTIONS.simulator, {
    command: 'node bench/sim-hops.mjs',
    versions: ns3 === null ? [] : [`ns-3 ${ns3.version}`],
    body: `
A hop is a packet's arrival at a machine. ${count(FLOWS)} flows ask and are answered, 100 bytes each way, as fast as one core
goes; ${values.rounds} rounds in turn, each in a new process. Like is compared with like in the lines of plain routers. ns-3 has no
NAT, so it has no peer for the first line, in which every packet is tracked, translated twice and filtered.

${table(['chain', 'median, hops/s', 'range, hops/s', 'times ns-3'], hops)}

The programs do not do the same. ns-3 builds and parses real headers with their bytes, and has queues and transmission
times at every device; it is set up here to be fast: IPv4 alone, static routes alone, no queue disciplines, no
traces. In peerway a packet is an object with fields, cables have delay, loss and jitter but no rate, and neighbours are
found without asking; bytes are written only for captures.${ns3 === null ? NO_NS3 : ''}

Memory, with ${count(Number(values.hosts))} hosts in one simulation, each with a socket, after each has spoken with its neighbour: on one
network in peerway, in pairs in ns-3, where a network of all would carry every question for an address to everybody.

${table(['program', 'resident bytes per host', 'of them heap', 'peak of the process', 'times ns-3'], hosts)}
`,
  })
}

const NO_NS3 = `

**ns-3 was not measured:** \`apt-get install libns3-dev g++ pkg-config\` on Debian brings what it takes to build its side.`

function run(program, args) {
  return execFileSync(program, args, { encoding: 'utf8' })
}
