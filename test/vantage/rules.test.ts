import { describe, expect, test } from 'vitest'
import { mayDial, ownAddresses } from '../../src/vantage/address-rules.ts'
import { facesOf } from '../../src/vantage/faces.ts'
import { PrefixRate, PrefixShare, sourcePrefix } from '../../src/vantage/limits.ts'

describe('which addresses a vantage dials', () => {
  const own = ownAddresses(
    ['203.0.113.10', '2001:db8::10'],
    [
      { interface: 'eth0', address: '10.0.5.10', prefixLength: 22, family: 'ipv4' },
      { interface: 'eth0', address: '2001:db8::a', prefixLength: 64, family: 'ipv6' },
      { interface: 'ppp0', address: '198.51.100.1', prefixLength: 32, family: 'ipv4' },
    ],
  )
  test.each([
    ['a global address', '198.51.100.7', true],
    ['a private one, as in its own network', '192.168.1.7', true],
    ['a shared one', '100.64.0.7', true],
    ['global IPv6', '2001:db8::7', true],
    ['unique local IPv6', 'fd00::7', true],
    ['loopback', '127.0.0.1', false],
    ['all of loopback', '127.255.0.9', false],
    ['loopback IPv6', '::1', false],
    ['link-local', '169.254.169.254', false],
    ['link-local IPv6', 'fe80::1', false],
    ['multicast', '224.0.0.251', false],
    ['multicast IPv6', 'ff02::1', false],
    ['unspecified', '0.0.0.0', false],
    ['unspecified IPv6', '::', false],
    ['this network', '0.1.2.3', false],
    ['reserved', '240.0.0.1', false],
    ['broadcast', '255.255.255.255', false],
    ['discard-only IPv6', '100::1', false],
    ['its own public address', '203.0.113.10', false],
    ['its own IPv6 address in another spelling', '2001:DB8:0::10', false],
    ['an address of its interfaces', '10.0.5.10', false],
    ['the broadcast address of its network', '10.0.7.255', false],
    ['the first address of its network', '10.0.4.0', false],
    ['a neighbour in its network', '10.0.5.11', true],
    ['loopback, IPv4-mapped', '::ffff:127.0.0.1', false],
    ['loopback, IPv4-compatible', '::7f00:1', false],
    ['loopback, NAT64', '64:ff9b::7f00:1', false],
    ['loopback, local NAT64', '64:ff9b:1::7f00:1', false],
    ['loopback, 6to4', '2002:7f00:1::1', false],
    ['link-local, NAT64', '64:ff9b::a9fe:a9fe', false],
    ['multicast, 6to4', '2002:e000:fb::1', false],
    ['broadcast, mapped', '::ffff:255.255.255.255', false],
    ['private, NAT64', '64:ff9b::a00:1', false],
    ['its own address, NAT64', '64:ff9b::cb00:710a', false],
    ['its own address, 6to4', '2002:cb00:710a::1', false],
    ['a global address, NAT64', '64:ff9b::c633:6407', true],
    ['a global address, 6to4', '2002:c633:6407::1', true],
    ['no address', 'localhost', false],
  ])('%s: %s', (_, address, expected) => {
    expect(mayDial(address, own)).toBe(expected)
  })
})

describe('faces', () => {
  const named = (address: string) => ({ public: address, bind: address })
  const [a, b, c] = [named('203.0.113.1'), named('203.0.113.2'), named('203.0.113.3')]
  const six = named('2001:db8::1')

  test('one address has no other', () => {
    expect(facesOf([a, six], undefined)).toMatchObject([
      { public: a.public, other: null, dialSources: [] },
      { public: six.public, other: null, dialSources: [] },
    ])
  })

  test("the alternate is the other of all, and the first named is the alternate's", () => {
    expect(facesOf([a, b], c)).toMatchObject([
      { public: a.public, other: c, dialSources: [c, b] },
      { public: b.public, other: c, dialSources: [c, a] },
      { public: c.public, other: a, dialSources: [a, b] },
    ])
  })

  test("without an alternate, addresses of one family are each other's", () => {
    expect(facesOf([a, six, b], undefined).map(({ other }) => other?.public)).toEqual([b.public, undefined, a.public])
  })

  test.each([
    ['none', []],
    ['one twice', [a, a]],
    ['one bind twice', [a, { public: '203.0.113.9', bind: a.bind }]],
    ['two families in one', [{ public: '203.0.113.9', bind: '2001:db8::9' }]],
  ])('a mistake is told: %s', (_, addresses) => {
    expect(() => facesOf(addresses, undefined)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })
})

describe('limits', () => {
  test('count a /24 and a /56 together', () => {
    expect(sourcePrefix('203.0.113.77')).toBe('203.0.113.0/24')
    expect(sourcePrefix('2001:db8:1:2ff::7')).toBe('2001:db8:1:200::/56')
  })

  test('a burst, then the rate; each of those sent away is told a later moment', () => {
    const rate = new PrefixRate(3, 10)
    const takes = (nowMs: number, times: number) =>
      Array.from({ length: times }, (_, index) => rate.take(`203.0.113.${index}`, 1, nowMs))
    expect(takes(0, 6)).toEqual([
      { ok: true },
      { ok: true },
      { ok: true },
      { ok: false, retryAfterMs: 100 },
      { ok: false, retryAfterMs: 200 },
      { ok: false, retryAfterMs: 300 },
    ])
    expect(rate.take('198.51.100.1', 1, 0)).toEqual({ ok: true })
    expect(takes(200, 3).map(({ ok }) => ok)).toEqual([true, true, false])
    expect(takes(60_000, 4).map(({ ok }) => ok)).toEqual([true, true, true, false])
  })

  test('remember a bounded number of prefixes, the longest unused are forgotten', () => {
    const rate = new PrefixRate(1, 0.001)
    const first = rate.take('10.0.0.1', 1, 0)
    for (let index = 0; index < 10_001; index++) rate.take(`11.${index >> 8}.${index & 255}.1`, 1, 1)
    expect([first, rate.take('10.0.0.1', 1, 2)]).toEqual([{ ok: true }, { ok: true }])
  })

  test('a share is bounded for each prefix and in all, and given back once', () => {
    const share = new PrefixShare(2, 3)
    const one = share.take('203.0.113.1')
    expect(share.take('203.0.113.2')).toBeDefined()
    expect(share.take('203.0.113.3')).toBeUndefined()
    expect(share.take('198.51.100.1')).toBeDefined()
    expect(share.take('192.0.2.1')).toBeUndefined()
    one?.()
    one?.()
    expect(share.take('192.0.2.1')).toBeDefined()
    expect(share.take('192.0.3.1')).toBeUndefined()
  })
})
