import { describe, expect, test } from 'vitest'
import { accessLineStep } from '../../src/model/access-line.ts'
import type { AddressesFact, Hop } from '../../src/model/evidence.ts'
import { measureHops, probeHops } from '../../src/probe/hops.ts'
import { mayHavePage } from '../../src/probe/router-page.ts'
import { fakeIcmpHost, hostWithoutPing } from './fake-icmp-host.ts'

const TARGET = '203.0.113.10'
const ROUTERS = ['192.168.1.1', '10.0.0.1', '198.51.100.1']
const question = { toward: TARGET, maxTtl: 8, rttMs: 40 }

function onThePath(ttl: number) {
  const router = ROUTERS[ttl - 1]
  return router === undefined
    ? ({ answer: 'echo-reply', from: TARGET } as const)
    : ({ answer: 'time-exceeded', from: router } as const)
}

describe('hops', () => {
  test('every router once, and the target at its own distance; nothing behind it', async () => {
    const { host, clock } = fakeIcmpHost(({ ttl }) => onThePath(ttl!))
    const fact = await probeHops(host, question)
    expect(fact?.hops.map(({ address }) => address)).toEqual([...ROUTERS, TARGET])
    expect(fact?.hops.at(-1)).toMatchObject({ ttl: 4, answer: 'echo-reply' })
    expect(clock.monotonicMs()).toBe(10)
  })

  test('a lost answer is asked for again', async () => {
    const { host } = fakeIcmpHost(({ ttl }, tries) => (ttl === 2 && tries < 3 ? undefined : onThePath(ttl!)))
    expect((await probeHops(host, question))?.hops[1]).toMatchObject({ ttl: 2, address: ROUTERS[1] })
  })

  test('a router that never answers is a silent hop; a silent target costs three waits and no more', async () => {
    const { host, asked, clock } = fakeIcmpHost(({ ttl }) => (ttl === 2 || ttl! > 3 ? undefined : onThePath(ttl!)))
    const fact = await probeHops(host, question)
    expect(fact?.hops.map(({ answer }) => answer)).toEqual([
      'time-exceeded',
      'silent',
      'time-exceeded',
      ...new Array<string>(5).fill('silent'),
    ])
    expect(asked.filter(({ ttl }) => ttl === 8)).toHaveLength(3)
    expect(clock.monotonicMs()).toBeLessThan(1000)
  })

  test('each hop is told as soon as it answers, while others are still silent', async () => {
    const { host, clock } = fakeIcmpHost(({ ttl }) => (ttl! > 1 ? undefined : onThePath(1)))
    const seen: [Hop, number][] = []
    await probeHops(host, { ...question, onHop: (hop) => seen.push([hop, clock.monotonicMs()]) })
    expect(seen).toEqual([[expect.objectContaining({ ttl: 1 }), 10]])
  })

  test('without a ping program there is no fact', async () => {
    expect(await probeHops(hostWithoutPing(), question)).toBeUndefined()
  })
})

describe('round trips that can be compared', () => {
  const hops = ['192.168.1.1', '10.0.0.1'].map((address, index) => ({
    ttl: index + 1,
    answer: 'time-exceeded' as const,
    address,
    rttMs: 1,
  }))
  const addresses: AddressesFact = {
    addresses: [],
    defaultRoutes: [],
    source: { ipv4: '192.168.1.10', ipv6: null },
  }
  const measure = async (rttMs: (to: string, tries: number) => number) => {
    const fake = fakeIcmpHost(({ to }, tries) => ({ answer: 'echo-reply', from: to, rttMs: rttMs(to, tries) }))
    const fact = await measureHops(fake.host, { family: 'ipv4', toward: TARGET, hops }, addresses, 4, 40)
    return { asked: fake.asked.length, step: accessLineStep(fact.hops) }
  }

  test('without a step, three of each are enough', async () => {
    expect(await measure((to) => (to === '10.0.0.1' ? 0.9 : 0.4))).toEqual({ asked: 6, step: null })
  })

  test('an access line shows in every one of them', async () => {
    expect(await measure((to) => (to === '10.0.0.1' ? 8 : 0.4))).toMatchObject({ step: 2 })
  })

  test('a machine that is busy for a while makes no access line', async () => {
    const busy = (to: string, tries: number) => (to === '10.0.0.1' && tries < 9 ? 9 : 0.5)
    expect(await measure(busy)).toMatchObject({ step: null })
  })
})

describe('whose page is asked for', () => {
  const hop = (ttl: number, address: string | null, answer: Hop['answer'] = 'time-exceeded'): Hop => ({
    ttl,
    answer,
    address,
    rttMs: 1,
  })
  test.each([
    [hop(1, '192.168.1.1'), true],
    [hop(3, '100.64.0.1'), true],
    [hop(4, '10.0.0.1'), false],
    [hop(2, '203.0.113.1'), false],
    [hop(2, null, 'silent'), false],
    [hop(2, '10.0.0.1', 'echo-reply'), false],
  ])('%o: %s', (one, asked) => {
    expect(mayHavePage(one)).toBe(asked)
  })
})
