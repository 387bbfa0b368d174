import { describe, expect, test } from 'vitest'
import type { Fate } from '../../src/ruleset/fate.ts'
import type { Packet, WalkContext } from '../../src/ruleset/packet.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
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
  meta,
  payload,
  port,
} from './nft-listing.ts'

const SYN: Packet = {
  family: 'ipv4',
  source: '198.51.100.7',
  destination: '203.0.113.1',
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 22,
  tcpFlags: 2,
  inInterface: 'eth0',
}

const HERE: WalkContext = { route: () => 'local' }

function told(fate: Fate): string {
  if (fate.kind === 'unknown') return `unknown ${fate.expression}`
  return 'by' in fate ? `${fate.kind} ${fate.by?.at.rule?.text ?? 'policy'}` : fate.kind
}

const LIMIT = { limit: { rate: 3, per: 'minute' } }
const user = (name: string, ...rules: unknown[][]) => ({ name, rules })

describe('a chain of nft', () => {
  test.each<[what: string, rules: unknown[][], others: { name: string; rules: unknown[][] }[], fate: string]>([
    [
      'decides by the first rule that matches',
      [[port(80), DROP], [port(22), ACCEPT], [DROP]],
      [],
      'accept tcp dport 22 accept',
    ],
    ['falls to its policy', [[port(80), ACCEPT]], [], 'drop policy'],
    ['comes back from a jump', [[jump('u')], [ACCEPT]], [user('u', [port(80), DROP])], 'accept accept'],
    ['does not come back from a goto', [[goTo('u')], [ACCEPT]], [user('u', [port(80), ACCEPT])], 'drop policy'],
    ['returns early', [[jump('u')], [ACCEPT]], [user('u', [{ return: null }], [DROP])], 'accept accept'],
    ['goes on after continue', [[{ continue: null }], [ACCEPT]], [], 'accept accept'],
    [
      'does not match a field that the packet lacks, even negated',
      [[match(payload('udp', 'dport'), 53, '!='), ACCEPT]],
      [],
      'drop policy',
    ],
    ['sees no family but its own', [[match(payload('ip6', 'saddr'), '::1', '!='), ACCEPT]], [], 'drop policy'],
    ['takes a limit both ways, and leaves it where it matters', [[LIMIT, ACCEPT]], [], 'unknown limit rate 3/minute'],
    [
      'does not mind a limit before a log',
      [
        [LIMIT, { log: { prefix: 'x' } }],
        [port(22), ACCEPT],
      ],
      [],
      'accept tcp dport 22 accept',
    ],
    ['does not mind a limit whose rule fails later', [[LIMIT, port(80), DROP], [ACCEPT]], [], 'accept accept'],
    ['does not mind a limit where both ways end alike', [[LIMIT, DROP]], [], 'drop policy'],
    [
      'names a statement that nobody knows',
      [[{ frobnicate: { deeply: 1 } }], [ACCEPT]],
      [],
      'unknown frobnicate deeply 1',
    ],
    [
      'names a condition that nobody knows',
      [[match({ moon: { phase: 'full' } }, 1), ACCEPT]],
      [],
      'unknown moon phase full 1',
    ],
    [
      'reads marks that it set',
      [[{ mangle: { key: meta('mark'), value: 5 } }], [match(meta('mark'), 5), ACCEPT]],
      [],
      'accept meta mark 5 accept',
    ],
    ['does not know a queue', [[{ queue: { num: 1 } }]], [], 'unknown queue num 1'],
  ])('%s', (_, rules, others, fate) => {
    const chains = [{ name: 'in', base: INPUT, rules }, ...others]
    expect(told(walkPacket(compiledNft(listing(chains)), SYN, HERE))).toBe(fate)
  })

  test('goes back to where the last jump came from, through a goto', () => {
    const chains = [
      { name: 'in', base: INPUT, rules: [[jump('a')], [port(22), ACCEPT]] },
      { name: 'a', rules: [[goTo('b')], [DROP]] },
      { name: 'b', rules: [[port(80), DROP]] },
    ]
    expect(told(walkPacket(compiledNft(listing(chains)), SYN, HERE))).toBe('accept tcp dport 22 accept')
  })

  test('tells what could become of a packet that it cannot judge', () => {
    const rules = compiledNft(listing([{ name: 'in', base: INPUT, rules: [[LIMIT, ACCEPT]] }]))
    expect(walkPacket(rules, SYN, HERE)).toMatchObject({ kind: 'unknown', possible: ['drop', 'accept'] })
  })
})

describe('several base chains', () => {
  const base = (hook: string, prio: number, policy: string) => ({ type: 'filter', hook, prio, policy })

  test('a drop in any of them wins over an accept before it', () => {
    const chains = [
      { name: 'first', base: base('input', -10, 'accept'), rules: [[ACCEPT]] },
      { name: 'second', base: base('input', 10, 'drop'), rules: [] },
    ]
    const fate = walkPacket(compiledNft(listing(chains)), SYN, HERE)
    expect(fate).toMatchObject({ kind: 'drop', by: { at: { chain: 'second', rule: null } } })
    expect(fate).toMatchObject({ trail: [{ verdict: 'accept' }, { verdict: 'drop' }] })
  })

  test('a chain of an ingress device that the listing does not name may or may not be met', () => {
    const chains = [{ name: 'wire', base: base('ingress', 0, 'drop'), rules: [] }]
    expect(told(walkPacket(compiledNft(listing(chains)), SYN, HERE))).toBe('unknown device of chain wire')
    const named = [{ name: 'wire', base: { ...base('ingress', 0, 'drop'), dev: 'eth1' }, rules: [] }]
    expect(walkPacket(compiledNft(listing(named)), SYN, HERE).kind).toBe('accept')
  })

  test('a packet that is sent on meets forward and postrouting, one hop older', () => {
    const ttl = (value: number) => match(payload('ip', 'ttl'), value)
    const chains = [
      { name: 'in', base: base('input', 0, 'drop'), rules: [] },
      { name: 'fwd', base: base('forward', 0, 'drop'), rules: [[ttl(63), match(meta('oifname'), 'br*'), ACCEPT]] },
    ]
    const fate = walkPacket(compiledNft(listing(chains)), { ...SYN, ttl: 64 }, { route: () => ({ out: 'br0' }) })
    expect(fate).toMatchObject({ kind: 'accept', out: 'br0', by: { at: { hook: 'forward' } } })
    const last = walkPacket(compiledNft(listing(chains)), { ...SYN, ttl: 1 }, { route: () => ({ out: 'br0' }) })
    expect(last).toMatchObject({ kind: 'unroutable', why: 'expired' })
  })

  test('a packet of the host itself meets output and postrouting, and is routed again after DNAT', () => {
    const text = `*nat
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.9:2222
COMMIT
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -d 10.0.0.9/32 -p tcp -m tcp --dport 2222 -j ACCEPT
COMMIT
`
    const own = { ...SYN, inInterface: null, outInterface: 'eth0' }
    const fate = walkPacket(compiledIptables(text), own, { route: () => ({ out: 'lan0' }) })
    expect(fate).toMatchObject({
      kind: 'accept',
      out: 'lan0',
      packet: { destination: '10.0.0.9', destinationPort: 2222 },
    })
  })
})

test.each([':80', ':80-90'])('over IPv6 a translation of ports alone (%s) keeps the address', (to) => {
  const nat = `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination ${to}\nCOMMIT\n`
  const packet = { family: 'ipv6', source: '2001:db8::7', destination: '2001:db8::1', protocol: 6 } as const
  const syn = { ...packet, sourcePort: 50_000, destinationPort: 22, tcpFlags: 2, inInterface: 'eth0' }
  const fate = walkPacket(compiledIptables(nat, 'ip6'), syn, { route: () => 'local' })
  expect(fate).toMatchObject({ kind: 'accept', packet: { destination: '2001:db8::1' } })
})

describe('connections', () => {
  const rules = compiledIptables(`*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.9
COMMIT
*filter
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
`)
  const route: WalkContext['route'] = ({ destination }) => (destination === '203.0.113.1' ? 'local' : { out: 'lan0' })

  test('the first packet asks the rules for its translation', () => {
    const fate = walkPacket(rules, SYN, { route })
    expect(fate).toMatchObject({ kind: 'accept', packet: { destination: '10.0.0.9', destinationPort: 22 } })
    expect(fate).toMatchObject({ translations: [{ hook: 'prerouting', text: '-j DNAT --to-destination 10.0.0.9' }] })
  })

  test('a later one is rewritten as the first was', () => {
    const connection = { state: 'established', rewrite: { destination: { address: '10.0.0.5', port: 23 } } } as const
    const fate = walkPacket(rules, SYN, { route, connection })
    expect(fate).toMatchObject({ kind: 'accept', packet: { destination: '10.0.0.5', destinationPort: 23 } })
  })

  test('one before the first answer asks no rules again', () => {
    const connection = { state: 'new', rewrite: { destination: { address: '10.0.0.5', port: 23 } } } as const
    const moved = walkPacket(rules, SYN, { route, connection: { ...connection, destinationTranslated: true } })
    expect(moved).toMatchObject({ kind: 'accept', packet: { destination: '10.0.0.5' }, translations: [] })
    const kept = walkPacket(rules, SYN, { route, connection: { state: 'new', rewrite: {} } })
    expect(kept).toMatchObject({ kind: 'accept', out: null, packet: { destination: '203.0.113.1' } })
  })

  test('an invalid packet is not translated', () => {
    expect(walkPacket(rules, SYN, { route, connection: { state: 'invalid' } })).toMatchObject({
      kind: 'accept',
      out: null,
    })
  })
})
