import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Packet } from '../../src/ruleset/packet.ts'
import { readIptables } from '../../src/ruleset/read-iptables.ts'
import { readNft } from '../../src/ruleset/read-nft.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
import { PROPERTY_RUNS } from '../wire/property.ts'
import {
  ACCEPT,
  compiledIptables,
  compiledNft,
  DROP,
  goTo,
  INPUT,
  jump,
  listing,
  match,
  payload,
  port,
} from './nft-listing.ts'

const PACKET: Packet = {
  family: 'ipv4',
  source: '10.0.0.1',
  destination: '203.0.113.1',
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 22,
  inInterface: 'eth0',
}
const HERE = { route: () => 'local' as const }

const KEYS = [
  ...[
    'match',
    'op',
    'left',
    'right',
    'payload',
    'protocol',
    'field',
    'meta',
    'key',
    'ct',
    'set',
    'elem',
    'val',
    'concat',
  ],
  ...[
    'toString',
    'prefix',
    'addr',
    'len',
    'range',
    'vmap',
    'data',
    'map',
    'mangle',
    'value',
    'dnat',
    'port',
    'jump',
    'target',
    '&',
    '|',
  ],
  ...[
    'table',
    'chain',
    'rule',
    'name',
    'family',
    'expr',
    'handle',
    'reject',
    'fib',
    'flags',
    'xt',
    'limit',
    'accept',
    'hook',
  ],
]

describe('text that is no rule set is one clear error', () => {
  const whole = listing([{ name: 'in', base: INPUT, rules: [[port(22), ACCEPT]] }])

  test('a listing cut anywhere', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(readNft(whole.slice(0, length))).toMatchObject({ ok: false, code: 'not-json' })
    }
  })

  test.each([
    ['JSON of something else', '{"a":1}', 'not-a-ruleset'],
    ['a list', '[]', 'not-a-ruleset'],
    ['nothing', '', 'not-json'],
  ])('%s', (_, text, code) => {
    expect(readNft(text)).toMatchObject({ ok: false, code })
  })

  test.each([
    ['a table without its end', '*filter\n:INPUT DROP [0:0]\n', 'truncated', 3],
    ['a table in a table', '*filter\n*nat\nCOMMIT\n', 'truncated', 2],
    ['a rule outside of tables', '-A INPUT -j DROP\n', 'not-a-ruleset', 1],
    ['a rule of no chain', '*filter\n-A INPUT -j DROP\nCOMMIT\n', 'not-a-ruleset', 2],
    ['an open quote', '*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment "x\nCOMMIT\n', 'not-a-ruleset', 3],
  ])('%s', (_, text, code, offset) => {
    expect(readIptables(text, 'ip', 'legacy')).toEqual({ ok: false, code, offset })
  })
})

describe('whatever stands in a listing, the readers and the walk do not throw', () => {
  const json = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        null,
        true,
        0,
        22,
        -1,
        1e99,
        'tcp',
        'ip',
        'saddr',
        '@s',
        '10.0.0.1',
        '*',
        '__proto__',
        'established',
      ),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...KEYS), tie('node'), { maxKeys: 3 }),
    ),
  })).node
  const statements = fc.array(fc.dictionary(fc.constantFrom(...KEYS), json, { minKeys: 1, maxKeys: 1 }), {
    maxLength: 4,
  })

  test('statements of any shape', () => {
    fc.assert(
      fc.property(statements, json, (expr, elem) => {
        const sets = [{ name: 's', type: 'ipv4_addr', elem }]
        walkPacket(compiledNft(listing([{ name: 'in', base: INPUT, rules: [expr] }], sets)), PACKET, HERE)
      }),
      PROPERTY_RUNS,
    )
  })

  test('objects of any shape', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), (nftables) => {
        readNft(JSON.stringify({ nftables }))
      }),
      PROPERTY_RUNS,
    )
  })

  test('lines of any words', () => {
    const word = fc.constantFrom(
      '-A',
      'INPUT',
      '!',
      '-s',
      '10.0.0.0/8',
      '-m',
      'tcp',
      'conntrack',
      '--ctstate',
      '--dport',
      '"',
      '-j',
      'REJECT',
      'DNAT',
      '--to-destination',
      ':',
      '-p',
      'x',
    )
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 9 }), { maxLength: 4 }), (lines) => {
        const text = lines.map((words) => `-A INPUT ${words.join(' ')}\n`).join('')
        const read = readIptables(`*filter\n:INPUT DROP [0:0]\n${text}COMMIT\n`, 'ip', 'legacy')
        if (read.ok) walkPacket(compiledIptables(`*filter\n:INPUT DROP [0:0]\n${text}COMMIT\n`), PACKET, HERE)
      }),
      PROPERTY_RUNS,
    )
  })
})

describe('rule sets that no kernel takes end in bounded time', () => {
  const chain = (name: string, ...rules: unknown[][]) => ({ name, rules })
  const walked = (...chains: { name: string; rules: unknown[][] }[]) =>
    walkPacket(compiledNft(listing([{ name: 'in', base: INPUT, rules: [[jump('a')]] }, ...chains])), PACKET, HERE)

  test('jumps in a circle', () => {
    expect(walked(chain('a', [jump('b')]), chain('b', [jump('a')]))).toMatchObject({
      kind: 'unknown',
      expression: expect.stringContaining('jumps in a circle'),
    })
  })

  test('gotos in a circle', () => {
    expect(walked(chain('a', [goTo('b')]), chain('b', [goTo('a')]))).toMatchObject({
      kind: 'unknown',
      expression: expect.stringContaining('rules without end'),
    })
  })

  test('jumps that double at every level', () => {
    const levels = Array.from({ length: 40 }, (_, k) => chain(`l${k}`, [jump(`l${k + 1}`)], [jump(`l${k + 1}`)]))
    expect(walked(chain('a', [jump('l0')]), ...levels, chain('l40', [port(80), DROP])).kind).toBe('unknown')
  })

  test('a thousand limits', () => {
    const rules = Array.from({ length: 1000 }, (_, k) => [{ limit: { rate: 1, per: 'day' } }, jump(k % 2 ? 'b' : 'c')])
    expect(walked(chain('a', ...rules), chain('b', [port(80), DROP]), chain('c', [port(81), DROP])).kind).toBe(
      'unknown',
    )
  })

  test('chains that jump 5,000 deep', () => {
    const deep = Array.from({ length: 5000 }, (_, k) => chain(`d${k}`, [jump(`d${k + 1}`)]))
    expect(walked(chain('a', [jump('d0')]), ...deep, chain('d5000', [ACCEPT])).kind).toBe('accept')
  })

  test('an expression nested 100,000 deep', () => {
    const depth = 100_000
    const nested = `${'{"&":['.repeat(depth)}1${',1]}'.repeat(depth)}`
    const text = listing([{ name: 'in', base: INPUT, rules: [[match('HOLE', 1), ACCEPT]] }]).replace('"HOLE"', nested)
    expect(walkPacket(compiledNft(text), PACKET, HERE).kind).toBe('unknown')
  })

  test('a million elements are read, and one is found among them', () => {
    const elem = Array.from({ length: 1_000_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    const rules = [[match(payload('ip', 'saddr'), '@s'), ACCEPT]]
    const compiled = compiledNft(
      listing([{ name: 'in', base: INPUT, rules }], [{ name: 's', type: 'ipv4_addr', elem }]),
    )
    const from = (source: string) => walkPacket(compiled, { ...PACKET, source }, HERE).kind
    expect([from('10.0.0.0'), from('10.15.66.63'), from('10.15.66.64'), from('9.255.255.255')]).toEqual([
      'accept',
      'accept',
      'drop',
      'drop',
    ])
  }, 20_000)
})
