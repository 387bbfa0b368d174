import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CompiledHost, missingForNamespaces, Row, sh } from './in-namespace.ts'

const missing = missingForNamespaces('ip', 'nft', 'ping')
const V4 = '10.91.2.2'
const V6 = '2001:db8:2::2'
const UNUSED = 4999

describe.skipIf(missing)(`a host in real networks${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let host: CompiledHost
  let row: Row
  beforeAll(() => {
    host = new CompiledHost()
    row = new Row()
  })
  beforeEach(() => {
    for (const namespace of ['a', 'r', 'b'] as const) row.rules(namespace, '')
  })
  afterAll(() => {
    row?.remove()
    host?.remove()
  })

  test.each([
    ['ip ttl', V4],
    ['ip6 hoplimit', V6],
  ])('each datagram has its own %s, though all are sent in one tick', async (field, address) => {
    // The router takes one off.
    const expected = { t10: 10, t11: 11, t12: 12, t63: 63 }
    const counters = Object.keys(expected).map((name) => `counter ${name} { }`)
    const rules = Object.entries(expected).map(
      ([name, ttl]) => `udp dport ${UNUSED} ${field} ${ttl} counter name ${name}`,
    )
    row.rules(
      'b',
      `table inet t { ${counters.join('; ')}; chain c { type filter hook prerouting priority 0; ${rules.join('; ')}; } }`,
    )
    const outcomes = await host.run(
      row.in('a'),
      async (host, to) => {
        const socket = await host.udp.open({ toward: to })
        const data = new Uint8Array(4)
        const ttls = [11, undefined, 12, 12, 13, undefined]
        const sent = await Promise.all(ttls.map((ttl) => socket.send(data, to, ttl === undefined ? {} : { ttl })))
        await host.clock.sleep(50)
        await socket.close()
        return sent
      },
      { address, port: UNUSED },
    )
    expect(outcomes).toEqual(Array(6).fill('sent'))
    expect(Object.keys(expected).map((name) => row.packets('b', name))).toEqual([1, 2, 1, 2])
  })

  /** Sends three datagrams, each after what the one before met has come back; tells what was met. */
  const three = (address: string) =>
    host.run(
      row.in('a'),
      async (host, to) => {
        const socket = await host.udp.open({ toward: to, connect: to })
        const met: string[] = []
        for (let round = 0; round < 3; round += 1) {
          met.push(await socket.send(new Uint8Array(4), to))
          await host.clock.sleep(30)
        }
        const event = await socket.receive(1000)
        met.push(event?.kind === 'error' ? event.code : String(event?.kind))
        await socket.close()
        return met
      },
      { address, port: UNUSED },
    )

  const prohibited =
    'table inet f { chain c { type filter hook forward priority 0; udp dport 4999 reject with icmpx admin-prohibited; } }'

  test.each([
    ['a closed port, IPv4', V4, '', 'refused'],
    ['a closed port, IPv6', V6, '', 'refused'],
    ['a prohibiting router, IPv4', V4, prohibited, 'unreachable'],
    ['a prohibiting router, IPv6', V6, prohibited, 'prohibited'],
  ])('a connected UDP socket tells of %s, and loses no datagram to it', async (_, address, rules, told) => {
    row.rules(
      'r',
      `table inet t { counter seen { }; chain c { type filter hook prerouting priority 0; udp dport ${UNUSED} counter name seen; } }\n${rules}`,
    )
    expect(await three(address)).toEqual(['sent', 'sent', 'sent', told])
    expect(row.packets('r', 'seen')).toBe(3)
  })

  test('an output filter is told from a missing route', async () => {
    row.rules('a', `table inet f { chain c { type filter hook output priority 0; udp dport ${UNUSED} drop; } }`)
    sh(
      `ip -n ${row.a} route replace unreachable 198.51.100.0/25; ip -n ${row.a} route replace prohibit 198.51.100.128/25`,
    )
    const outcomes = await host.run(
      row.in('a'),
      async (host, port) => {
        const socket = await host.udp.open({ local: { address: '10.91.1.2', port: 0 } })
        const send = (address: string) => socket.send(new Uint8Array(4), { address, port })
        const sent = [await send('10.91.2.2'), await send('198.51.100.1'), await send('198.51.100.129')]
        const sources = [
          await host.network.sourceTowards('198.51.100.1'),
          await host.network.sourceTowards('10.91.2.2'),
        ]
        const refused = await host.udp.open({ toward: { address: '198.51.100.1', port } }).catch((error) => error.code)
        await socket.close()
        return { sent, sources: sources.map((source) => source ?? null), refused }
      },
      UNUSED,
    )
    expect(outcomes).toEqual({
      sent: ['not-permitted', 'unreachable', 'unreachable'],
      sources: [null, '10.91.1.2'],
      refused: 'not-available',
    })
  })

  const connect = (address: string, timeoutMs: number, port = UNUSED) =>
    host.run(
      row.in('a'),
      async (host, { to, timeoutMs }) => {
        const result = await host.tcp.connect({ to, timeoutMs })
        if (result.outcome !== 'connected') return { outcome: result.outcome, ms: result.afterMs }
        const { outcome } = await result.connection.read(1000)
        await result.connection.close()
        return { outcome, ms: result.rttMs }
      },
      { to: { address, port }, timeoutMs },
    )

  const reject = (how: string) =>
    `table inet f { chain c { type filter hook forward priority 0; tcp dport ${UNUSED} ${how}; } }`

  test.each([
    ['a closed port is refused, IPv4', V4, '', 1000, 'refused'],
    ['a closed port is refused, IPv6', V6, '', 1000, 'refused'],
    ['a filter that drops times out', V4, reject('drop'), 300, 'timed-out'],
    ['a prohibiting router, IPv4', V4, reject('reject with icmp admin-prohibited'), 1000, 'unreachable'],
    ['a prohibiting router, IPv6', V6, reject('reject with icmpv6 admin-prohibited'), 2000, 'unreachable'],
    ['a router without a route', '203.0.113.1', '', 1000, 'unreachable'],
    ['a neighbour that is not there', '10.91.1.77', '', 4500, 'unreachable'],
    ['a neighbour that is not there, asked too briefly', '10.91.1.78', '', 500, 'timed-out'],
  ])('TCP: %s', async (_, address, rules, timeoutMs, outcome) => {
    row.rules('r', rules)
    const result = await connect(address, timeoutMs)
    expect(result.outcome).toBe(outcome)
    expect(result.ms).toBeLessThan(timeoutMs + 250)
  })

  test('TCP: a reset after the handshake is told from an end', async () => {
    const server = host.start(
      row.in('b'),
      async (host, port, say) => {
        const local = { address: '10.91.2.2', port }
        await host.tcp.listen({ local, maxConnections: 1, onConnection: (connection) => connection.reset() })
        say('listening')
        await host.clock.sleep(30_000)
      },
      UNUSED,
    )
    try {
      await server.heard()
      expect((await connect(V4, 1000)).outcome).toBe('reset')
    } finally {
      await server.stop()
    }
  })

  test('hops are seen by echo, in both families', async () => {
    row.rules('r', 'table inet f { chain c { type filter hook forward priority 0; ip daddr 10.91.2.66 reject; } }')
    const echoes = await host.run(
      row.in('a'),
      async (host, targets) => {
        const results: unknown[] = []
        for (const [to, ttl] of targets) {
          const { answer, from, rttMs } = await host.icmp.echo({ to, timeoutMs: 1500, ...(ttl === 0 ? {} : { ttl }) })
          results.push([answer, from, rttMs === null ? null : rttMs >= 0 && rttMs < 500])
        }
        return results
      },
      [
        [V4, 1],
        [V4, 2],
        [V4, 0],
        [V6, 1],
        [V6, 0],
        ['10.91.2.66', 0],
        ['10.91.2.77', 0],
      ] as [string, number][],
    )
    expect(echoes).toEqual([
      ['time-exceeded', '10.91.1.1', true],
      ['echo-reply', V4, true],
      ['echo-reply', V4, true],
      ['time-exceeded', '2001:db8:1::1', true],
      ['echo-reply', V6, true],
      ['unreachable', '10.91.1.1', true],
      ['silent', null, null],
    ])
  })

  test("default routes: the best first, with the gateways' Ethernet addresses, and none that leads nowhere", async () => {
    sh(`
      ip -n ${row.a} route add default via 10.91.1.9 metric 50
      ip -n ${row.a} route add unreachable default metric 4000
      ip -n ${row.a} -6 route add unreachable default metric 4000
      ip netns exec ${row.a} ping -n -c 1 -W 1 10.91.1.1; ip netns exec ${row.a} ping -n -c 1 -W 1 2001:db8:1::1
    `)
    const mac = sh(`ip netns exec ${row.r} cat /sys/class/net/left/address`).trim()
    const routes = await host.run(row.in('a'), async (host) => host.network.defaultRoutes(), null)
    sh(
      `ip -n ${row.a} route del default via 10.91.1.9; ip -n ${row.a} route del unreachable default; ip -n ${row.a} -6 route del unreachable default`,
    )
    const route = { interface: 'eth0', family: 'ipv4' }
    expect(routes).toEqual([
      { ...route, gateway: '10.91.1.9', metric: 50, gatewayMac: null },
      { ...route, gateway: '10.91.1.1', metric: 100, gatewayMac: mac },
      { ...route, family: 'ipv6', gateway: '2001:db8:1::1', metric: 1024, gatewayMac: mac },
    ])
  })

  test('the source address obeys policy routing, and deprecated addresses are left out', async () => {
    sh(`
      ip -n ${row.a} addr add 10.91.1.3/24 dev eth0
      ip -n ${row.a} rule add to 203.0.113.0/24 lookup 77
      ip -n ${row.a} route add default via 10.91.1.1 src 10.91.1.3 table 77
      ip -n ${row.a} addr add 2001:db8:1::99/64 dev eth0 nodad preferred_lft 0
    `)
    const { source, addresses } = await host.run(
      row.in('a'),
      async (host) => ({
        source: await host.network.sourceTowards('203.0.113.5'),
        addresses: (await host.network.addresses()).map(({ address, prefixLength }) => `${address}/${prefixLength}`),
      }),
      null,
    )
    expect(source).toBe('10.91.1.3')
    expect(addresses).toContain('10.91.1.3/24')
    expect(addresses).toContain('2001:db8:1::2/64')
    expect(addresses).not.toContain('2001:db8:1::99/64')
  })

  test('without privileges a low port is not permitted, and neither are the rule sets', async () => {
    const codes = await host.run(
      [...row.in('a'), 'setpriv', '--reuid', '65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'],
      async (host) => {
        const local = { address: '127.0.0.1', port: 53 }
        const code = (error: { code?: string }) => error.code
        const listening = host.tcp.listen({ local, maxConnections: 1, onConnection: () => {} })
        return Promise.all([
          host.udp.open({ local }).catch(code),
          listening.catch(code),
          host.netfilter.rulesets().catch(code),
          host.netfilter.countArrivals([]).catch(code),
        ])
      },
      null,
    )
    expect(codes).toEqual(Array(4).fill('not-permitted'))
  })
})
