/**
 * What a watch costs while nothing happens: its memory beside that of a Node.js which does nothing at all, and its processor
 * time, in a home of the lab whose router has opened the ports.
 *
 *   npm run build && node bench/watch.mjs [--minutes 5]      needs root and miniupnpd
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bringUp, commandInside, runInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { SECTIONS, table, writeSection } from './page.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } })
const MINUTES = Number(values.minutes)
const SETTLED_MS = 30_000
const SEEN_EVERY_MS = 5000
/** At the default pace. */
const CHECKS_PER_HOUR = 4
const TICKS_PER_SECOND = 100

const { topology, file } = readTopologyFile(fileURLToPath(new URL('../topologies/home-pcp.yaml', import.meta.url)))
const lab = await bringUp(topology, { lab: `bench.${process.pid}`, file, owner: ownProcess() })
try {
  const bare = start([process.execPath, '-e', 'setInterval(() => {}, 1e9)'])
  const watch = start(['peerway', 'watch', '--port', '4001', '--vantage', '198.51.100.20'])
  await sleep(SETTLED_MS)
  const [bareNode, watchNode] = [nodeIn(bare.pid), nodeIn(watch.pid)]
  const before = { cpu: cpuSeconds(watchNode), checks: await checks() }
  const seen = [memoryOf(watchNode)]
  for (let left = MINUTES * 60_000; left > 0; left -= SEEN_EVERY_MS) {
    await sleep(SEEN_EVERY_MS)
    seen.push(memoryOf(watchNode))
  }
  const after = { cpu: cpuSeconds(watchNode), checks: await checks() }
  const bySize = seen.toSorted((a, b) => a.resident - b.resident)
  const bareMemory = memoryOf(bareNode)
  const own = ((after.cpu.own - before.cpu.own) * 60) / MINUTES
  const each = after.cpu.children / after.checks
  const rows = [
    ["`node -e 'setInterval(() => {}, 1e9)'`", bareMemory],
    ['`peerway watch`, most of the time (median)', bySize[Math.floor(bySize.length / 2)]],
    ['`peerway watch`, at its largest', bySize.at(-1)],
  ].map(([name, { resident, unshared }]) => {
    return [name, mib(resident), mib(unshared), (resident / bareMemory.resident).toFixed(2)]
  })
  writeSection(SECTIONS.watch, {
    command: 'node bench/watch.mjs',
    body: `
A watch that holds two ports and two pinholes open at a router that speaks PCP (\`topologies/home-pcp.yaml\`), ${SETTLED_MS / 1000} s after its
start and for ${MINUTES} minutes at the default pace, in which nothing happens; looked at every ${SEEN_EVERY_MS / 1000} s.

${table(['program', 'resident, MiB', 'of it shared with nobody, MiB', 'times bare'], rows)}

Processor time: **${(own + CHECKS_PER_HOUR * each).toFixed(1)} s an hour**, which is ${own.toFixed(1)} s for the watch itself, and ${CHECKS_PER_HOUR} checks of ${each.toFixed(2)} s, each in a
process of its own. The aims are 1.8 times the memory and 10 s an hour at most.
`,
  })
  bare.kill()
  watch.kill()
} finally {
  await takeDown(lab)
}

function start(command) {
  const { argv, env } = commandInside(lab, 'node', command)
  return spawn(argv[0], argv.slice(1), { env, stdio: 'ignore' })
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** What entered the lab waits there for its only child, and that for Node.js, unless it became it. */
function nodeIn(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return child === '' ? pid : nodeIn(Number(child))
}

/** Of the process, and of those of its children that have ended. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system, childUser, childSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number)
  return { own: (user + system) / TICKS_PER_SECOND, children: (childUser + childSystem) / TICKS_PER_SECOND }
}

function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (name) => Number(new RegExp(`^${name}: +([0-9]+) kB`, 'm').exec(text)[1]) * 1024
  return { resident: field('Rss'), unshared: field('Private_Clean') + field('Private_Dirty') }
}

async function checks() {
  const { stdout } = await runInside(lab, 'node', ['curl', '-s', 'http://127.0.0.1:9788/metrics'])
  return Number(/^peerway_checks_total ([0-9]+)/m.exec(stdout)[1])
}

function mib(bytes) {
  return (bytes / 1024 / 1024).toFixed(1)
}
