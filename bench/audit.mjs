/**
 * The matrix of the AutoNAT v2 audit (audit-matrix.mjs) on the kernel: how long `peerway check` takes until its verdict, and
 * whether that is right.
 *
 *   npm run build && node bench/audit.mjs [--rounds 3]
 *
 * Needs root.
 */
import { parseArgs } from 'node:util'
import { bringUp, runInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { KINDS, onTheWay, SERIES } from './audit-matrix.mjs'
import { median, SECTIONS, seconds, table, writeSection } from './page.mjs'

const COMMAND = ['peerway', 'check', '--port', '4001', '--vantage', '198.51.100.20']

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const rounds = Number(values.rounds)

let wrong = 0
const rows = []
for (const series of SERIES) {
  const medians = []
  for (const kind of KINDS) medians.push(await measure(kind, series))
  const name = `${series.delayMs} ms${series.lossPercent === 0 ? '' : `, ${series.lossPercent} % lost`}`
  rows.push([name, ...medians.map(seconds), series.autoNat ?? '–'])
}
writeSection(SECTIONS.audit, { command: 'node bench/audit.mjs', body: report() })

async function measure({ file, reachable }, series) {
  const read = readTopologyFile(new URL(`../topologies/${file}`, import.meta.url).pathname)
  const topology = onTheWay(read.topology, series)
  const lab = await bringUp(topology, { lab: `bench.${process.pid}`, file: read.file, owner: ownProcess() })
  const times = []
  try {
    for (let round = 0; round < rounds; round += 1) {
      const startedMs = performance.now()
      const { status } = await runInside(lab, 'node', COMMAND)
      times.push(performance.now() - startedMs)
      if (status !== (reachable ? 0 : 1)) wrong += 1
    }
  } finally {
    await takeDown(lab)
  }
  return median(times)
}

function report() {
  const head = ['one way', ...KINDS.map(({ kind }) => kind), 'AutoNAT v2']
  const runs = rounds * KINDS.length * SERIES.length
  return `
Seconds from the start of \`peerway check\` to its end, median of ${rounds}; UDP and TCP of one port against one vantage with two
addresses. Wrong verdicts: ${wrong} of ${runs}.

The last column was not measured here: it is what the [audit](https://github.com/probe-lab/autonat-perf-audit) printed for its
time to a confident verdict on the same kinds of router, with 3 to 7 servers. There, "address-restricted" was called reachable in 60 of 60
runs, which is false for a stranger, and "symmetric" got no verdict.

${table(head, rows)}`
}
