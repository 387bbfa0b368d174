import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildTopology } from '../../src/sim/build.ts'
import { Packet, UDP } from '../../src/sim/packet.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { SmallWorld } from './small-world.ts'

function simulate(file: string) {
  const source = readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')
  const parsed = parseTopology(source, file)
  if (!parsed.ok) throw new Error(`${file} has mistakes`)
  return buildTopology(parsed.topology, 1)
}

describe('a simulated host', () => {
  test('knows its addresses and routes', async () => {
    const { host } = simulate('ipv6-stateful-router.yaml')
    const { network } = host('node')
    expect((await network.addresses()).map((each) => `${each.interface} ${each.address}/${each.prefixLength}`)).toEqual(
      ['lo 127.0.0.1/8', 'lo ::1/128', 'eth0 192.168.1.10/24', 'eth0 2001:db8:3::a/64'],
    )
    expect(await network.defaultRoutes()).toMatchObject([
      { family: 'ipv4', gateway: '192.168.1.1', interface: 'eth0' },
      { family: 'ipv6', gateway: '2001:db8:3::1', interface: 'eth0' },
    ])
    expect(await network.sourceTowards('2001:db8:1::20')).toBe('2001:db8:3::a')
    expect(await simulate('no-default-route.yaml').host('node').network.sourceTowards('198.51.100.20')).toBeUndefined()
  })

  test('asks its resolver over the network', async () => {
    const answered = simulate('vantage-silent.yaml')
    const asked = (sim: typeof answered, name: string) =>
      sim.world.run(sim.host('node').network.resolve(name, { timeoutMs: 2000 }))
    expect(await asked(answered, 'example.org')).toEqual({ outcome: 'not-found' })
    expect(await asked(answered, '192.0.2.1')).toEqual({ outcome: 'found', addresses: ['192.0.2.1'] })
    expect(await asked(simulate('home-nat.yaml'), 'example.org')).toEqual({ outcome: 'timed-out' })
    expect(await asked(simulate('no-default-route.yaml'), 'example.org')).toEqual({ outcome: 'failed' })
  })

  test('knows the names of its world, where its resolver is reached', async () => {
    const w = new SmallWorld()
    const names = new Map([['example.org', ['203.0.113.12']]])
    const resolver = '203.0.113.10'
    const a = openSimHost(w.a, { resolver, names })
    const x = openSimHost(w.x)
    const serve = async () => {
      const socket = await x.udp.open({ local: { address: resolver, port: 53 } })
      socket.onEvent((event) => {
        if (event.kind === 'error') return
        const answer = event.data.slice()
        answer[2]! |= 0x80
        void socket.send(answer, event.from)
      })
    }
    await w.world.run(serve())
    const ask = (name: string) => w.world.run(a.network.resolve(name, { timeoutMs: 1000 }))
    expect(await ask('example.org')).toEqual({ outcome: 'found', addresses: ['203.0.113.12'] })
    expect(await ask('example.com')).toEqual({ outcome: 'not-found' })
  })

  test('is told of no datagram without a source port, which cannot be answered', async () => {
    const w = new SmallWorld()
    const local = { address: '203.0.113.10', port: 7000 }
    const work = async () => {
      await using socket = await openSimHost(w.x).udp.open({ local })
      for (const port of [0, 1]) w.y.send(new Packet(UDP, w.id('203.0.113.12'), port, w.id(local.address), 7000, false))
      return [await socket.receive(1000), await socket.receive(1000)]
    }
    const [first, second] = await w.world.run(work())
    expect([first, second]).toEqual([
      expect.objectContaining({ from: { address: '203.0.113.12', port: 1 } }),
      undefined,
    ])
  })

  test('counts what arrives, what passes its firewall, and what went astray', async () => {
    const sim = simulate('host-firewall-nft.yaml')
    const [node, stranger] = [sim.host('node'), sim.host('stranger')]
    const work = async () => {
      const source = (await stranger.network.sourceTowards('203.0.113.10'))!
      const watch = { family: 'ipv4', port: 4001, sources: [source] } as const
      const counters = await node.netfilter.countArrivals([
        { ...watch, transport: 'udp' },
        { ...watch, transport: 'tcp' },
        { ...watch, transport: 'tcp', port: 22, sources: [] },
      ])
      const to = { address: '203.0.113.10', port: 4001 }
      const socket = await stranger.udp.open({ toward: to })
      await socket.send(Uint8Array.of(1), to)
      for (const port of [4001, 22, 23]) await stranger.tcp.connect({ to: { ...to, port }, timeoutMs: 500 })
      const seen = await counters.read()
      await counters.close()
      await socket.send(Uint8Array.of(1), to)
      return [seen, await counters.read()]
    }
    const [seen, after] = await sim.world.run(work())
    expect(seen).toEqual([
      { wire: 1, passed: 0, anySourceOpening: 1, strayOpening: 0 },
      { wire: 1, passed: 0, anySourceOpening: 1, strayOpening: 1 },
      { wire: 0, passed: 0, anySourceOpening: 1, strayOpening: 0 },
    ])
    expect(after).toEqual(seen)
  })

  test('has files of its own, and has no programs', async () => {
    const sim = simulate('home-nat.yaml')
    const [node, box] = [sim.host('node'), sim.host('box')]
    await node.files.replace('/a', 'text')
    expect([await node.files.read('/a', { maxBytes: 10 }), await box.files.read('/a', { maxBytes: 10 })]).toEqual([
      'text',
      undefined,
    ])
    expect([await node.sysctl.read('net.ipv4.ip_forward'), await box.sysctl.read('net.ipv4.ip_forward')]).toEqual([
      '0',
      '1',
    ])
    await expect(node.services.run(['ip'], { timeoutMs: 1 })).rejects.toMatchObject({ code: 'not-available' })
    await expect(node.services.engines()).rejects.toMatchObject({ code: 'not-available' })
    expect(() => sim.host('nobody')).toThrow('there is no host "nobody"; there are: node, stranger, vantage, box, isp')
  })

  test('draws the same bytes for the same seed, and others than its neighbour', () => {
    const bytes = (name: string) => [...simulate('home-nat.yaml').host(name).random.bytes(16)]
    expect(bytes('node')).toEqual(bytes('node'))
    expect(bytes('node')).not.toEqual(bytes('stranger'))
  })
})
