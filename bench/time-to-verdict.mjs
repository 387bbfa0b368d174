/**
 * How long until the verdict: `peerway check` beside two other programs, in the same network of namespaces, round by
 * round.
 *
 *   npm run build && node bench/time-to-verdict.mjs [--rounds 5]
 *
 * Needs root, coturn's turnutils_natdiscovery and stun-client's stun.
 */
import { parseArgs } from 'node:util'
import { bringUp, runInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { median, range, SECTIONS, seconds, table, writeSection } from './page.mjs'

const VANTAGE = '198.51.100.20'
const TOPOLOGIES = ['home-nat.yaml', 'home-nat-40ms.yaml']

/** Each with the exit status that it ends with when it has its verdict. */
const RIVALS = [
  { name: 'peerway check', command: ['peerway', 'check', '--port', '4001', '--vantage', VANTAGE], status: 1 },
  { name: 'turnutils_natdiscovery -m -f', command: ['turnutils_natdiscovery', '-m', '-f', VANTAGE], status: 0 },
  // Its exit status tells the kind of NAT.
  { name: 'stun', command: ['stun', VANTAGE], status: null },
]

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)

const sections = []
for (const file of TOPOLOGIES) sections.push(await measure(file))
writeSection(SECTIONS.verdict, { command: 'node bench/time-to-verdict.mjs', body: report() })

async function measure(file) {
  const read = readTopologyFile(new URL(`../topologies/${file}`, import.meta.url).pathname)
  const lab = await bringUp(read.topology, { lab: `bench.${process.pid}`, file: read.file, owner: ownProcess() })
  const times = RIVALS.map(() => [])
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, rival] of RIVALS.entries()) times[index].push(await timeOne(lab, rival))
    }
  } finally {
    await takeDown(lab)
  }
  return {
    file,
    title: read.topology.title,
    medians: times.map(median),
    ranges: times.map((each) => range(each, seconds)),
  }
}

async function timeOne(lab, { name, command, status }) {
  const startedMs = performance.now()
  const ran = await runInside(lab, 'node', command)
  const tookMs = performance.now() - startedMs
  if (status !== null && ran.status !== status) throw new Error(`${name} ended with ${ran.status}: ${ran.stderr}`)
  return tookMs
}

function report() {
  const tables = sections.map(({ file, title, medians, ranges }) => {
    const rows = RIVALS.map(({ name }, index) => [
      `\`${name}\``,
      seconds(medians[index]),
      ranges[index],
      (medians[index] / medians[0]).toFixed(1),
    ])
    const head = ['program', 'median, s', 'range, s', 'times peerway']
    return `### ${title} (\`topologies/${file}\`)\n\n${table(head, rows)}`
  })
  return `
From the start of the program to its end, against the same vantage in the same network of namespaces, ${rounds} rounds in turn.

The programs do not answer the same question. \`turnutils_natdiscovery\` tells mapping and filtering, \`stun\` the kind of
NAT of RFC 3489; \`peerway check\` tells these too, and dials the ports over UDP and TCP, and says where strangers are stopped.

${tables.join('\n\n')}`
}
