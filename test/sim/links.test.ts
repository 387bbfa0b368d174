import { describe, expect, test } from 'vitest'
import { inPrefix } from '../../src/model/ip.ts'
import { AddressBook } from '../../src/sim/address-book.ts'
import { ErrorRation } from '../../src/sim/error-ration.ts'
import type { CableSpec } from '../../src/sim/interface.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { Ear, SmallWorld } from './small-world.ts'

/** When each of `count` datagrams from inside arrives outside, 1 ms apart, by its number; over a cable of the router. */
async function arrivals(cable: CableSpec, count: number): Promise<{ number: number; afterMs: number }[]> {
  const w = new SmallWorld(undefined, {}, cable)
  const a = new Ear(w.a, '192.168.1.10', 5000)
  const seen: { number: number; afterMs: number }[] = []
  const onDatagram = ({ payload }: { payload: Uint8Array }) => {
    const number = payload[0]! * 256 + payload[1]!
    seen.push({ number, afterMs: w.world.nowMs - number })
  }
  w.x.udp.bind({ address: w.id('203.0.113.10'), port: 7000, onDatagram, owner: { process: 'test', pid: 1 } })
  for (let number = 0; number < count; number++) {
    const to = { address: w.id('203.0.113.10'), port: 7000 }
    w.a.udp.send(a.binding, w.id('192.168.1.10'), Uint8Array.of(number >> 8, number & 255), to)
    await w.pass(1)
  }
  await w.pass(1000)
  return seen
}

describe('a cable', () => {
  test('delays', async () => {
    // Three more cables of a millisecond stand on the way.
    expect(new Set((await arrivals({ delayMs: 40 }, 10)).map(({ afterMs }) => afterMs))).toEqual(new Set([43]))
  })

  test('loses as many as it should', async () => {
    const got = (await arrivals({ delayMs: 1, lossPercent: 30 }, 4000)).length
    expect(Math.abs(got - 2800)).toBeLessThan(120)
  })

  test('jitters, and keeps the order', async () => {
    const seen = await arrivals({ delayMs: 10, jitterMs: 20 }, 500)
    const delays = seen.map(({ afterMs }) => afterMs)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(13)
    expect(Math.max(...delays)).toBeLessThan(33.001)
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(5)
    expect(seen.map(({ number }) => number)).toEqual(seen.map((_, index) => index))
  })

  test('reorders as many as it should', async () => {
    const seen = await arrivals({ delayMs: 10, jitterMs: 50, reorderPercent: 20 }, 1000)
    const overtakers = seen.filter(({ number }, index) => seen.slice(0, index).some((before) => before.number > number))
    expect(seen.length).toBe(1000)
    expect(overtakers.length).toBeGreaterThan(300)
  })

  test('takes longer packets in pieces where it may, and says what fits where it may not', async () => {
    const w = new SmallWorld(undefined, {}, { delayMs: 1, mtu: 1000 })
    const [a, x] = [openSimHost(w.a), openSimHost(w.x)]
    const to = { address: '203.0.113.10', port: 7000 }
    const told: string[] = []
    w.world.trace = ({ what }) => void told.push(what)
    const work = async () => {
      const [from, there] = [await a.udp.open({ toward: to }), await x.udp.open({ local: to })]
      await from.send(new Uint8Array(1200), to)
      await from.send(new Uint8Array(4000), to)
      return there.receive(1000)
    }
    // The first asks not to be cut; the second was cut by its sender.
    expect(await w.world.run(work())).toMatchObject({ data: { length: 4000 } })
    expect(told).toContain('dropped: too-big')
  })
})

describe('a cable that takes less than those of others on its network', () => {
  test('loses what is longer, and nobody is told', async () => {
    const w = new SmallWorld(undefined, {}, { delayMs: 1, mtu: 1000 })
    const told: string[] = []
    w.world.trace = ({ what }) => void told.push(what)
    const to = { address: '203.0.113.1', port: 7000 }
    const work = async () => {
      const socket = await openSimHost(w.x).udp.open({ toward: to, connect: to })
      await socket.send(new Uint8Array(900), to)
      await socket.send(new Uint8Array(1200), to)
      return socket.receive(1000)
    }
    expect(await w.world.run(work())).toBeUndefined()
    expect(told.filter((what) => what.startsWith('lost'))).toEqual(['lost on net: too long for the cable of box'])
  })
})

describe('a host', () => {
  test('tells one address six errors at once, and then one a second', () => {
    const ration = new ErrorRation()
    const told = (nowMs: number) => Array.from({ length: 10 }, () => ration.take(1, nowMs)).filter(Boolean).length
    expect([told(0), told(500), told(1000), told(4000), told(60_000)]).toEqual([6, 0, 1, 3, 6])
    expect(ration.take(2, 0)).toBe(true)
  })

  test('knows its prefixes', () => {
    const book = new AddressBook()
    for (const address of ['10.0.0.1', '100.64.0.1', '100.128.0.1', '2001:db8::1', 'fe80::1', '0.0.0.0']) {
      for (const prefix of ['10.0.0.0/8', '100.64.0.0/10', '0.0.0.0/0', '2001:db8::/33', 'fe80::/10', '10.0.0.1/32']) {
        expect(book.isIn(book.id(address), prefix), `${address} in ${prefix}`).toBe(inPrefix(address, prefix))
      }
    }
  })
})
