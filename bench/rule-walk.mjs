// Rule walks per second: node bench/rule-walk.mjs, after npm run build. One core; the best of three rounds.
import { performance } from 'node:perf_hooks'
import { compile } from '../dist/ruleset/compile.js'
import { readNft } from '../dist/ruleset/read-nft.js'
import { walkPacket } from '../dist/ruleset/walk.js'

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
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const start = performance.now()
  const read = readNft(text)
  if (!read.ok) throw new Error(read.code)
  const rules = compile(read.value)
  walkPacket(rules, PACKET, CONTEXT)
  const readMs = performance.now() - start
  globalThis.gc?.()
  const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
  const best = Math.max(...[1, 2, 3].map(() => round(rules)))
  const shown = best.toLocaleString('en', { maximumFractionDigits: 0 })
  console.log(
    `${name.padEnd(44)} ${shown.padStart(12)} walks/s   read and compiled in ${readMs.toFixed(0)} ms, ${megabytes.toFixed(0)} MiB`,
  )
}

function round(rules) {
  const end = performance.now() + 1000
  let walks = 0
  while (performance.now() < end) {
    for (let k = 0; k < 20; k++) walkPacket(rules, PACKET, CONTEXT)
    walks += 20
  }
  return walks
}

measure('10 rules', linear(10))
measure('10,000 rules, none matches', linear(10_000))
measure('10,000 pairs in one set', asSet(10_000))
measure(
  '1,000,000 addresses in one set',
  manyAddresses(1_000_000, (n) => quad(n * 3)),
)
measure(
  '1,000,000 prefixes in one set',
  manyAddresses(1_000_000, (n) => ({ prefix: { addr: quad(n * 4), len: 31 } })),
)
