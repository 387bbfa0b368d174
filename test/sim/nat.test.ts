import { describe, expect, test } from 'vitest'
import type { Behavior } from '../../src/model/nat.ts'
import type { NatBehavior, PortChoice } from '../../src/sim/nat/nat-behavior.ts'
import type { Opening } from '../../src/sim/nat/openings.ts'
import { ICMP, Packet, SYN, TCP } from '../../src/sim/packet.ts'
import { Ear, GOOD_NAT, OWNER, SmallWorld } from './small-world.ts'

const BEHAVIORS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const
const PORTS: readonly PortChoice[] = ['preserve', 'contiguous', 'random', 'exclusive-or', 'overload']

/** Every mapping with every filtering and every choice of ports: each has to pass every row below. */
const NATS: readonly NatBehavior[] = BEHAVIORS.flatMap((mapping) =>
  BEHAVIORS.flatMap((filtering) => PORTS.map((ports) => ({ ...GOOD_NAT, mapping, filtering, ports }))),
)

const named = (nat: NatBehavior) => `${nat.mapping} mapping, ${nat.filtering} filtering, ${nat.ports}`

/** Which of two destinations get the same port: the same address, another port of it, another address. */
const SHARED: Readonly<Record<Behavior, readonly [otherPort: boolean, otherAddress: boolean]>> = {
  'endpoint-independent': [true, true],
  'address-dependent': [true, false],
  'address-and-port-dependent': [false, false],
}

describe.each(NATS.map((nat) => [named(nat), nat] as const))('a NAT with %s', (_, nat) => {
  test('maps as RFC 4787 §4.1 says', async () => {
    const w = new SmallWorld(nat)
    const a = new Ear(w.a, '192.168.1.10', 5000)
    const ears = [
      new Ear(w.x, '203.0.113.10', 7000),
      new Ear(w.x, '203.0.113.10', 7001),
      new Ear(w.x, '203.0.113.11', 7000),
    ]
    a.send('203.0.113.10', 7000)
    a.send('203.0.113.10', 7001)
    a.send('203.0.113.11', 7000)
    await w.pass(100)
    const ports = ears.map((ear) => ear.heard[0]!.sourcePort)
    const keepsPorts = nat.ports === 'overload' || nat.ports === 'preserve' || nat.ports === 'exclusive-or'
    const [otherPort, otherAddress] = SHARED[nat.mapping]
    // Where ports follow from the inside port alone, other mappings may get the same one all the same.
    if (otherPort || !keepsPorts) expect(ports[0] === ports[1]).toBe(otherPort)
    if (otherAddress || !keepsPorts) expect(ports[0] === ports[2]).toBe(otherAddress)
  })

  test('filters as RFC 4787 §5 says', async () => {
    const w = new SmallWorld(nat)
    const a = new Ear(w.a, '192.168.1.10', 5000)
    const [peer, samePeer, sameHost, stranger] = [
      new Ear(w.x, '203.0.113.10', 7000),
      new Ear(w.x, '203.0.113.10', 7001),
      new Ear(w.x, '203.0.113.11', 7000),
      new Ear(w.y, '203.0.113.12', 7000),
    ]
    a.send('203.0.113.10', 7000)
    await w.pass(100)
    const from = w.text(peer.heard[0]).split(':')
    const open = (ear: Ear) => ear.send(from[0]!, Number(from[1]))
    for (const ear of [peer, samePeer, sameHost, stranger]) open(ear)
    await w.pass(100)
    const isAddress = nat.filtering === 'address-dependent'
    const isAll = nat.filtering === 'endpoint-independent'
    expect(a.heard.map((packet) => w.text(packet)).sort()).toEqual(
      [
        '203.0.113.10:7000',
        ...(isAddress || isAll ? ['203.0.113.10:7001'] : []),
        ...(isAll ? ['203.0.113.11:7000', '203.0.113.12:7000'] : []),
      ].sort(),
    )
  })

  test('keeps a mapping as long as RFC 4787 §4.3 asks, and no longer than it says', async () => {
    const w = new SmallWorld(nat)
    const a = new Ear(w.a, '192.168.1.10', 5000)
    const peer = new Ear(w.x, '203.0.113.10', 7000)
    a.send('203.0.113.10', 7000)
    await w.pass(119_000)
    const [address, port] = w.text(peer.heard[0]).split(':')
    peer.send(address!, Number(port))
    await w.pass(1000)
    expect(a.heard.length).toBe(1)
    await w.pass(121_000)
    peer.send(address!, Number(port))
    await w.pass(1000)
    expect(a.heard.length).toBe(1)
  })

  test('tells the sender of ICMP errors, and of the right packet (RFC 5508 REQ-4)', async () => {
    const w = new SmallWorld(nat)
    const errors: string[] = []
    const [local, remote] = [w.id('192.168.1.10'), w.id('203.0.113.10')]
    const socket = w.a.udp.bind({
      address: local,
      port: 5000,
      peer: { address: remote, port: 9 },
      owner: OWNER,
      onDatagram: () => {},
      onError: (kind) => void errors.push(kind),
    })!
    w.a.udp.send(socket, local, Uint8Array.of(1), { address: remote, port: 9 })
    await w.pass(100)
    expect(errors).toEqual(['port-unreachable'])
  })

  test('translates echoes and their identifiers (RFC 5508 §3)', async () => {
    const w = new SmallWorld(nat)
    const answers: string[] = []
    for (const [host, to] of [
      [w.a, '203.0.113.10'],
      [w.b, '203.0.113.10'],
      [w.a, '203.0.113.99'],
    ] as const) {
      host.echo.ask(
        w.id(to),
        64,
        (packet) => void answers.push(`${host.name} ${packet.icmp} ${w.text(packet).split(':')[0]}`),
      )
    }
    await w.pass(5000)
    expect(answers.sort()).toEqual([
      'a echo-reply 203.0.113.10',
      // The router misses its neighbour, and tells from the side on which the request came in.
      'a host-unreachable 192.168.1.1',
      'b echo-reply 203.0.113.10',
    ])
  })

  test('turns packets around with its outside address (RFC 4787 REQ-9)', async () => {
    const w = new SmallWorld(nat)
    const [a, b] = [new Ear(w.a, '192.168.1.10', 5000), new Ear(w.b, '192.168.1.11', 6000)]
    const peer = new Ear(w.x, '203.0.113.10', 7000)
    a.send('203.0.113.10', 7000)
    await w.pass(100)
    const [address, port] = w.text(peer.heard[0]).split(':')
    b.send(address!, Number(port))
    await w.pass(100)
    expect(w.text(a.heard[0])).toMatch(/^203\.0\.113\.[12]:/)
    a.send(w.text(a.heard[0]).split(':')[0]!, a.heard[0]!.sourcePort)
    await w.pass(100)
    expect(b.heard.length).toBe(1)
    expect(w.text(b.heard[0])).toBe(`${address}:${port}`)
  })
})

const sourcePorts = async (nat: NatBehavior, internal: readonly number[]) => {
  const w = new SmallWorld(nat)
  const peer = new Ear(w.x, '203.0.113.10', 7000)
  for (const port of internal) {
    new Ear(w.a, '192.168.1.10', port).send('203.0.113.10', 7000)
    await w.pass(10)
  }
  return peer.heard.map((packet) => packet.sourcePort)
}

describe('ports are given (RFC 4787 §4.2)', () => {
  test('as they are inside, where they are preserved', async () => {
    expect(await sourcePorts(GOOD_NAT, [5000, 6001])).toEqual([5000, 6001])
  })
  test('never 0, whichever bit is turned', async () => {
    const ports = await sourcePorts({ ...GOOD_NAT, ports: 'exclusive-or' }, [8191, 8192])
    expect(ports[0]).toBe(8191 ^ 0x2000)
    expect(ports[1]).toBeGreaterThanOrEqual(1024)
  })
  test('one after the other', async () => {
    const [first, second, third] = await sourcePorts({ ...GOOD_NAT, ports: 'contiguous' }, [5000, 6001, 7002])
    expect([second, third]).toEqual([first! + 1, first! + 2])
  })
  test('with their parity', async () => {
    const ports = await sourcePorts({ ...GOOD_NAT, ports: 'random', parity: true }, [5000, 6001, 7002, 8003])
    expect(ports.map((port) => port % 2)).toEqual([0, 1, 0, 1])
  })
  test('within their range', async () => {
    const ports = await sourcePorts({ ...GOOD_NAT, ports: 'random', keepsRange: true }, [500, 600, 5000])
    expect(ports.map((port) => port < 1024)).toEqual([true, true, false])
  })
  test('to one host alone, unless they are overloaded', async () => {
    for (const ports of ['preserve', 'overload'] as const) {
      const w = new SmallWorld({ ...GOOD_NAT, ports, pooling: 'paired' })
      const peer = new Ear(w.x, '203.0.113.10', 7000)
      const other = new Ear(w.y, '203.0.113.12', 7000)
      // Both get the same outside address.
      w.guard.restart([w.id('203.0.113.1')])
      new Ear(w.a, '192.168.1.10', 5000).send('203.0.113.10', 7000)
      new Ear(w.b, '192.168.1.11', 5000).send('203.0.113.12', 7000)
      await w.pass(10)
      const seen = [peer.heard[0]!.sourcePort, other.heard[0]!.sourcePort]
      expect(seen[0] === seen[1], ports).toBe(ports === 'overload')
    }
  })
  test('of the same outside address to one host (REQ-2)', async () => {
    const used = async (pooling: NatBehavior['pooling']) => {
      const w = new SmallWorld({ ...GOOD_NAT, pooling })
      const peer = new Ear(w.x, '203.0.113.10', 7000)
      for (let port = 5000; port < 5020; port++) new Ear(w.a, '192.168.1.10', port).send('203.0.113.10', 7000)
      await w.pass(10)
      return new Set(peer.heard.map((packet) => packet.source)).size
    }
    expect(await used('paired')).toBe(1)
    expect(await used('arbitrary')).toBe(2)
  })
})

describe('a NAT', () => {
  test('whose mappings only packets from inside keep alive loses them under packets from outside (REQ-6)', async () => {
    for (const refresh of ['both', 'outbound'] as const) {
      const w = new SmallWorld({ ...GOOD_NAT, refresh })
      const a = new Ear(w.a, '192.168.1.10', 5000)
      const peer = new Ear(w.x, '203.0.113.10', 7000)
      a.send('203.0.113.10', 7000)
      await w.pass(10)
      for (let minute = 0; minute < 4; minute++) {
        peer.send(w.text(peer.heard[0]).split(':')[0]!, 5000)
        await w.pass(60_000)
      }
      expect(a.heard.length, refresh).toBe(refresh === 'both' ? 4 : 2)
    }
  })

  test('that is full refuses new flows, and takes them again when old ones have ended', async () => {
    const w = new SmallWorld({ ...GOOD_NAT, maxFlows: 3 })
    const peer = new Ear(w.x, '203.0.113.10', 7000)
    for (let port = 5000; port < 5005; port++) new Ear(w.a, '192.168.1.10', port).send('203.0.113.10', 7000)
    await w.pass(10)
    expect(peer.heard.length).toBe(3)
    await w.pass(121_000)
    new Ear(w.a, '192.168.1.10', 5010).send('203.0.113.10', 7000)
    await w.pass(10)
    expect(peer.heard.length).toBe(4)
  })

  test('that was switched off has forgotten everything, and may have another address', async () => {
    const w = new SmallWorld()
    const a = new Ear(w.a, '192.168.1.10', 5000)
    const peer = new Ear(w.x, '203.0.113.10', 7000)
    a.send('203.0.113.10', 7000)
    await w.pass(10)
    w.guard.restart([w.id('203.0.113.2')])
    peer.send(w.text(peer.heard[0]).split(':')[0]!, 5000)
    await w.pass(10)
    expect(a.heard).toEqual([])
    a.send('203.0.113.10', 7000)
    await w.pass(10)
    expect(w.text(peer.heard[1])).toBe('203.0.113.2:5000')
  })

  test('forwards ports, to other ports too, and gives the rest to the DMZ host', async () => {
    const w = new SmallWorld(GOOD_NAT, {})
    const [a, dmz] = [w.id('192.168.1.10'), w.id('192.168.1.11')]
    const forwarded = new SmallWorld(GOOD_NAT, {
      forwards: [{ transport: 'udp', port: 4001, to: { address: a, port: 4002 } }],
      dmz,
    })
    const [inside, other] = [new Ear(forwarded.a, '192.168.1.10', 4002), new Ear(forwarded.b, '192.168.1.11', 9)]
    const stranger = new Ear(forwarded.x, '203.0.113.10', 7000)
    stranger.send('203.0.113.1', 4001)
    stranger.send('203.0.113.1', 9)
    await forwarded.pass(10)
    expect([inside.heard.length, other.heard.length]).toEqual([1, 1])
    inside.send('203.0.113.10', 7000)
    await forwarded.pass(10)
    expect(forwarded.text(stranger.heard[0])).toBe('203.0.113.1:4001')
  })

  test('keeps an established TCP connection for 2 h 4 min, and a half-open one for 4 (RFC 5382 REQ-5)', async () => {
    const lives = async (answers: boolean, idleMs: number) => {
      const w = new SmallWorld()
      const [a, x] = [w.id('192.168.1.10'), w.id('203.0.113.10')]
      let seen = 0
      const send = (
        host: SmallWorld['a'],
        from: number,
        fromPort: number,
        to: number,
        toPort: number,
        flags: number,
      ) => {
        const packet = new Packet(TCP, from, fromPort, to, toPort, false)
        packet.flags = flags
        host.send(packet)
      }
      w.a.tcp.deliver = () => void seen++
      let external = 0
      w.x.tcp.deliver = (packet) => {
        external = packet.source
      }
      send(w.a, a, 5000, x, 80, SYN)
      await w.pass(10)
      if (answers) {
        send(w.x, x, 80, external, 5000, SYN | 16)
        await w.pass(10)
        send(w.a, a, 5000, x, 80, 16)
        await w.pass(10)
      }
      seen = 0
      await w.pass(idleMs)
      send(w.x, x, 80, external, 5000, 16)
      await w.pass(10)
      return seen === 1
    }
    expect(await lives(true, 7_430_000)).toBe(true)
    expect(await lives(true, 7_450_000)).toBe(false)
    expect(await lives(false, 239_000)).toBe(true)
    expect(await lives(false, 241_000)).toBe(false)
  })

  test('lets no echo reply in that nobody asked for', async () => {
    const w = new SmallWorld()
    const reply = new Packet(ICMP, w.id('203.0.113.10'), 7, w.id('203.0.113.1'), 7, false)
    reply.icmp = 'echo-reply'
    w.x.send(reply)
    await w.pass(10)
    expect(w.guard.tracker.table.size).toBe(0)
  })
})

describe('a stateful router without translation', () => {
  test('lets IPv6 out and answers in, and nothing else', async () => {
    const w = new SmallWorld(null)
    const [a, x] = [new Ear(w.a, '2001:db8:1::a', 5000), new Ear(w.x, '2001:db8:2::10', 7000)]
    x.send('2001:db8:1::a', 5000)
    await w.pass(10)
    expect(a.heard).toEqual([])
    a.send('2001:db8:2::10', 7000)
    await w.pass(10)
    expect(w.text(x.heard[0])).toBe('2001:db8:1::a:5000')
    x.send('2001:db8:1::a', 5000)
    await w.pass(10)
    expect(a.heard.length).toBe(1)
  })

  test('that is open lets everything in', async () => {
    const w = new SmallWorld(null, { firewall: 'open' })
    const [a, x] = [new Ear(w.a, '2001:db8:1::a', 5000), new Ear(w.x, '2001:db8:2::10', 7000)]
    x.send('2001:db8:1::a', 5000)
    await w.pass(10)
    expect(a.heard.length).toBe(1)
  })
})

describe('openings that hosts inside asked for', () => {
  const opening = (w: SmallWorld, more: Partial<Opening> = {}): Opening => ({
    kind: 'forward',
    transport: 'udp',
    externalPort: 4001,
    internal: { address: w.id('192.168.1.10'), port: 4002 },
    expiresAtMs: null,
    by: 'pcp',
    token: '',
    description: '',
    ...more,
  })

  test('a forward leads strangers inside until it ends', async () => {
    const w = new SmallWorld()
    const inside = new Ear(w.a, '192.168.1.10', 4002)
    const stranger = new Ear(w.y, '203.0.113.12', 7000)
    const another = new Ear(w.y, '203.0.113.12', 7001)
    w.guard.openings.put(opening(w, { expiresAtMs: 1000 }))
    stranger.send('203.0.113.1', 4001)
    await w.pass(1000)
    another.send('203.0.113.1', 4001)
    await w.pass(100)
    expect(inside.heard).toHaveLength(1)
    expect(w.guard.openings.all()).toEqual([])
  })

  test('a pinhole lets IPv6 strangers in to its port alone', async () => {
    const w = new SmallWorld()
    const [open, shut] = [new Ear(w.a, '2001:db8:1::a', 4001), new Ear(w.a, '2001:db8:1::a', 4002)]
    const internal = { address: w.id('2001:db8:1::a'), port: 4001 }
    w.guard.openings.put(opening(w, { kind: 'pinhole', internal }))
    const stranger = new Ear(w.x, '2001:db8:2::10', 7000)
    stranger.send('2001:db8:1::a', 4001)
    stranger.send('2001:db8:1::a', 4002)
    await w.pass(100)
    expect([open.heard.length, shut.heard.length]).toEqual([1, 0])
  })

  test('the port of a forward is no source for other hosts', async () => {
    const w = new SmallWorld()
    w.guard.openings.put(opening(w))
    const far = new Ear(w.x, '203.0.113.10', 7000)
    new Ear(w.b, '192.168.1.11', 4001).send('203.0.113.10', 7000)
    await w.pass(100)
    expect(w.text(far.heard[0])).not.toBe('203.0.113.1:4001')
  })

  test('a restart forgets them, and one more takes the place of the one before', () => {
    const w = new SmallWorld()
    w.guard.openings.put(opening(w))
    w.guard.openings.put(opening(w, { token: 'second' }))
    expect(w.guard.openings.all().map(({ token }) => token)).toEqual(['second'])
    w.guard.restart()
    expect(w.guard.openings.all()).toEqual([])
  })
})
