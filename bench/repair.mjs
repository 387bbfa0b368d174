/**
 * How long a whole repair takes: `peerway fix --yes` in a home 40 ms from everybody whose router opens ports when asked,
 * from the start of the program to its end. Each round begins with nothing mapped.
 *
 *   npm run build && node bench/repair.mjs [--rounds 5]      needs root and miniupnpd
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bringUp, runInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { median, range, SECTIONS, seconds, table, writeSection } from './page.mjs'

const VANTAGE = '198.51.100.20'
const ASKED = ['--port', '4001', '--vantage', VANTAGE]
const DELAY_MS = 40

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const read = readTopologyFile(fileURLToPath(new URL('../topologies/home-upnp.yaml', import.meta.url)))
const access = read.topology.boxes.find(({ kind }) => kind === 'router').outside
const topology = {
  ...read.topology,
  links: [{ from: 'box', to: access, delayMs: DELAY_MS, lossPercent: 0 }],
}

const times = { check: [], fix: [] }
const lab = await bringUp(topology, { lab: `bench.${process.pid}`, file: read.file, owner: ownProcess() })
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    times.check.push(await timeOne(['peerway', 'check', ...ASKED], 1))
    times.fix.push(await timeOne(['peerway', 'fix', '--yes', ...ASKED], 0))
    await timeOne(['peerway', 'undo', '--all'], 0)
  }
} finally {
  await takeDown(lab)
}

const row = (name, each) => [name, seconds(median(each)), range(each, seconds)]
writeSection(SECTIONS.repair, {
  command: 'node bench/repair.mjs',
  body: `
A home router that opens ports when it is asked (\`topologies/home-upnp.yaml\`), ${DELAY_MS} ms one way from everybody; from the start of
the program to its end, ${values.rounds} rounds, after each of which \`peerway undo --all\` has taken everything back. \`fix\` diagnoses, opens the
port over both transports, and diagnoses again with a dial from outside. Nothing stands beside it, as no other program is known that proves
its repair.

${table(
  ['program', 'median, s', 'range, s'],
  [row('`peerway check`, for comparison', times.check), row('`peerway fix --yes`', times.fix)],
)}
`,
})

async function timeOne(command, expected) {
  const startedMs = performance.now()
  const { status, stdout, stderr } = await runInside(lab, 'node', command)
  const tookMs = performance.now() - startedMs
  if (status !== expected) throw new Error(`${command.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return tookMs
}
