import { expect, test } from 'vitest'
import { compile } from '../../src/ruleset/compile.ts'
import { readNft } from '../../src/ruleset/read-nft.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
import { ACCEPT, DROP, INPUT, listing, match, meta, payload } from './nft-listing.ts'

const KEYS = { concat: [meta('l4proto'), payload('th', 'dport')] }
const doors = (elem: readonly object[]) => ({ name: 'doors', type: ['inet_proto', 'inet_service'], elem })

/** The ports of an ICMP packet are bytes of something else. */
const ECHO = {
  family: 'ipv4',
  source: '192.0.2.1',
  destination: '203.0.113.1',
  protocol: 1,
  icmpType: 8,
  icmpCode: 0,
  inInterface: 'eth0',
} as const

test.each([
  [
    'is not in a set of which its other keys rule out every element',
    [{ concat: ['tcp', 22] }, { concat: ['udp', 53] }],
    'drop',
  ],
  ['is in no empty set', [], 'drop'],
  [
    'may be in a set with one element that its other keys fit',
    [{ concat: ['tcp', 22] }, { concat: ['icmp', 53] }],
    'unknown',
  ],
] as const)('a packet with a key that is not known %s', (_, elements, kind) => {
  const text = listing(
    [{ name: 'in', base: INPUT, rules: [[match(KEYS, '@doors'), ACCEPT], [DROP]] }],
    [doors(elements)],
  )
  const read = readNft(text)
  if (!read.ok) throw new Error(read.code)
  expect(walkPacket(compile(read.value), ECHO, { route: () => 'local' }).kind).toBe(kind)
})
