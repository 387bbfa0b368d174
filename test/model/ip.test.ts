import { describe, expect, test } from 'vitest'
import { embeddedIpv4, parseAddress, parseEndpoint, prefixOf, scopeOf } from '../../src/model/ip.ts'

describe('parseAddress', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('reads %s as %s', (text, canonical) => expect(parseAddress(text)).toBe(canonical))

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '1::2::3',
    ':1',
    '1:',
    '12345::',
    '::1%eth0',
    '[::1]',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1.2.3.4::',
    'a.b.c.d',
    '0x7f.0.0.1',
    ' 1.2.3.4',
  ])('refuses %j', (text) => expect(parseAddress(text)).toBeUndefined())
})

test.each([
  ['0.0.0.0', 'unspecified'],
  ['127.5.5.5', 'loopback'],
  ['10.9.8.7', 'private'],
  ['172.32.0.1', 'global'],
  ['172.31.255.255', 'private'],
  ['100.64.0.1', 'shared'],
  ['100.128.0.1', 'global'],
  ['169.254.1.1', 'link-local'],
  ['203.0.113.1', 'global'],
  ['224.0.0.251', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['2001:db8::1', 'global'],
  ['fd00::1', 'private'],
  ['fe80::1', 'link-local'],
  ['ff02::1', 'multicast'],
  ['::1', 'loopback'],
] as const)('%s is %s', (address, scope) => expect(scopeOf(address)).toBe(scope))

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::127.0.0.1', '127.0.0.1'],
  ['64:ff9b::7f00:1', '127.0.0.1'],
  ['2002:7f00:1::', '127.0.0.1'],
  ['2001:db8::1', undefined],
  ['::1', undefined],
  ['::', undefined],
  ['192.0.2.1', undefined],
])('%s stands for %s', (address, ipv4) => expect(embeddedIpv4(parseAddress(address)!)).toBe(ipv4))

test('prefixes', () => {
  expect(prefixOf('10.1.2.3', 8)).toBe('10.0.0.0/8')
  expect(prefixOf('2001:db8:1:ffff::1', 56)).toBe('2001:db8:1:ff00::/56')
  expect(() => prefixOf('10.1.2.3', 33)).toThrow(RangeError)
})

test.each([
  ['203.0.113.7:4001', { address: '203.0.113.7', port: 4001 }],
  ['[2001:db8::1]:3478', { address: '2001:db8::1', port: 3478 }],
  ['203.0.113.7:0', undefined],
  ['203.0.113.7:65536', undefined],
  ['2001:db8::1:3478', undefined],
  ['[203.0.113.7]:1', undefined],
  ['203.0.113.7', undefined],
])('endpoint %s', (text, endpoint) => expect(parseEndpoint(text)).toEqual(endpoint))
