import { describe, expect, test } from 'vitest'
import type { Host, ListenerList } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { AddressesFact, ListeningSocket, LocalAddress } from '../../src/model/evidence.ts'
import { probeAddresses } from '../../src/probe/addresses.ts'
import { askedFamilies } from '../../src/probe/families.ts'
import { listenersOf, listListeners } from '../../src/probe/listeners.ts'
import type { Candidate } from '../../src/probe/servers.ts'

const refuse = async () => {
  throw new PeerwayError('not-permitted', 'this needs root')
}
const LAN: LocalAddress = { interface: 'eth0', address: '192.168.1.2', family: 'ipv4', prefixLength: 24 }
const LOOPBACK: LocalAddress = { interface: 'lo', address: '127.0.0.1', family: 'ipv4', prefixLength: 8 }

function hostWith(network: object): Host {
  return { network } as unknown as Host
}

describe('addresses', () => {
  test('loopback is left out, the source is the kernel’s choice', async () => {
    const route = { family: 'ipv4', gateway: '192.168.1.1', interface: 'eth0', metric: 0, gatewayMac: null } as const
    const fact = await probeAddresses(
      hostWith({
        addresses: async () => [LOOPBACK, LAN],
        defaultRoutes: async () => [route],
        sourceTowards: async (to: string) => (to.includes(':') ? undefined : LAN.address),
      }),
    )
    expect(fact).toEqual({ addresses: [LAN], defaultRoutes: [route], source: { ipv4: LAN.address, ipv6: null } })
  })

  test('a machine without `ip` has a route all the same, where the kernel has a source', async () => {
    const sourceTowards = async (to: string) => (to.includes(':') ? undefined : LAN.address)
    const fact = await probeAddresses(hostWith({ addresses: async () => [LAN], defaultRoutes: refuse, sourceTowards }))
    expect(fact.defaultRoutes).toMatchObject([{ family: 'ipv4', gateway: null, interface: 'eth0' }])
  })

  test('no route, no source: nothing is invented', async () => {
    const host = hostWith({ addresses: async () => [LAN], defaultRoutes: async () => [], sourceTowards: refuse })
    expect(await probeAddresses(host)).toMatchObject({ defaultRoutes: [], source: { ipv4: null, ipv6: null } })
  })
})

describe('families asked about', () => {
  const fact = (ipv4: string | null, ipv6: string | null): AddressesFact => ({
    addresses: [],
    defaultRoutes: [],
    source: { ipv4, ipv6 },
  })
  const vantage = (address: string): Candidate => ({
    name: 'v',
    address,
    port: 3478,
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    origin: 'user',
    rank: 0,
  })
  const V4 = vantage('203.0.113.10')
  const V6 = vantage('2001:db8::10')

  test.each([
    ['both, where host and vantage have both', '192.168.1.2', '2001:db8:1::2', [V4, V6], ['ipv4', 'ipv6']],
    ['IPv4 alone, where the vantage has no IPv6', '192.168.1.2', '2001:db8:1::2', [V4], ['ipv4']],
    ['IPv4 alone, where IPv6 is only local', '192.168.1.2', 'fd00::2', [V4, V6], ['ipv4']],
    ['IPv6 alone, where IPv4 is only link-local', '169.254.1.1', '2001:db8:1::2', [V4, V6], ['ipv6']],
    ['without vantages, what the host has', '192.168.1.2', '2001:db8:1::2', [], ['ipv4', 'ipv6']],
    ['without a source, the vantage’s', null, null, [V6], ['ipv6']],
    ['without anything, IPv4', null, null, [], ['ipv4']],
  ])('%s', async (_, ipv4, ipv6, candidates, families) => {
    const sourceTowards = async (to: string) => (to.includes(':') ? ipv6 : ipv4) ?? undefined
    expect(await askedFamilies(hostWith({ sourceTowards }), fact(ipv4, ipv6), candidates)).toEqual(families)
  })
})

describe('listeners', () => {
  const socket = (address: string, over: Partial<ListeningSocket> = {}): ListeningSocket => ({
    transport: 'tcp',
    address,
    port: 4001,
    families: [address.includes(':') ? 'ipv6' : 'ipv4'],
    process: 'node',
    pid: 7,
    namespace: null,
    ...over,
  })
  const key = { transport: 'tcp', family: 'ipv4', port: 4001 } as const
  const fact = (...sockets: ListeningSocket[]) =>
    listenersOf(key, { sockets, namespacesSeen: 'all' } satisfies ListenerList, 'no')

  test.each([
    ['any address', [socket('0.0.0.0')], 'listening'],
    ['one outer address', [socket('192.168.1.2')], 'listening'],
    ['an IPv6 any-socket that takes IPv4 too', [socket('::', { families: ['ipv4', 'ipv6'] })], 'listening'],
    ['an IPv6 any-socket that takes IPv6 alone', [socket('::')], 'none'],
    ['loopback', [socket('127.0.0.1')], 'loopback-only'],
    ['mapped loopback', [socket('::ffff:127.0.0.1', { families: ['ipv4'] })], 'loopback-only'],
    ['loopback and an outer address', [socket('127.0.0.1'), socket('192.168.1.2')], 'listening'],
    ['a container', [socket('0.0.0.0', { namespace: 'web' })], 'elsewhere-only'],
    [
      'a container, and this host’s loopback',
      [socket('0.0.0.0', { namespace: 'web' }), socket('127.0.0.1')],
      'loopback-only',
    ],
    ['another port', [socket('0.0.0.0', { port: 4002 })], 'none'],
    ['another transport', [socket('0.0.0.0', { transport: 'udp' })], 'none'],
  ] as const)('%s: %s', (_, sockets, state) => {
    expect(fact(...sockets).state).toBe(state)
  })

  test('without permission or tool: unknown, not nothing', async () => {
    const list = await listListeners({ listeners: { list: refuse } } as unknown as Host)
    expect(listenersOf(key, list, 'unknown')).toMatchObject({ state: 'unknown', namespacesSeen: 'own' })
  })
})
