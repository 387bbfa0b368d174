import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { discoverIgd } from '../../src/gateway/discover-igd.ts'
import type { Call, CallResult } from '../../src/gateway/igd-call.ts'
import { shutPinhole } from '../../src/gateway/igd-pinhole.ts'
import type { PortMapper, PortMapping } from '../../src/gateway/port-mapper.ts'
import { buildTopology } from '../../src/sim/build.ts'
import type { Machine } from '../../src/sim/machine.ts'
import { holdUpnp } from '../../src/sim/port-mapping/upnp.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { Ear, SmallWorld } from '../sim/small-world.ts'

const request = (address: string, port = 4001) => ({
  transport: 'udp' as const,
  internal: { address, port },
  suggestedPort: 4001,
  lifetimeSeconds: 3600,
  description: 'peerway:k3j9x0ab',
  nonce: '0'.repeat(24),
})

/** `SmallWorld`, whose router serves UPnP on its inside. */
class UpnpWorld extends SmallWorld {
  constructor() {
    super()
    const [inside, outside] = this.box.interfaces
    const served = inside!.addresses
    holdUpnp({ machine: this.box, guard: this.guard, inside: inside!, outside: outside!, served })
  }

  async mapper(machine: Machine, gateway: string): Promise<PortMapper> {
    const local = this.world.addresses.text(machine.sourceTowards(this.id(gateway)))
    const { mapper } = await this.world.run(discoverIgd(openSimHost(machine), { gateway, local, gateways: [gateway] }))
    return mapper!
  }
}

describe('a simulated router with UPnP', () => {
  test('lets strangers in by a mapping, until it is deleted', async () => {
    const w = new UpnpWorld()
    const inside = new Ear(w.a, '192.168.1.10', 4001)
    const mapper = await w.mapper(w.a, '192.168.1.1')
    expect(mapper).toMatchObject({ protocol: 'igd2', model: 'peerway router', externalAddress: '203.0.113.1' })
    const result = await w.world.run(mapper.map(request('192.168.1.10')))
    if (result.outcome !== 'mapped') throw new Error(JSON.stringify(result))
    expect(result.mapping).toMatchObject({ externalPort: 4001, lifetimeSeconds: 3600 })
    new Ear(w.y, '203.0.113.12', 7000).send('203.0.113.1', 4001)
    await w.pass(100)
    expect(inside.heard).toHaveLength(1)
    expect(await w.world.run(mapper.unmap(result.mapping))).toBe('deleted')
    new Ear(w.y, '203.0.113.12', 7001).send('203.0.113.1', 4001)
    await w.pass(100)
    expect(inside.heard).toHaveLength(1)
  })

  test('gives two nodes that wish for one port two', async () => {
    const w = new UpnpWorld()
    const [a, b] = [await w.mapper(w.a, '192.168.1.1'), await w.mapper(w.b, '192.168.1.1')]
    const results = await w.world.run(Promise.all([a.map(request('192.168.1.10')), b.map(request('192.168.1.11'))]))
    const ports = results.map((result) => (result.outcome === 'mapped' ? result.mapping.externalPort : result))
    expect(new Set(ports).size).toBe(2)
    expect(await w.world.run(a.list())).toHaveLength(2)
  })

  test('lets a mapping end, and be renewed before', async () => {
    const w = new UpnpWorld()
    const mapper = await w.mapper(w.a, '192.168.1.1')
    const result = await w.world.run(mapper.map({ ...request('192.168.1.10'), lifetimeSeconds: 60 }))
    if (result.outcome !== 'mapped') throw new Error(JSON.stringify(result))
    await w.pass(50_000)
    expect(await w.world.run(mapper.renew(result.mapping, 60))).toMatchObject({ outcome: 'mapped' })
    await w.pass(50_000)
    expect(await w.world.run(mapper.list())).toHaveLength(1)
    await w.pass(20_000)
    expect(await w.world.run(mapper.list())).toEqual([])
    expect(await w.world.run(mapper.unmap(result.mapping))).toBe('not-there')
  })

  test('refuses mappings to other hosts', async () => {
    const w = new UpnpWorld()
    const mapper = await w.mapper(w.b, '192.168.1.1')
    expect(await w.world.run(mapper.map(request('192.168.1.10')))).toMatchObject({ why: 'not-authorized' })
  })

  test('opens IPv6 pinholes, prolongs and shuts them', async () => {
    const w = new UpnpWorld()
    const [own, router] = ['2001:db8:1::a', '2001:db8:1::1']
    const inside = new Ear(w.a, own, 4001)
    const stranger = new Ear(w.x, '2001:db8:2::10', 7000)
    const mapper = await w.mapper(w.a, router)
    const result = await w.world.run(mapper.map({ ...request(own), lifetimeSeconds: 60 }))
    if (result.outcome !== 'mapped') throw new Error(JSON.stringify(result))
    expect(result.mapping).toMatchObject({ gateway: router, externalPort: 4001, externalAddress: own, token: '1' })
    stranger.send(own, 4001)
    await w.pass(50_000)
    expect(inside.heard).toHaveLength(1)
    const renewed = await w.world.run(mapper.renew(result.mapping, 120))
    expect(renewed).toMatchObject({ outcome: 'mapped', mapping: { token: '1', lifetimeSeconds: 120 } })
    expect(await w.world.run(mapper.unmap(result.mapping))).toBe('deleted')
    expect(await w.world.run(mapper.unmap(result.mapping))).toBe('not-there')
    expect(await w.world.run(mapper.renew(result.mapping, 60))).toMatchObject({ mapping: { token: '3' } })
  })

  test('shuts no pinhole that has the id of ours by now', async () => {
    const w = new UpnpWorld()
    const [own, router] = ['2001:db8:1::a', '2001:db8:1::1']
    const mapper = await w.mapper(w.a, router)
    const ours = await w.world.run(mapper.map(request(own)))
    if (ours.outcome !== 'mapped') throw new Error(JSON.stringify(ours))
    expect(await w.world.run(mapper.unmap(ours.mapping))).toBe('deleted')
    // Of another program of this host; a router that was restarted counts from 1 again.
    const internal = { address: own, port: 5001 }
    const theirs = await w.world.run(mapper.map({ ...request(own), internal }))
    if (theirs.outcome !== 'mapped') throw new Error(JSON.stringify(theirs))
    const reused = { ...ours.mapping, token: theirs.mapping.token }
    expect(await w.world.run(mapper.unmap(reused))).toBe('undecided')
    expect(await w.world.run(mapper.unmap(theirs.mapping))).toBe('deleted')
  })

  test('is what a topology file asks for', async () => {
    const source = readFileSync(new URL('../../topologies/home-upnp.yaml', import.meta.url), 'utf8')
    const parsed = parseTopology(source, 'home-upnp.yaml')
    if (!parsed.ok) throw new Error('mistakes')
    const { world, host } = buildTopology(parsed.topology, 1)
    const search = { gateway: '192.168.1.1', local: '192.168.1.10', gateways: ['192.168.1.1'] }
    const { mapper } = await world.run(discoverIgd(host('node'), search))
    expect(mapper).toMatchObject({ protocol: 'igd2', externalAddress: expect.stringMatching(/^45\.67\.89\./) })
    expect(world.nowMs).toBeLessThan(50)
  })
})

describe('a pinhole that cannot be shut', () => {
  const internal = { address: '2001:db8:1::a', port: 4001 }
  const mapping = { token: '7', transport: 'tcp', internal } as PortMapping
  test.each<[string, number, CallResult, string]>([
    ['is gone', 704, { outcome: 'silent' }, 'not-there'],
    ['is gone, and only asking shows it', 501, { outcome: 'fault', code: 704, description: '' }, 'not-there'],
    // miniupnpd 2.3.1.
    ['is gone, and no answer says so', 402, { outcome: 'fault', code: 402, description: '' }, 'not-there'],
    ['is there, and nothing came through', 501, { outcome: 'fault', code: 709, description: '' }, 'refused'],
    ['is there and works', 501, { outcome: 'returned', values: new Map([['IsWorking', '1']]) }, 'refused'],
    ["is another host's", 606, { outcome: 'silent' }, 'not-ours'],
  ])('%s', async (_, code, check, expected) => {
    const call: Call = async (action) =>
      action === 'DeletePinhole' ? { outcome: 'fault', code, description: '' } : check
    expect(await shutPinhole(call, mapping)).toBe(expected)
  })
})

test('a group is heard by everybody on the network, and by nobody beyond', async () => {
  const w = new SmallWorld()
  const [near, far] = [new Ear(w.b, '239.255.255.250', 1900), new Ear(w.x, '239.255.255.250', 1900)]
  new Ear(w.a, '192.168.1.10', 5000).send('239.255.255.250', 1900)
  await w.pass(100)
  expect([near.heard.length, far.heard.length]).toEqual([1, 0])
})
