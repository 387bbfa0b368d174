import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { changeAddress, rebootRouter, setPlugged } from '../../src/sim/world-events.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

/** A ready-made topology, changed as its text says, with its vantages up. */
async function start(file: string, change: (yaml: string) => string = (yaml) => yaml) {
  const parsed = parseTopology(change(readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')), file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const ask = async () => {
    const options = { ports: ['4001'], vantages: ['198.51.100.20'], stateFolder: '/var/lib/peerway' }
    return (await simulated.world.run(check(options, simulated.host('node')))).report
  }
  /** Datagrams to the vantage, an answer to each or none. */
  const talk = async () => {
    const server = { address: '198.51.100.20', port: 3478 }
    const socket = await simulated.host('node').udp.open({ toward: server, port: 6000 })
    const binding = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12)])
    const said = async () => {
      await socket.send(binding, server)
      const heard = await simulated.world.run(socket.receive(1000))
      return heard?.kind === 'datagram' ? mappedIn(heard.data) : 'silent'
    }
    return said
  }
  return { ...simulated, ask, talk }
}

/** The port of XOR-MAPPED-ADDRESS, which comes first. */
function mappedIn(answer: Uint8Array): number {
  return ((answer[26]! << 8) | answer[27]!) ^ 0x2112
}

describe('in a world where things happen', () => {
  test('a router that was off and on has forgotten its mappings', async () => {
    const w = await start('home-nat-symmetric.yaml')
    const said = await w.talk()
    const [before, again] = [await said(), await said()]
    rebootRouter(w, 'box')
    const after = await said()
    expect(before).toBe(again)
    expect(after).not.toBe(before)
  })

  test.each([
    ['is reset, where the router changes ports', 'home-nat-symmetric.yaml', 'reset'],
    ['goes on, where it keeps them', 'home-nat.yaml', 'data'],
  ] as const)('a TCP connection through a router that was off and on %s', async (_, file, outcome) => {
    const w = await start(file)
    const work = async () => {
      const [node, stranger] = [w.host('node'), w.host('stranger')]
      const { address } = (await stranger.network.addresses()).find(({ interface: name }) => name === 'eth0')!
      await stranger.tcp.listen({
        local: { address, port: 5001 },
        maxConnections: 1,
        onConnection: (connection) => void connection.read(5000).then(() => connection.write(Uint8Array.of(2), 100)),
      })
      const dialled = await node.tcp.connect({ to: { address, port: 5001 }, timeoutMs: 1000 })
      if (dialled.outcome !== 'connected') return dialled.outcome
      rebootRouter(w, 'box')
      await dialled.connection.write(Uint8Array.of(1), 100)
      return (await dialled.connection.read(5000)).outcome
    }
    expect(await w.world.run(work())).toBe(outcome)
  })

  test('a new address outside is where strangers must dial from then on', async () => {
    const w = await start('forwarded.yaml')
    const before = await w.ask()
    changeAddress(w, 'box', 'access', '203.0.113.77')
    const after = await w.ask()
    expect(before.endpoints.map(({ reachable }) => reachable)).toEqual(['yes', 'yes'])
    expect(before.nat?.externalAddresses).not.toEqual(['203.0.113.77'])
    expect(after.nat?.externalAddresses).toEqual(['203.0.113.77'])
    expect(after.endpoints.map(({ reachable, external }) => [reachable, external])).toEqual([
      ['yes', '203.0.113.77:4001'],
      ['yes', '203.0.113.77:4001'],
    ])
  })

  test('a host that gets another address is no longer where the router forwards to', async () => {
    const w = await start('forwarded.yaml')
    changeAddress(w, 'node', 'home', '192.168.1.200')
    const report = await w.ask()
    expect(report.endpoints.map(({ reachable }) => reachable)).toEqual(['no', 'no'])
  })

  test('a cable that is pulled is no Internet, until it is put back', async () => {
    const w = await start('public-host.yaml')
    setPlugged(w, 'node', 'access', false)
    const down = await w.ask()
    setPlugged(w, 'node', 'access', true)
    const up = await w.ask()
    expect(down.obstacles.map(({ id }) => id)).toContain('no-internet')
    expect(up.verdict).toBe('reachable')
  })

  test('a full table of connections lets nobody new through, and those it knows', async () => {
    const w = await start('home-nat.yaml', (yaml) =>
      yaml.replace(
        'filtering: address-and-port-dependent',
        'filtering: address-and-port-dependent, mostConnections: 1',
      ),
    )
    const said = await w.talk()
    expect(await said()).toBe(6000)
    const other = await w.host('node').udp.open({ toward: { address: '198.51.100.20', port: 3478 } })
    await other.send(Uint8Array.of(0), { address: '198.51.100.21', port: 3478 })
    expect(await w.world.run(other.receive(1000))).toBeUndefined()
    expect(await said()).toBe(6000)
  })

  test('what nobody has cannot happen to it', async () => {
    const w = await start('home-nat.yaml')
    expect(() => setPlugged(w, 'node', 'access', false)).toThrow('node has no cable to access')
    expect(() => changeAddress(w, 'node', 'home', '2001:db8::1')).toThrow('node has no ipv6 address on home')
  })
})
