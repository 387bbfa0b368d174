import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { replaceRules } from '../../src/sim/firewall/replace-rules.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'

interface Options {
  readonly nft?: string
  readonly iptables?: string
  readonly forwarding?: 'yes' | 'no'
}

/** A stranger, a host 203.0.113.10 with an IPv6 address, and a guest 172.17.0.10 (2001:db8:9::a) behind it that listens on 4001. */
function build({ nft, iptables, forwarding = 'yes' }: Options) {
  const rules = nft === undefined ? `iptables: ${JSON.stringify(iptables)}` : `nft: ${JSON.stringify(nft)}`
  const parsed = parseTopology(
    `topology: 1
title: A guest behind a host
networks:
  net: { ipv4: 203.0.113.0/24, ipv6: 2001:db8:1::/64 }
  bridge: { ipv4: 172.17.0.0/16, ipv6: 2001:db8:9::/64 }
hosts:
  node:
    network: net
    address: [203.0.113.10, "2001:db8:1::10"]
    inside: bridge
    forwarding: ${forwarding}
    firewall: { ${rules} }
    listeners: [{ port: 22 }, { port: 8080 }]
  guest: { network: bridge, listeners: [{ port: 4001 }] }
  other: { network: bridge, address: 172.17.0.99 }
  stranger: { network: net, address: [203.0.113.66, "2001:db8:1::66"], listeners: [{ port: 5001 }] }
`,
    'passing.yaml',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return buildTopology(parsed.topology, 1)
}

async function dial(host: Host, address: string, port: number): Promise<string> {
  const result = await host.tcp.connect({ to: { address, port }, timeoutMs: 1000 })
  if (result.outcome !== 'connected') return result.outcome
  await result.connection.write(Uint8Array.of(7), 100)
  const heard = await result.connection.read(500)
  result.connection.reset()
  return heard.outcome === 'data' ? 'echoed' : heard.outcome
}

async function ask(host: Host, address: string, port: number): Promise<string> {
  const to = { address, port }
  await using socket = await host.udp.open({ toward: to, connect: to })
  await socket.send(Uint8Array.of(7), to)
  await socket.send(Uint8Array.of(8), to)
  const event = await socket.receive(1000)
  return event === undefined ? 'silent' : event.kind === 'error' ? event.code : 'echoed'
}

const NAT = (rules: string, post = 'ip saddr 172.17.0.0/16 oifname "eth0" masquerade') => `table inet nat {
  chain pre {
    type nat hook prerouting priority dstnat
    ${rules}
  }
  chain post {
    type nat hook postrouting priority srcnat
    ${post}
  }
}
`
const FORWARD = (rules: string) => `table inet f {
  chain forward {
    type filter hook forward priority filter; policy drop
    ${rules}
  }
}
`
const TO_GUEST = 'iifname "eth0" meta l4proto { tcp, udp } th dport 4001 dnat ip to 172.17.0.10'

describe('a host that passes packets on', () => {
  test.each([
    ['takes a port to its guest', { nft: NAT(TO_GUEST) }, 4001, 'echoed', 'echoed'],
    [
      'takes it to another port',
      { nft: NAT(`tcp dport 80 dnat ip to 172.17.0.10:4001; udp dport 80 dnat ip to 172.17.0.10:4001`) },
      80,
      'echoed',
      'echoed',
    ],
    [
      'by a map',
      { nft: NAT('dnat ip to meta l4proto . th dport map { tcp . 4001 : 172.17.0.10, udp . 4001 : 172.17.0.10 }') },
      4001,
      'echoed',
      'echoed',
    ],
    [
      'in the words of iptables',
      {
        iptables:
          '*nat\n-A PREROUTING -d 203.0.113.10 -p tcp --dport 4001 -j DNAT --to-destination 172.17.0.10:4001\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n',
      },
      4001,
      'echoed',
      'refused',
    ],
    ['takes no port without a rule', { nft: NAT('') }, 4001, 'refused', 'refused'],
    [
      'takes a port to itself',
      { nft: NAT('tcp dport 4001 redirect to :8080; udp dport 4001 redirect to :8080') },
      4001,
      'echoed',
      'echoed',
    ],
    [
      'drops what its forward chain drops',
      { nft: NAT(TO_GUEST) + FORWARD('iifname "inside" accept') },
      4001,
      'timed-out',
      'silent',
    ],
    [
      'lets translated connections through',
      { nft: NAT(TO_GUEST) + FORWARD('ct state established,related accept\nct status dnat accept') },
      4001,
      'echoed',
      'echoed',
    ],
    [
      'rejects on the way through',
      { nft: NAT(TO_GUEST) + FORWARD('meta l4proto tcp reject with tcp reset\nreject') },
      4001,
      'refused',
      'refused',
    ],
    [
      'passes nothing on where its kernel does not',
      { nft: NAT(TO_GUEST), forwarding: 'no' },
      4001,
      'timed-out',
      'silent',
    ],
    ['misses a guest that is not there', { nft: NAT(TO_GUEST.replace('0.10', '0.77')) }, 4001, 'timed-out', 'silent'],
    ['still answers for itself', { nft: NAT(TO_GUEST) }, 22, 'echoed', 'echoed'],
  ] as const)('%s', async (_, options, port, tcp, udp) => {
    const { world, host } = build(options)
    const stranger = host('stranger')
    const both = Promise.all([dial(stranger, '203.0.113.10', port), ask(stranger, '203.0.113.10', port)])
    expect(await world.run(both)).toEqual([tcp, udp])
  })

  test('in IPv6 too', async () => {
    const { world, host } = build({
      nft: NAT('tcp dport 4001 dnat ip6 to [2001:db8:9::a]:4001', 'oifname "eth0" masquerade'),
    })
    expect(await world.run(dial(host('stranger'), '2001:db8:1::10', 4001))).toBe('echoed')
  })

  test('hides its guests behind its own address, two of them on one port too', async () => {
    const { world, host } = build({ nft: NAT('') })
    const told: string[] = []
    world.trace = ({ machine, stage, packet }) => {
      if (machine === 'stranger' && stage === 'arrive') told.push(packet)
    }
    const work = async () => {
      const [guest, other] = await Promise.all(
        ['guest', 'other'].map((name) =>
          host(name).udp.open({ toward: { address: '203.0.113.66', port: 5001 }, port: 6000 }),
        ),
      )
      const to = { address: '203.0.113.66', port: 5001 }
      await guest!.send(Uint8Array.of(1), to)
      await other!.send(Uint8Array.of(2), to)
      return [(await guest!.receive(1000))?.kind, (await other!.receive(1000))?.kind]
    }
    expect(await world.run(work())).toEqual(['datagram', 'datagram'])
    const sources = told.map((packet) => packet.split(' ')[1])
    expect(sources[0]).toBe('203.0.113.10:6000')
    expect(sources[1]).toMatch(/^203\.0\.113\.10:\d+$/)
    expect(new Set(sources).size).toBe(2)
  })

  test('without masquerade its guests are answered by nobody', async () => {
    const { world, host } = build({ nft: NAT('', '') })
    expect(await world.run(ask(host('guest'), '203.0.113.66', 5001))).toBe('silent')
  })

  test('translates errors about what it passed on', async () => {
    const { world, host } = build({ nft: NAT('udp dport 4002 dnat ip to 172.17.0.10') })
    expect(await world.run(ask(host('stranger'), '203.0.113.10', 4002))).toBe('refused')
  })

  test('translates what it sends itself', async () => {
    const nft = `table ip n { chain out { type nat hook output priority -100; ip daddr 203.0.113.10 tcp dport 4001 dnat to 172.17.0.10
      tcp dport 4002 redirect to :8080 } }`
    const { world, host } = build({ nft })
    const node = host('node')
    const all = Promise.all([
      dial(node, '203.0.113.10', 4001),
      dial(node, '203.0.113.66', 4002),
      dial(node, '203.0.113.66', 5001),
    ])
    expect(await world.run(all)).toEqual(['echoed', 'echoed', 'echoed'])
  })

  test('has counters for what its rules take to a guest, and none for what they drop', async () => {
    for (const [extra, passed] of [
      ['', 1],
      [FORWARD(''), 0],
    ] as const) {
      const { world, host } = build({ nft: NAT(TO_GUEST) + extra })
      const watch = { family: 'ipv4', transport: 'udp', port: 4001, sources: ['203.0.113.66'] } as const
      const work = async () => {
        const counters = await host('node').netfilter.countArrivals([watch])
        const to = { address: '203.0.113.10', port: 4001 }
        const socket = await host('stranger').udp.open({ toward: to })
        await socket.send(Uint8Array.of(1), to)
        await host('stranger').clock.sleep(100)
        return counters.read()
      }
      expect(await world.run(work())).toMatchObject([{ wire: 1, passed }])
    }
  })

  test('shows the sockets of its guests, its rules and its settings', async () => {
    const { world, host } = build({ nft: NAT(TO_GUEST), forwarding: 'no' })
    const { listeners, netfilter, sysctl } = host('node')
    const { sockets } = await world.run(listeners.list())
    expect(sockets.filter(({ port, transport }) => port === 4001 && transport === 'tcp')).toMatchObject([
      { namespace: 'guest', isGuest: true, address: '::' },
    ])
    expect(sockets.filter(({ port }) => port === 22).map(({ namespace }) => namespace)).toEqual([null, null])
    expect(await world.run(sysctl.read('net.ipv4.ip_forward'))).toBe('0')
    expect((await world.run(netfilter.rulesets())).nft).toContain('dnat')
    const guests = await world.run(host('guest').listeners.list())
    expect(guests.sockets.map(({ port, namespace }) => [port, namespace])).toEqual([
      [4001, null],
      [4001, null],
    ])
  })

  test('goes by other rules as soon as it has them, and keeps its connections', async () => {
    const { world, host, machines } = build({ nft: NAT('') })
    const node = machines.get('node')!
    const work = async () => {
      const before = await dial(host('stranger'), '203.0.113.10', 4001)
      const ssh = await host('stranger').tcp.connect({ to: { address: '203.0.113.10', port: 22 }, timeoutMs: 1000 })
      if (ssh.outcome !== 'connected') throw new Error(ssh.outcome)
      const listing = (expr: object[]) => ({
        nftables: [
          { table: { family: 'ip', name: 't' } },
          { chain: { family: 'ip', table: 't', name: 'i', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
          { rule: { family: 'ip', table: 't', chain: 'i', handle: 1, expr } },
        ],
      })
      const state = { match: { op: '==', left: { ct: { key: 'state' } }, right: 'established' } }
      replaceRules(node, { nft: JSON.stringify(listing([state, { accept: null }])) })
      const after = await dial(host('stranger'), '203.0.113.10', 22)
      await ssh.connection.write(Uint8Array.of(1), 100)
      return [before, after, (await ssh.connection.read(1000)).outcome]
    }
    expect(await world.run(work())).toEqual(['refused', 'timed-out', 'data'])
    expect(() => replaceRules(node, { nft: '{' })).toThrow('cannot be read')
  })
})
