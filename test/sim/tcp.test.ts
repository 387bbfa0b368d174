import { describe, expect, test } from 'vitest'
import type { Host, TcpConnection, TcpConnectResult } from '../../src/host/host.ts'
import type { Guard } from '../../src/sim/guard.ts'
import type { CableSpec } from '../../src/sim/interface.ts'
import { Machine } from '../../src/sim/machine.ts'
import { Packet, SYN, TCP } from '../../src/sim/packet.ts'
import { Segment } from '../../src/sim/segment.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { World } from '../../src/sim/world.ts'
import { GOOD_NAT, SmallWorld } from './small-world.ts'

const TO = { address: '203.0.113.10', port: 80 }

/** Stops what `stops` says, on the way in. */
function stopArriving(machine: Machine, stops: (packet: Packet) => boolean): void {
  const pass = () => true
  const guard: Guard = { arriving: (packet) => !stops(packet), entering: pass, passing: pass, leaving: pass }
  machine.guard = guard
}

/** A client inside and a server outside, joined through the router. */
async function joined(cable: CableSpec = { delayMs: 1 }, seed = 1) {
  const w = new SmallWorld(GOOD_NAT, {}, cable, seed)
  const [a, x] = [openSimHost(w.a), openSimHost(w.x)]
  let served: TcpConnection | undefined
  const accepted = (connection: TcpConnection) => {
    served = connection
  }
  await w.world.run(x.tcp.listen({ local: TO, maxConnections: 8, onConnection: accepted }))
  const result = await w.world.run(a.tcp.connect({ to: TO, timeoutMs: 60_000 }))
  if (result.outcome !== 'connected') throw new Error(result.outcome)
  while (served === undefined) await w.pass(100)
  return { w, client: result.connection, server: served }
}

async function readAll(connection: TcpConnection): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (;;) {
    const part = await connection.read(600_000)
    if (part.outcome !== 'data') return Uint8Array.from(Buffer.concat(parts))
    parts.push(part.data)
  }
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)

describe('TCP', () => {
  test('sends a lost SYN again after a second, and twice as late each time', async () => {
    const w = new SmallWorld()
    const sentMs: number[] = []
    stopArriving(w.x, (packet) => {
      if (packet.protocol === TCP && packet.isSyn) sentMs.push(Math.round(w.world.nowMs))
      return true
    })
    const result = await w.world.run(openSimHost(w.a).tcp.connect({ to: TO, timeoutMs: 10_000 }))
    expect(result).toEqual({ outcome: 'timed-out', afterMs: 10_000 })
    expect(sentMs.map((at) => at - sentMs[0]!)).toEqual([0, 1000, 3000, 7000])
  })

  test.each([
    ['loss', { delayMs: 5, lossPercent: 15 }],
    ['loss, jitter and reordering', { delayMs: 5, jitterMs: 20, reorderPercent: 10, lossPercent: 5 }],
    ['a small MTU on the way', { delayMs: 5, mtu: 600 }],
  ])('carries every byte in order over a cable with %s', async (_, cable) => {
    for (const seed of [1, 2, 3]) {
      const { w, client, server } = await joined(cable, seed)
      const data = bytes(200_000)
      // What is written last is out before the end is, and a closed side hears nothing more: so one way only.
      const writing = client.write(data, 600_000).then(async (outcome) => {
        await client.close()
        return outcome
      })
      const [outcome, got] = await w.world.run(Promise.all([writing, readAll(server)]))
      expect([outcome, Buffer.compare(got, data)]).toEqual(['written', 0])
    }
  })

  test('sends no more at once than the cable of the other side takes', async () => {
    const world = new World(1)
    const net = new Segment(world, 'net', 0, ['203.0.113.0/24'])
    const machines = (
      [
        ['203.0.113.10', 1500],
        ['203.0.113.11', 1280],
      ] as const
    ).map(([address, mtu], index) => {
      const machine = new Machine(world, `host${index}`)
      machine.attach('eth0', net, [[world.addresses.id(address), 24]], { delayMs: 1, mtu })
      return openSimHost(machine)
    })
    const [server, client] = machines as [Host, Host]
    const onConnection = (connection: TcpConnection) => {
      void connection.write(bytes(50_000), 1000).then(() => connection.close())
    }
    await world.run(server.tcp.listen({ local: TO, maxConnections: 1, onConnection }))
    const result = await world.run(client.tcp.connect({ to: TO, timeoutMs: 1000 }))
    if (result.outcome !== 'connected') throw new Error(result.outcome)
    expect((await world.run(readAll(result.connection))).length).toBe(50_000)
    expect(world.nowMs).toBeLessThan(100)
  })

  test('keeps what comes before its turn, and has it sent once alone', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { w, client, server } = await joined({ delayMs: 1, jitterMs: 10, reorderPercent: 50 }, seed)
      let segments = 0
      stopArriving(w.x, ({ payload }) => {
        if (payload.length > 0) segments++
        return false
      })
      const data = bytes(2 * 1460)
      const writing = client.write(data, 1000).then(() => client.close())
      const [got] = await w.world.run(Promise.all([readAll(server), writing]))
      expect([Buffer.compare(got, data), segments]).toEqual([0, 2])
    }
  })

  test('learns of a peer that has forgotten the connection by its reset (half-open)', async () => {
    const { w, client } = await joined()
    // The server lost power: nothing is sent, and nothing is known any more.
    for (const endpoint of [...w.x.tcp.endpoints(80)]) endpoint.abandon()
    expect(await w.world.run(client.write(bytes(10), 1000))).toBe('written')
    expect(await w.world.run(client.read(1000))).toEqual({ outcome: 'reset' })
  })

  test('gives up a silent peer after some minutes', async () => {
    const { w, client } = await joined()
    stopArriving(w.x, () => true)
    expect(await w.world.run(client.write(bytes(10), 1000))).toBe('written')
    expect(await w.world.run(client.read(3_600_000))).toEqual({ outcome: 'reset' })
    expect(w.world.nowMs).toBeGreaterThan(300_000)
  })

  test('says that a port is closed, a host is missing, a network is unknown', async () => {
    const w = new SmallWorld()
    const a = openSimHost(w.a)
    const dial = (address: string) => w.world.run(a.tcp.connect({ to: { address, port: 80 }, timeoutMs: 60_000 }))
    expect(await dial('203.0.113.10')).toMatchObject({ outcome: 'refused' })
    expect(await dial('203.0.113.77')).toMatchObject({ outcome: 'unreachable' })
    expect(await dial('192.168.1.77')).toMatchObject({ outcome: 'unreachable' })
    expect(await dial('8.8.8.8')).toMatchObject({ outcome: 'unreachable' })
    expect(
      await w.world.run(openSimHost(w.y).tcp.connect({ to: { address: '8.8.8.8', port: 1 }, timeoutMs: 9 })),
    ).toEqual({
      outcome: 'unreachable',
      afterMs: 0,
    })
  })

  test('opens from both sides at once, where neither answers the other with a reset', async () => {
    const w = new SmallWorld()
    const [x, y] = [openSimHost(w.x), openSimHost(w.y)]
    const [here, there] = [
      { address: '203.0.113.10', port: 5000 },
      { address: '203.0.113.12', port: 5000 },
    ]
    const dials: Promise<TcpConnectResult>[] = [
      x.tcp.connect({ to: there, local: here, timeoutMs: 9000 }),
      y.tcp.connect({ to: here, local: there, timeoutMs: 9000 }),
    ]
    const [first, second] = await w.world.run(Promise.all(dials))
    if (first?.outcome !== 'connected' || second?.outcome !== 'connected') throw new Error('not open')
    await w.world.run(first.connection.write(Uint8Array.of(7), 1000))
    expect(await w.world.run(second.connection.read(1000))).toEqual({ outcome: 'data', data: Uint8Array.of(7) })
  })

  test('answers a SYN in the middle of a connection, and keeps the connection (RFC 5961 §4)', async () => {
    const { w, client, server } = await joined()
    const { ends } = w.a.tcp.endpoints(client.local.port)[0]!
    const forged = new Packet(TCP, ends.remote, ends.remotePort, ends.local, ends.localPort, false)
    forged.flags = SYN
    forged.sequence = 12345
    w.a.tcp.deliver(forged)
    await w.pass(100)
    await w.world.run(server.write(Uint8Array.of(1), 1000))
    expect(await w.world.run(client.read(1000))).toMatchObject({ outcome: 'data' })
  })
})
