import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ArrivalWatch, Host } from '../../src/host/host.ts'
import { arrivalTable } from '../../src/host/os/arrival-table.ts'
import { readRules } from '../../src/probe/host-rules/read-rules.ts'
import { probeRedirected } from '../../src/probe/host-rules/redirected.ts'
import { CompiledHost, missingForNamespaces, Row, type Running, sh } from './in-namespace.ts'

const missing = missingForNamespaces('ip', 'nft', 'iptables', 'iptables-legacy', 'ping')
const PORT = 4001
const WATCHES: readonly ArrivalWatch[] = [
  { family: 'ipv4', transport: 'udp', port: PORT, sources: ['10.91.1.2'] },
  { family: 'ipv4', transport: 'tcp', port: PORT, sources: ['10.91.1.2', '203.0.113.9'] },
  { family: 'ipv6', transport: 'udp', port: PORT, sources: ['2001:db8:1::2'] },
  { family: 'ipv6', transport: 'tcp', port: PORT, sources: ['2001:db8:1::2'] },
  { family: 'ipv4', transport: 'udp', port: PORT, sources: ['203.0.113.9'] },
]
const OPEN = { wire: 1, passed: 1, anySourceOpening: 1, strayOpening: 0 }
const EATEN = { wire: 1, passed: 0, anySourceOpening: 1, strayOpening: 0 }
const FROM_OTHERS = { wire: 0, passed: 0, anySourceOpening: 1, strayOpening: 0 }

describe.skipIf(missing)(`the host's packet filter${missing ? ` (skipped: ${missing})` : ''}`, () => {
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

  /** A program in `b` that counts until it is told to read, then to close. */
  const counting = async (prefix: readonly string[] = []): Promise<Running> => {
    const counter = host.start(
      [...row.in('b'), ...prefix],
      async (host, watches, say) => {
        const counters = await host.netfilter.countArrivals(watches)
        say('counting')
        const lines: string[] = []
        let wake = () => {}
        process.stdin.on('data', (text) => {
          lines.push(...text.toString().trim().split('\n'))
          wake()
        })
        for (;;) {
          const line = lines.shift()
          if (line === 'read') say(await counters.read())
          else if (line === 'close') {
            await counters.close()
            say('closed')
          } else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      },
      WATCHES,
    )
    expect(await counter.heard()).toBe('counting')
    return counter
  }

  const ask = (counter: Running, what: 'read' | 'close'): Promise<unknown> => {
    counter.child.stdin!.write(`${what}\n`)
    return counter.heard()
  }

  /** One UDP datagram and one TCP SYN of each family, from `a` to the port of `b`. */
  const dial = () =>
    host.run(
      row.in('a'),
      async (host, port) => {
        for (const address of ['10.91.2.2', '2001:db8:2::2']) {
          const socket = await host.udp.open({ toward: { address, port } })
          await socket.send(new Uint8Array(4), { address, port })
          // Less than the second after which a kernel repeats its SYN.
          await host.tcp.connect({ to: { address, port }, timeoutMs: 300 })
          await socket.close()
        }
        return null
      },
      PORT,
    )

  const countsOfDial = async (): Promise<unknown> => {
    const counter = await counting()
    try {
      await dial()
      return await ask(counter, 'read')
    } finally {
      await counter.stop()
    }
  }

  const tables = () => sh(`ip netns exec ${row.b} nft list tables`).trim()
  const gone = async () => {
    // The kernel takes the table away when nft has ended, which is told to nobody.
    const deadlineMs = Date.now() + 3000
    while (tables().includes('peerway') && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    return tables()
  }

  test('an open host: what arrives passes', async () => {
    expect(await countsOfDial()).toEqual([OPEN, OPEN, OPEN, OPEN, FROM_OTHERS])
  })

  test('a filter at input: all arrives and none passes', async () => {
    row.rules('b', `table inet f { chain c { type filter hook input priority 0; th dport ${PORT} drop; } }`)
    expect(await countsOfDial()).toEqual([EATEN, EATEN, EATEN, EATEN, FROM_OTHERS])
  })

  test('a filter at the earliest hook of prerouting: arrival is seen all the same', async () => {
    row.rules('b', `table inet f { chain c { type filter hook prerouting priority -2000; th dport ${PORT} drop; } }`)
    expect(await countsOfDial()).toEqual([EATEN, EATEN, EATEN, EATEN, FROM_OTHERS])
  })

  test('a filter before the host: nothing arrives', async () => {
    row.rules('r', `table inet f { chain c { type filter hook forward priority 0; th dport ${PORT} drop; } }`)
    expect(await countsOfDial()).toEqual(Array(5).fill({ wire: 0, passed: 0, anySourceOpening: 0, strayOpening: 0 }))
  })

  test('what is redirected counts as passed where it leaves the filters: to another port, or to a guest', async () => {
    sh(`ip netns exec ${row.b} sysctl -qw net.ipv4.ip_forward=1`)
    row.rules(
      'b',
      `table ip n { chain c { type nat hook prerouting priority -100; udp dport ${PORT} redirect to :5001; tcp dport ${PORT} dnat to 10.91.2.1:5002; } }`,
    )
    expect(await countsOfDial()).toEqual([OPEN, OPEN, OPEN, OPEN, FROM_OTHERS])
    sh(`ip netns exec ${row.b} nft add table inet f`)
    sh(`ip netns exec ${row.b} nft 'add chain inet f c { type filter hook forward priority 0; policy drop; }'`)
    expect(await countsOfDial()).toEqual([OPEN, EATEN, OPEN, OPEN, FROM_OTHERS])
  })

  test("the table is taken away by closing, and everybody else's rules stay as they were", async () => {
    row.rules('b', 'table inet f { chain c { type filter hook input priority 0; counter; } }')
    const before = tables()
    const counter = await counting()
    expect(tables()).toContain('peerway_arrivals_')
    expect(await ask(counter, 'close')).toBe('closed')
    expect(await gone()).toBe(before)
    await counter.stop()
  })

  test('the table is gone after a kill', async () => {
    const counter = await counting()
    expect(tables()).toContain('peerway_arrivals_')
    await counter.stop()
    expect(await gone()).toBe('')
  })

  test('the TTL of one connection is limited, the hop that tells is counted, and nothing of it is left after a kill', async () => {
    const far = host.start(
      row.in('a'),
      async (host, port, say) => {
        const onConnection = async (connection: import('../../src/host/host.ts').TcpConnection) => {
          const read = await connection.read(5000)
          say(read.outcome === 'data' ? read.data.length : read.outcome)
        }
        for (const address of ['10.91.1.2', '2001:db8:1::2'])
          await host.tcp.listen({ local: { address, port }, onConnection, maxConnections: 8 })
        say('listening')
        await host.clock.sleep(60_000)
      },
      PORT,
    )
    expect(await far.heard()).toBe('listening')
    const near = host.start(
      row.in('b'),
      async (host, port, say) => {
        const open = async (address: string, ttl: number) => {
          const result = await host.tcp.connect({ to: { address, port }, timeoutMs: 2000 })
          if (result.outcome !== 'connected') throw new Error(result.outcome)
          return { connection: result.connection, ttl }
        }
        const flows = [await open('10.91.1.2', 1), await open('2001:db8:1::2', 1), await open('10.91.1.2', 9)]
        const limited = await host.netfilter.limitTtl(
          flows.map(({ connection: { local, remote }, ttl }) => ({ local, remote, ttl })),
        )
        for (const { connection } of flows) await connection.write(new Uint8Array(7), 1000)
        await host.clock.sleep(700)
        say((await limited.read()).map((told) => told > 1))
        await host.clock.sleep(60_000)
      },
      PORT,
    )
    expect(await near.heard()).toEqual([true, true, false])
    expect(await far.heard()).toBe(7)
    expect(tables()).toContain('peerway_ttl_')
    await near.stop()
    expect(await gone()).toBe('')
    await far.stop()
  })

  test('what a kernel without owned tables kept of a killed process is swept, and nothing of a living one', async () => {
    const self = sh(`cut -d' ' -f22 /proc/${process.pid}/stat`).trim()
    const alive = `peerway_arrivals_${process.pid}_${self}_1`
    for (const name of [
      'peerway_arrivals_4000000_5_1',
      `peerway_arrivals_${process.pid}_1_1`,
      alive,
      'peerway_other',
    ]) {
      sh(`ip netns exec ${row.b} nft add table inet ${name}`)
    }
    const counter = await counting()
    expect(await ask(counter, 'close')).toBe('closed')
    await counter.stop()
    expect(tables().split('\n').sort()).toEqual([`table inet ${alive}`, 'table inet peerway_other'])
  })

  test('an nft without an interactive mode counts too, and cleans up behind itself', async () => {
    const real = '/run/peerway-nft'
    // In a namespace of mounts where nft is a script that knows no -i.
    const script = `[ "$1" != -i ] || { echo "Error: no interactive mode" >&2; exit 1; }; exec ${real} "$@"`
    const prefix = [
      'unshare',
      '--mount',
      'sh',
      '-ec',
      `mount -t tmpfs tmpfs /run; nft=$(command -v nft); cp $nft ${real}
      printf '#!/bin/sh\\n%s\\n' '${script}' > /run/script; chmod 755 /run/script; mount --bind /run/script $nft; exec "$@"`,
      'sh',
    ]
    const counter = await counting(prefix)
    await dial()
    expect(await ask(counter, 'read')).toEqual([OPEN, OPEN, OPEN, OPEN, FROM_OTHERS])
    expect(sh(`ip netns exec ${row.b} nft list ruleset`)).not.toContain('owner')
    expect(await ask(counter, 'close')).toBe('closed')
    expect(tables()).toBe('')
    await counter.stop()
  })

  test.each([
    [true, ['eth0', 'lo'], true],
    [true, [], false],
    [false, ['eth0', 'lo'], false],
    [false, [], true],
  ])('nft takes the table: owned %s, at ingress of %j, with redirections %s', (owned, devices, redirected) => {
    const text = arrivalTable({ name: 'peerway_x', owned, devices, redirected }, WATCHES)
    sh(`ip netns exec ${row.b} nft -c '${text}'`)
  })

  test('the rules of nft, iptables-nft and iptables-legacy that take ports elsewhere are read', async () => {
    row.rules(
      'b',
      `table inet n {
        map m { type inet_service : ipv4_addr; elements = { 4005 : 10.0.0.1 }; }
        chain c { type nat hook prerouting priority -100; tcp dport 4002 redirect to :5; dnat ip to tcp dport map @m; }
      }`,
    )
    const rule = '-t nat -A PREROUTING -p udp -m addrtype --dst-type LOCAL -m udp'
    sh(`
      ip netns exec ${row.b} iptables-nft ${rule} --dport 4003 -j DNAT --to-destination 10.0.0.1
      ip netns exec ${row.b} iptables-legacy ${rule} --dport 4004 -j DNAT --to-destination 10.0.0.1
    `)
    const texts = await host.run(row.in('b'), (host) => host.netfilter.rulesets(), null)
    sh(`ip netns exec ${row.b} iptables-legacy -t nat -F`)
    const { rules } = await readRules({ netfilter: { rulesets: async () => texts } } as unknown as Host)
    const around = { network: { sourceTowards: async () => undefined } } as unknown as Host
    const local = (address: string, family: 'ipv4' | 'ipv6') =>
      ({ interface: 'eth0', address, family, prefixLength: 24 }) as const
    const addresses = {
      addresses: [local('10.91.2.2', 'ipv4'), local('2001:db8:2::2', 'ipv6')],
      defaultRoutes: [],
      source: { ipv4: null, ipv6: null },
    }
    const asked = [
      ['tcp', 'ipv4', 4002, 'yes'],
      ['tcp', 'ipv6', 4002, 'yes'],
      ['tcp', 'ipv4', 4001, 'no'],
      ['udp', 'ipv4', 4003, 'yes'],
      ['udp', 'ipv4', 4004, 'yes'],
      ['tcp', 'ipv4', 4003, 'no'],
      ['udp', 'ipv6', 4003, 'no'],
      ['tcp', 'ipv4', 4005, 'yes'],
      ['udp', 'ipv4', 4005, 'no'],
    ] as const
    for (const [transport, family, port, answer] of asked) {
      const key = { transport, family, port }
      expect(await probeRedirected(around, rules!, key, addresses), `${transport}/${family}/${port}`).toBe(answer)
    }
  })
})
