import { expect, test } from 'vitest'
import { compile } from '../../src/ruleset/compile.ts'
import { readRuleset } from '../../src/ruleset/read-ruleset.ts'
import { walkPacket } from '../../src/ruleset/walk.ts'
import { INPUT, listing, port } from './nft-listing.ts'

const RESET = { reject: { type: 'tcp reset' } }
const PORT = `  [ meta load l4proto => reg 1 ]
  [ cmp eq reg 1 0x00000006 ]
  [ payload load 2b @ transport header + 2 => reg 1 ]
  [ cmp eq reg 1 0x0000a10f ]
`
const END = '  [ reject type 1 code 0 ]\n  userdata = { \\x00\\x0b inet t c 1 [ meta load nfproto \\x00 }\n'
const LOADED = '  [ meta load nfproto => reg 1 ]\n'

/** The whole of one rule, as nft 1.0.6 prints it. */
const rule = (before: string, after = '') =>
  `inet t @s\n\telement 04030201  : 0 [end]\ninet t c 1 7\n${before}${PORT}${after}${END}`

test.each([
  ['it is for both', rule(''), 'reject', 'reject'],
  ['it is for IPv4', rule(`${LOADED}  [ cmp eq reg 1 0x00000002 ]\n`), 'reject', 'accept'],
  ['it is for IPv6', rule('', `${LOADED}  [ cmp eq reg 1 0x0000000a ]\n`), 'accept', 'reject'],
  [
    'an EtherType says IPv4',
    rule('  [ meta load protocol => reg 1 ]\n  [ cmp eq reg 1 0x00000008 ]\n'),
    'reject',
    'accept',
  ],
  [
    'an EtherType says IPv6',
    rule('  [ meta load protocol => reg 1 ]\n  [ cmp eq reg 1 0x0000dd86 ]\n'),
    'accept',
    'reject',
  ],
  [
    'it contradicts itself',
    rule(`${LOADED}  [ cmp eq reg 1 0x00000002 ]\n`, `${LOADED}  [ cmp eq reg 1 0x0000000a ]\n`),
    'accept',
    'accept',
  ],
  ['it is compared otherwise', rule(`${LOADED}  [ cmp neq reg 1 0x00000002 ]\n`), 'unknown', 'unknown'],
  ['it is looked up', rule(`${LOADED}  [ lookup reg 1 set __set0 0x0 ]\n`), 'unknown', 'unknown'],
  ['another register is compared', rule(`${LOADED}  [ cmp eq reg 9 0x00000002 ]\n`), 'unknown', 'unknown'],
  ['it is cut short', `inet t c 1\n${LOADED}`, 'unknown', 'unknown'],
  ['it is another rule', rule('').replace('c 1 7', 'c 2 7'), 'unknown', 'unknown'],
  ['there is none', '', 'unknown', 'unknown'],
])('a TCP reset of an inet table, by its program: %s', (_, nftPrograms, ipv4, ipv6) => {
  const nft = listing([{ name: 'c', base: { ...INPUT, policy: 'accept' }, rules: [[port(4001), RESET]] }])
  const read = readRuleset({ nft, nftPrograms })
  if (!read.ok) throw new Error(read.code)
  const fateOf = (family: 'ipv4' | 'ipv6') => {
    const [source, destination] = family === 'ipv4' ? ['198.51.100.7', '203.0.113.1'] : ['2001:db8::7', '2001:db8::1']
    const packet = { family, source, destination, protocol: 6, sourcePort: 50_000, destinationPort: 4001, tcpFlags: 2 }
    return walkPacket(compile(read.value), { ...packet, inInterface: 'eth0' }, { route: () => 'local' }).kind
  }
  expect([fateOf('ipv4'), fateOf('ipv6')]).toEqual([ipv4, ipv6])
})

test('another word of the family beside it does not tell what nft left out', () => {
  const hopLimit = { match: { op: '==', left: { payload: { protocol: 'ip6', field: 'hoplimit' } }, right: 64 } }
  const program = `${LOADED}  [ cmp eq reg 1 0x0000000a ]\n  [ payload load 1b @ network header + 7 => reg 1 ]\n  [ cmp eq reg 1 0x00000040 ]\n`
  const nft = listing([{ name: 'c', base: { ...INPUT, policy: 'accept' }, rules: [[hopLimit, RESET]] }])
  const fateBy = (nftPrograms: string) => {
    const read = readRuleset({ nft, nftPrograms })
    if (!read.ok) throw new Error(read.code)
    const packet = { source: '2001:db8::7', destination: '2001:db8::1', protocol: 6, ttl: 64, tcpFlags: 2 }
    return walkPacket(compile(read.value), { family: 'ipv6', ...packet, inInterface: 'eth0' }, { route: () => 'local' })
      .kind
  }
  expect(fateBy(rule(program))).toBe('reject')
  expect(fateBy(rule(program, `${LOADED}  [ cmp eq reg 1 0x00000002 ]\n`))).toBe('accept')
  expect(fateBy('')).toBe('unknown')
})
