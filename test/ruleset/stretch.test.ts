import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fate } from '../../src/ruleset/fate.ts'
import type { Packet, WalkContext } from '../../src/ruleset/packet.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
import {
  ACCEPT,
  type ChainText,
  compiledNft,
  DROP,
  goTo,
  INPUT,
  jump,
  listing,
  match,
  meta,
  payload,
} from './nft-listing.ts'

const HERE: WalkContext = { route: () => 'local' }
const USERS = ['u0', 'u1']

const CONDITIONS: readonly fc.Arbitrary<unknown>[] = [
  fc.integer({ min: 1, max: 60 }).map((host) => match(payload('ip', 'saddr'), `198.51.100.${host}`)),
  fc.integer({ min: 0, max: 7 }).map((part) => match(payload('ip', 'saddr'), prefix(`198.51.100.${part * 8}`, 29))),
  fc.integer({ min: 1, max: 60 }).map((host) => match(payload('ip6', 'saddr'), `2001:db8::${host}`)),
  fc.integer({ min: 1, max: 40 }).map((number) => match(payload('tcp', 'dport'), number)),
  fc.integer({ min: 1, max: 40 }).map((low) => match(payload('udp', 'dport'), { range: [low, low + 3] })),
  fc.integer({ min: 1, max: 40 }).map((number) => match(payload('tcp', 'dport'), number, '!=')),
  fc.integer({ min: 0, max: 3 }).map((mark) => match(meta('mark'), mark)),
  fc.constantFrom('eth0', 'eth1').map((name) => match(meta('iifname'), name)),
  fc.constant({ limit: { rate: 3, per: 'minute' } }),
]

const setMark = (value: number) => ({ mangle: { key: meta('mark'), value } })

/** Most rules of a chain ask for the same, so that many in a row do. */
function chainTo(targets: readonly unknown[], minLength: number): fc.Arbitrary<unknown[][]> {
  return fc.nat(CONDITIONS.length - 1).chain((usual) => {
    const condition = fc.oneof({ weight: 20, arbitrary: CONDITIONS[usual]! }, ...CONDITIONS)
    const effect = fc.integer({ min: 0, max: 9 }).map((roll) => (roll < 4 ? [setMark(roll)] : []))
    const rule = fc
      .tuple(fc.option(fc.oneof(...CONDITIONS)), effect, condition, fc.constantFrom(...targets))
      .map(([first, effects, second, target]) => [...(first === null ? [] : [first]), ...effects, second, target])
    return fc.array(rule, { minLength, maxLength: 80 })
  })
}

const jumps = USERS.flatMap((user) => [jump(user), goTo(user)])
const chains = fc
  .tuple(
    chainTo([ACCEPT, DROP, { continue: null }, ...jumps], 20),
    ...USERS.map(() => chainTo([ACCEPT, DROP, { return: null }], 0)),
  )
  .map(([rules, ...users]) => [
    { name: 'in', base: INPUT, rules },
    ...users.map((own, index) => ({ name: USERS[index]!, rules: own })),
  ])

const packet: fc.Arbitrary<Packet> = fc
  .record({
    isIpv4: fc.boolean(),
    host: fc.integer({ min: 1, max: 60 }),
    protocol: fc.constantFrom(6, 17, 1),
    destinationPort: fc.option(fc.integer({ min: 1, max: 43 }), { nil: undefined }),
  })
  .map(({ isIpv4, host, protocol, destinationPort }) => ({
    family: isIpv4 ? 'ipv4' : 'ipv6',
    source: isIpv4 ? `198.51.100.${host}` : `2001:db8::${host}`,
    destination: isIpv4 ? '203.0.113.1' : '2001:db8:1::1',
    protocol,
    ...(destinationPort === undefined ? {} : { destinationPort }),
    inInterface: 'eth0',
  }))

test('what is passed over at once would have failed one by one', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(chains, fc.array(packet, { minLength: 5, maxLength: 5 }), (rules, packets) => {
      const [stretched, asked] = [compiledNft(listing(rules)), compiledNft(listing(oneByOne(rules)))]
      for (const each of packets) {
        expect(told(walkPacket(stretched, each, HERE))).toBe(told(walkPacket(asked, each, HERE)))
      }
    }),
    { numRuns: 150, seed: 20261124 },
  )
})

test('ten thousand rules are passed over where none matches, and the very last is still found', () => {
  const rules = Array.from({ length: 10_000 }, (_, n) => [
    match(payload('ip', 'saddr'), `10.${n >> 8}.${n & 255}.1`),
    ACCEPT,
  ])
  const stretched = compiledNft(listing([{ name: 'in', base: INPUT, rules }]))
  const from = (source: string) =>
    walkPacket(
      stretched,
      { family: 'ipv4', source, destination: '203.0.113.1', protocol: 6, inInterface: 'eth0' },
      HERE,
    )
  expect(stretched.bases[0]!.chain.stretches[0]).toBeDefined()
  expect(from('198.51.100.7')).toMatchObject({ kind: 'drop', by: { at: { rule: null } } })
  expect(from('10.39.15.1')).toMatchObject({ kind: 'accept', by: { at: { rule: { handle: 10_000 } } } })
})

function prefix(addr: string, len: number) {
  return { prefix: { addr, len } }
}

/** The same rules, each of which is asked, as one that asks nothing stands between any two. */
function oneByOne(chains: readonly ChainText[]): readonly ChainText[] {
  return chains.map((chain) => ({ ...chain, rules: chain.rules.flatMap((rule) => [rule, [{ continue: null }]]) }))
}

/** All of a fate but where in the listing the rules stand. */
function told(fate: Fate): string {
  return JSON.stringify(fate, (key, value) => (key === 'handle' ? undefined : value))
}
