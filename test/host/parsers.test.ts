import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivalTable, parseCounters, requireWatches } from '../../src/host/os/arrival-table.ts'
import { parseIpv4Routes, parseIpv6Routes } from '../../src/host/os/default-routes.ts'
import { parseSs } from '../../src/host/os/dual-stack.ts'
import { parseFibTrie } from '../../src/host/os/namespace-addresses.ts'
import { containerName } from '../../src/host/os/net-namespaces.ts'
import { parseDatagramsRead } from '../../src/host/os/os-listeners.ts'
import { parsePing } from '../../src/host/os/parse-ping.ts'
import { parseProxy } from '../../src/host/os/port-proxies.ts'
import { isFlow, isListening, parseProcNet } from '../../src/host/os/proc-net-sockets.ts'
import { hostsEntries } from '../../src/host/os/resolve-name.ts'
import { parseResolvConf } from '../../src/host/os/resolvers.ts'

describe('parsePing', () => {
  const unknown = { from: null, rttMs: null, receivedAtMs: null }
  const cases: readonly [string, string, string, unknown][] = [
    [
      'a reply (iputils)',
      'PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.\n64 bytes from 10.0.0.1: icmp_seq=1 ttl=63 time=0.096 ms\n',
      '',
      { kind: 'echo-reply', from: '10.0.0.1', rttMs: 0.096, receivedAtMs: null },
    ],
    [
      'a reply with its time of arrival',
      '[1795233185.500000] 64 bytes from 2001:db8::1: icmp_seq=1 ttl=64 time=12 ms\n',
      '',
      { kind: 'echo-reply', from: '2001:db8::1', rttMs: 12, receivedAtMs: 1795233185500 },
    ],
    [
      'a reply (busybox)',
      'PING 10.0.0.1 (10.0.0.1): 56 data bytes\n64 bytes from 10.0.0.1: seq=0 ttl=64 time=0.069 ms\n',
      '',
      { kind: 'echo-reply', from: '10.0.0.1', rttMs: 0.069, receivedAtMs: null },
    ],
    [
      'TTL exceeded',
      '[1795233185.5] From 10.91.1.1 icmp_seq=1 Time to live exceeded\n',
      '',
      { kind: 'time-exceeded', from: '10.91.1.1', rttMs: null, receivedAtMs: 1795233185500 },
    ],
    [
      'hop limit exceeded, from a link-local router',
      'From fe80::1%eth0 icmp_seq=1 Time exceeded: Hop limit\n',
      '',
      { kind: 'time-exceeded', ...unknown, from: 'fe80::1' },
    ],
    [
      'TTL exceeded (busybox)',
      '',
      'ping: warning: got ICMP 11 (Time Exceeded)\n',
      { kind: 'time-exceeded', ...unknown },
    ],
    [
      'a redirect before the reply',
      'From 10.0.0.1 icmp_seq=1 Redirect Host(New nexthop: 10.0.0.9)\n64 bytes from 10.0.0.5: icmp_seq=1 ttl=64 time=1.5 ms\n',
      '',
      { kind: 'echo-reply', from: '10.0.0.5', rttMs: 1.5, receivedAtMs: null },
    ],
    ['a redirect alone', 'From 10.0.0.1 icmp_seq=1 Redirect Host(New nexthop: 10.0.0.9)\n', '', { kind: 'silent' }],
    [
      'a filter that answers',
      'From 10.0.0.1 icmp_seq=1 Packet filtered\n',
      '',
      { kind: 'unreachable', ...unknown, from: '10.0.0.1' },
    ],
    [
      'an IPv6 filter that answers',
      'From 2001:db8::1 icmp_seq=1 Destination unreachable: Administratively prohibited\n',
      '',
      { kind: 'unreachable', ...unknown, from: '2001:db8::1' },
    ],
    ['no route', '', 'ping: connect: Network is unreachable\n', { kind: 'unreachable', ...unknown }],
    ['silence', 'PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.\n', '', { kind: 'silent' }],
    ['no permission', '', 'ping: socket: Operation not permitted\n', { kind: 'not-permitted' }],
    ['no permission (busybox)', '', 'ping: permission denied (are you root?)\n', { kind: 'not-permitted' }],
    ['another complaint', '', 'ping: something else\n', { kind: 'failed' }],
  ]
  test.each(cases)('%s', (_, stdout, stderr, answer) => expect(parsePing(stdout, stderr)).toEqual(answer))
})

describe('default routes', () => {
  test('IPv4: gateways and links, no networks, no rejecting routes', () => {
    const text = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'ppp0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0',
      'eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'wg0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0',
      '*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0',
    ].join('\n')
    expect(parseIpv4Routes(text)).toEqual([
      { family: 'ipv4', gateway: '10.0.2.1', interface: 'eth0', metric: 100 },
      { family: 'ipv4', gateway: null, interface: 'ppp0', metric: 50 },
    ])
  })

  test('IPv6: the unreachable default on lo is none', () => {
    const zeros = '0'.repeat(32)
    const text = [
      `${zeros} 00 ${zeros} 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0`,
      `20010db8000000000000000000000000 20 ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001     eth0`,
      `${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo`,
    ].join('\n')
    expect(parseIpv6Routes(text)).toEqual([{ family: 'ipv6', gateway: 'fd00::1', interface: 'eth0', metric: 1024 }])
  })
})

test('hosts: the addresses of a name, whatever its case, without comments and zones', () => {
  const text =
    '127.0.0.1 localhost\n# 192.0.2.9 vantage\n192.0.2.1\tother Vantage # 192.0.2.2\nfe80::1%lo vantage\nnonsense vantage\n'
  expect(hostsEntries(text, 'vantage')).toEqual(['192.0.2.1', 'fe80::1'])
  expect(hostsEntries(text, 'nobody')).toEqual([])
})

test('resolvers: nameserver lines alone, without zones', () => {
  const text =
    '# nameserver 1.1.1.1\nsearch example\nnameserver 9.9.9.9\nnameserver fe80::1%eth0\nnameserver nonsense\n'
  expect(parseResolvConf(text).map(({ address }) => address)).toEqual(['9.9.9.9', 'fe80::1'])
})

describe('/proc/net sockets', () => {
  const rest = '00000000:00000000 00:00000000 00000000     0        0 36134 1 00000000c8e0a230 100 0 0 10 0'
  const listening = `   0: 0100007F:0FA1 00000000:0000 0A ${rest}`
  const flow = `   1: 020200C0:0FA1 0100000A:D431 01 ${rest}`
  const mapped = `   2: 0000000000000000FFFF000002025B0A:1B5D 00000000000000000000000000000000:0000 0A ${rest}`
  const any = `  34: 00000000000000000000000000000000:1B5D 00000000000000000000000000000000:0000 07 ${rest}`

  test('TCP: listening sockets and flows apart', () => {
    expect(parseProcNet('tcp', `${listening}\n${flow}\n`, isListening)).toEqual([
      expect.objectContaining({ local: { address: '127.0.0.1', port: 4001 }, family: 'ipv4', inode: '36134' }),
    ])
    expect(parseProcNet('tcp', `${listening}\n${flow}\n`, isFlow)).toEqual([
      expect.objectContaining({
        local: { address: '192.0.2.2', port: 4001 },
        remote: { address: '10.0.0.1', port: 54321 },
      }),
    ])
  })
  test('an IPv4-mapped address is an IPv4 one', () => {
    expect(parseProcNet('tcp', mapped, isListening)[0]).toMatchObject({
      family: 'ipv4',
      local: { address: '10.91.2.2' },
    })
  })
  test('UDP: bound is listening', () => {
    expect(parseProcNet('udp', any, isListening)[0]).toMatchObject({
      family: 'ipv6',
      local: { address: '::', port: 7005 },
    })
  })
  test('whatever else stands there is passed over', () => {
    fc.assert(fc.property(fc.string(), (text) => parseProcNet('tcp', text, () => true).length === 0))
  })
})

test('ss tells which sockets are for IPv6 alone', () => {
  const text = [
    'udp UNCONN 0 0 [::]:7003 [::]:* ino:36132 sk:1 cgroup:unreachable:1 v6only:1 <->',
    'tcp LISTEN 0 511 *:7002 *:* ino:36131 sk:5 cgroup:/ v6only:0 <->',
    'tcp LISTEN 0 511 *:7009 *:* ino:36139 sk:5',
  ].join('\n')
  expect([...parseSs(text)]).toEqual([
    ['36132', true],
    ['36131', false],
  ])
})

test.each([
  ['Docker', `0::/system.slice/docker-${'ab12'.repeat(16)}.scope\n`, 'ab12ab12ab12'],
  ['Docker, control groups 1', `3:cpu:/docker/${'0f'.repeat(32)}\n`, '0f0f0f0f0f0f'],
  ['Kubernetes', `0::/kubepods/burstable/pod12-34/${'cd'.repeat(32)}\n`, 'cdcdcdcdcdcd'],
  ['LXC', '0::/lxc.payload.web/init.scope\n', 'web'],
  ['no container', '0::/user.slice/user-0.slice\n', undefined],
])('names a container of %s', (_, cgroup, name) => expect(containerName(cgroup)).toBe(name))

test('finds the own addresses of a namespace in its trie of routes', () => {
  const text = [
    'Main:',
    '  +-- 0.0.0.0/0 3 0 5',
    '     |-- 0.0.0.0',
    '        /0 universe UNICAST',
    '     +-- 172.17.0.0/16 2 0 2',
    '           |-- 172.17.0.0',
    '              /16 link UNICAST',
    '           |-- 172.17.0.2',
    '              /32 host LOCAL',
    '        |-- 172.17.255.255',
    '           /32 link BROADCAST',
  ]
  expect(parseFibTrie([...text, ...text].join('\n'))).toEqual(['172.17.0.2'])
})

describe('Docker’s proxy', () => {
  const line = (...words: string[]) => `/usr/bin/docker-proxy\0${words.join('\0')}\0`
  const host = ['-host-ip', '::', '-host-port', '4001']
  const to = ['-container-ip', '172.17.0.2', '-container-port', '30333']

  test('says whom it serves', () => {
    expect(parseProxy(9, line('-proto', 'udp', ...host, ...to))).toEqual({
      pid: 9,
      transport: 'udp',
      host: { address: '::', port: 4001 },
      to: { address: '172.17.0.2', port: 30333 },
    })
  })
  test.each([
    ['another transport', line('-proto', 'sctp', ...host, ...to)],
    ['nobody to serve', line('-proto', 'tcp', ...host)],
    ['an address that is none', line('-proto', 'tcp', ...host, '-container-ip', 'x', '-container-port', '1')],
    ['nothing', ''],
  ])('%s is no proxy', (_, text) => expect(parseProxy(9, text)).toBeUndefined())
})

describe('the table of arrivals', () => {
  const watch = { family: 'ipv4', transport: 'udp', port: 4001, sources: ['192.0.2.1'] } as const

  test('has no verdict but to accept', () => {
    const shape = { name: 't', owned: true, devices: ['eth0'], redirected: true }
    const text = arrivalTable(shape, [watch, { ...watch, transport: 'tcp', sources: [] }])
    expect(text.match(/policy \w+/g)).toEqual(Array(4).fill('policy accept'))
    const without = text.replaceAll('ct status dnat', '')
    expect(without).not.toMatch(/\b(drop|reject|queue|return|jump|goto|dnat|snat|redirect|masquerade|set|notrack)\b/)
  })
  test('asks for no connection tracking where NAT does not use it already', () => {
    expect(arrivalTable({ name: 't', owned: true, devices: [], redirected: false }, [watch])).not.toMatch(/\bct\b/)
  })
  test('reads counters, and zero for what is missing', () => {
    const text =
      'table inet t {\n\tcounter w0 {\n\t\tpackets 3 bytes 90\n\t}\n\tcounter a0 {\n\t\tpackets 5 bytes 1\n\t}\n}\n'
    expect(parseCounters(text, [watch])).toEqual([{ wire: 3, passed: 0, anySourceOpening: 5, strayOpening: 0 }])
  })
  test.each([
    ['a port out of range', { ...watch, port: 0 }],
    ['an address of the other family', { ...watch, sources: ['2001:db8::1'] }],
    ['what is no address', { ...watch, sources: ['1.2.3.4 } drop; #'] }],
  ])('refuses %s', (_, bad) => expect(() => requireWatches([bad])).toThrow(RangeError))
})

test('datagrams read: both families of /proc/net/snmp together, 0 where a table is missing', () => {
  const snmp = 'Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts\nUdp: 41 3\nUdpLite: InDatagrams\nUdpLite: 9\n'
  expect(parseDatagramsRead(snmp, 'Ip6InReceives 5\nUdp6InDatagrams                  \t1\n')).toBe(42)
  expect(parseDatagramsRead('', '')).toBe(0)
})
