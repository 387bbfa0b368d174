import { describe, expect, test } from 'vitest'
import { RFC_TIMEOUTS } from '../../src/sim/conntrack/tracker.ts'
import { type PolicyRule, ProviderGuard } from '../../src/sim/policy/provider-guard.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { Ear, SmallWorld } from './small-world.ts'

const RULE: PolicyRule = {
  direction: 'in',
  transports: 'any',
  ports: 'any',
  pattern: null,
  action: 'drop',
  everyPacket: false,
  firstPacket: false,
  wholeFlow: false,
  kilobitsPerSecond: null,
  payloadBytes: null,
}

/** The box is a provider instead, and both sides have addresses of IPv6 that nobody translates. */
function filtered(...rules: readonly Partial<PolicyRule>[]): SmallWorld {
  const w = new SmallWorld(null)
  const options = { timeouts: RFC_TIMEOUTS, maxFlows: 1000 }
  const all = rules.map((rule) => ({ ...RULE, ...rule }))
  w.box.guard = new ProviderGuard(w.box, w.box.interfaces[0]!, all, options)
  return w
}

const [A, X] = ['2001:db8:1::a', '2001:db8:2::10']

async function exchange(w: SmallWorld, port = 4001) {
  const [a, x] = [new Ear(w.a, A, port), new Ear(w.x, X, port)]
  x.send(A, port)
  await w.pass(10)
  const inward = a.heard.length
  a.send(X, port)
  await w.pass(10)
  const outward = x.heard.length
  x.send(A, port)
  await w.pass(10)
  return { inward, outward, answers: a.heard.length - inward }
}

describe("a provider's filter", () => {
  test.each<[string, Partial<PolicyRule>, Awaited<ReturnType<typeof exchange>>]>([
    ['of other ports', { ports: { only: [25] }, transports: ['udp'] }, { inward: 1, outward: 1, answers: 1 }],
    [
      'of all ports but this',
      { ports: { except: [4001] }, transports: ['udp'] },
      { inward: 1, outward: 1, answers: 1 },
    ],
    ['of another transport', { transports: ['tcp'] }, { inward: 1, outward: 1, answers: 1 }],
    ['of what opens a flow inwards', {}, { inward: 0, outward: 1, answers: 1 }],
    ['of every packet inwards', { everyPacket: true }, { inward: 0, outward: 1, answers: 0 }],
    ['of every packet outwards', { everyPacket: true, direction: 'out' }, { inward: 1, outward: 0, answers: 1 }],
    ['of a pattern that is there', { pattern: Uint8Array.of(1) }, { inward: 0, outward: 1, answers: 0 }],
    ['of a pattern that is not', { pattern: Uint8Array.of(2) }, { inward: 1, outward: 1, answers: 1 }],
  ])('%s', async (_, rule, seen) => {
    expect(await exchange(filtered(rule))).toEqual(seen)
  })

  test.each<[string, Partial<PolicyRule>, string]>([
    ['drops', { action: 'drop' }, 'timed-out'],
    ['rejects', { action: 'reject' }, 'refused'],
  ])('that %s is told apart by TCP', async (_, rule, outcome) => {
    const w = filtered(rule)
    await w.world.run(listen(w, () => {}))
    const dial = openSimHost(w.x).tcp.connect({ to: { address: A, port: 80 }, timeoutMs: 5000 })
    expect(await w.world.run(dial)).toMatchObject({ outcome })
  })

  test('that injects resets ends both sides when it sees its pattern, and not before', async () => {
    const w = filtered({ action: 'reset', pattern: new TextEncoder().encode('\x13/multistream') })
    const ends: string[] = []
    await w.world.run(
      listen(w, async (connection) => {
        for (;;) {
          const read = await connection.read(60_000)
          ends.push(read.outcome)
          if (read.outcome !== 'data') return
        }
      }),
    )
    const result = await w.world.run(openSimHost(w.x).tcp.connect({ to: { address: A, port: 80 }, timeoutMs: 5000 }))
    if (result.outcome !== 'connected') throw new Error(result.outcome)
    await w.world.run(result.connection.write(new TextEncoder().encode('GET / HTTP/1.0'), 1000))
    await w.pass(10)
    expect(ends).toEqual(['data'])
    await w.world.run(result.connection.write(new TextEncoder().encode('\x13/multistream/1.0.0\n'), 1000))
    expect(await w.world.run(result.connection.read(1000))).toEqual({ outcome: 'reset' })
    await w.pass(10)
    expect(ends).toEqual(['data', 'reset'])
  })
})

describe('a SYN proxy', () => {
  const proxy: Partial<PolicyRule> = { action: 'syn-proxy', transports: ['tcp'] }
  const dial = (w: SmallWorld) =>
    w.world.run(openSimHost(w.x).tcp.connect({ to: { address: A, port: 80 }, timeoutMs: 5000 }))

  test('completes handshakes for a host that is not there, and says nothing more', async () => {
    const result = await dial(filtered(proxy))
    expect(result.outcome).toBe('connected')
  })

  test('resets what the host refuses afterwards', async () => {
    const w = filtered(proxy)
    const result = await dial(w)
    if (result.outcome !== 'connected') throw new Error(result.outcome)
    expect(await w.world.run(result.connection.read(5000))).toEqual({ outcome: 'reset' })
  })

  test('joins both sides of what the host accepts', async () => {
    const w = filtered(proxy)
    await w.world.run(
      listen(w, async (connection) => {
        const read = await connection.read(60_000)
        if (read.outcome === 'data') await connection.write(read.data, 1000)
        await connection.close()
      }),
    )
    const result = await dial(w)
    if (result.outcome !== 'connected') throw new Error(result.outcome)
    const { connection } = result
    await w.world.run(connection.write(Uint8Array.of(1, 2, 3), 1000))
    expect(await w.world.run(connection.read(5000))).toEqual({ outcome: 'data', data: Uint8Array.of(1, 2, 3) })
    expect(await w.world.run(connection.read(5000))).toEqual({ outcome: 'end' })
  })

  test('lets connections out as they are', async () => {
    const w = filtered(proxy)
    await w.world.run(
      openSimHost(w.x).tcp.listen({ local: { address: X, port: 80 }, maxConnections: 1, onConnection: () => {} }),
    )
    const out = openSimHost(w.a).tcp.connect({ to: { address: X, port: 80 }, timeoutMs: 5000 })
    expect(await w.world.run(out)).toMatchObject({ outcome: 'connected' })
  })
})

function listen(
  w: SmallWorld,
  onConnection: Parameters<ReturnType<typeof openSimHost>['tcp']['listen']>[0]['onConnection'],
) {
  const local = { address: A, port: 80 }
  return openSimHost(w.a).tcp.listen({ local, maxConnections: 8, onConnection })
}
