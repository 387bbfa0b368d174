/**
 * Walks of one packet through rule sets, per second on one core, and what reading them takes.
 *
 *   npm run build && node --expose-gc bench/rule-walk.mjs [--rounds 5]
 */
import { parseArgs } from 'node:util'
import { compile } from '../dist/ruleset/compile.js'
import { readNft } from '../dist/ruleset/read-nft.js'
import { walkPacket } from '../dist/ruleset/walk.js'
import { count, median, range, SECTIONS, table, writeSection } from './page.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const ROUND_MS = 400
const CONTEXT = { route: () => 'local' }
const PACKET = {
  family: 'ipv4',
  source: '198.51.100.7',
  destination: '203.0.113.1',
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 22,
  tcpFlags: 2,
  inInterface: 'eth0',
}

const payload = (protocol, field) => ({ payload: { protocol, field } })
const equals = (left, right) => ({ match: { op: '==', left, right } })
const quad = (n) => `${10 + (n >>> 24)}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`

function listing(rules, sets = []) {
  const base = { type: 'filter', hook: 'input', prio: 0, policy: 'drop' }
  const place = { family: 'inet', table: 't' }
  return JSON.stringify({
    nftables: [
      { table: { family: 'inet', name: 't' } },
      { chain: { ...place, name: 'in', ...base } },
      ...sets.map((set) => ({ set: { ...place, ...set } })),
      ...rules.map((expr, handle) => ({ rule: { ...place, chain: 'in', handle, expr } })),
    ],
  })
}

/** As long as a packet must walk past all of them: none matches, and the policy drops it. */
function linear(count) {
  return listing(
    Array.from({ length: count }, (_, n) => [
      equals(payload('ip', 'saddr'), quad(n)),
      equals(payload('tcp', 'dport'), 1024 + (n % 60000)),
      { accept: null },
    ]),
  )
}

/** The same 10,000 decisions as one set: what a tidy administrator writes. */
function asSet(count) {
  const elem = Array.from({ length: count }, (_, n) => ({ concat: [quad(n), 1024 + (n % 60000)] }))
  const left = { concat: [payload('ip', 'saddr'), payload('tcp', 'dport')] }
  return listing([[equals(left, '@s'), { accept: null }]], [{ name: 's', type: ['ipv4_addr', 'inet_service'], elem }])
}

function manyAddresses(count, asElement) {
  const elem = Array.from({ length: count }, (_, n) => asElement(n))
  const set = { name: 's', type: 'ipv4_addr', flags: ['interval'], elem }
  return listing([[equals(payload('ip', 'saddr'), '@s'), { drop: null }]], [set])
}

function measure(name, text) {
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const startedMs = performance.now()
  const read = readNft(text)
  if (!read.ok) throw new Error(read.code)
  const rules = compile(read.value)
  walkPacket(rules, PACKET, CONTEXT)
  const readMs = performance.now() - startedMs
  globalThis.gc()
  const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
  walksPerSecond(rules)
  const rates = Array.from({ length: Number(values.rounds) }, () => walksPerSecond(rules))
  return [name, count(median(rates)), range(rates, count), count(readMs), count(megabytes)]
}

function walksPerSecond(rules) {
  const startedMs = performance.now()
  let walks = 0
  while (performance.now() - startedMs < ROUND_MS) {
    for (let k = 0; k < 20; k++) walkPacket(rules, PACKET, CONTEXT)
    walks += 20
  }
  return walks / ((performance.now() - startedMs) / 1000)
}

const rows = [
  measure('10 rules, none matches', linear(10)),
  measure('10,000 rules, none matches', linear(10_000)),
  measure('10,000 pairs in one set', asSet(10_000)),
  measure(
    '1,000,000 addresses in one set',
    manyAddresses(1_000_000, (n) => quad(n * 3)),
  ),
  measure(
    '1,000,000 prefixes in one set',
    manyAddresses(1_000_000, (n) => ({ prefix: { addr: quad(n * 4), len: 31 } })),
  ),
]

writeSection(SECTIONS.rules, {
  command: 'node --expose-gc bench/rule-walk.mjs',
  body: `
One packet is followed from the wire through all hooks to its fate, with the deciding rule by name. One core, ${values.rounds} rounds.
A set is looked up by hash or tree, however long it is. Rules in a row that ask the same field are passed over by a loop
over numbers; the time still grows with their number, as in the kernel. No other program is known that answers
this question without a kernel, so there is nothing to stand beside.

${table(['rule set', 'median, walks/s', 'range, walks/s', 'read and compiled, ms', 'heap, MiB'], rows)}
`,
})
