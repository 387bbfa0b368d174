import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { Prng } from '../../src/sim/prng.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { formatTrace } from '../../src/sim/trace.ts'
import { World } from '../../src/sim/world.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { SmallWorld } from './small-world.ts'

async function traceOf(file: string, seed: number): Promise<string> {
  const source = readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')
  const parsed = parseTopology(source, file)
  if (!parsed.ok) throw new Error(`${file} has mistakes`)
  const simulated = buildTopology(parsed.topology, seed)
  const lines: string[] = []
  simulated.world.trace = (event) => void lines.push(formatTrace(event, 10))
  await startVantages(simulated, parsed.topology, startVantage)
  const options = { ports: ['4001'], vantages: ['198.51.100.20'] }
  const { report } = await simulated.world.run(check(options, simulated.host('node')))
  return [...lines, JSON.stringify(report)].join('\n')
}

describe('a world', () => {
  test('with the same seed goes the same way, byte for byte', async () => {
    const [first, again, other] = [
      await traceOf('home-nat-lossy.yaml', 7),
      await traceOf('home-nat-lossy.yaml', 7),
      await traceOf('home-nat-lossy.yaml', 8),
    ]
    expect(first.length).toBeGreaterThan(10_000)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test('gives everybody a stream of randomness of their own', () => {
    const world = new World(5)
    const draw = (prng: Prng) => [prng.next(), prng.next(), prng.next()]
    const alone = draw(world.random('a'))
    draw(world.random('b'))
    expect(draw(world.random('a'))).toEqual(alone)
    expect(draw(world.random('b'))).not.toEqual(alone)
    expect(draw(new World(6).random('a'))).not.toEqual(alone)
  })

  test('draws evenly', () => {
    const prng = new Prng('even')
    const counts = new Array<number>(16).fill(0)
    for (let draw = 0; draw < 160_000; draw++) counts[prng.below(16)]!++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  test('says with its seed that work waits for something outside', async () => {
    const world = new World(42)
    const outside = new Promise(() => {})
    await expect(world.run(outside, 'a probe')).rejects.toMatchObject({
      code: 'internal',
      facts: { seed: 42 },
      message: expect.stringMatching(/^a probe is stuck at 0 ms of the simulation with seed 42/),
    })
  })

  test('says so too when somebody else keeps it busy for ever', async () => {
    const world = new World(42)
    const tick = () => void world.timer(1000, tick)
    tick()
    await expect(world.run(new Promise(() => {}))).rejects.toMatchObject({ code: 'internal' })
  })

  test('passes an hour of waiting at once', async () => {
    const w = new SmallWorld()
    const { clock } = openSimHost(w.a)
    const startedMs = performance.now()
    const work = (async () => {
      for (let minute = 0; minute < 60; minute++) await clock.sleep(60_000)
      return clock.monotonicMs()
    })()
    expect(await w.world.run(work)).toBe(3_600_000)
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })

  test('hands on what its work throws, and what an event throws', async () => {
    const world = new World(1)
    await expect(world.run(Promise.reject(new RangeError('mine')))).rejects.toThrow('mine')
    world.timer(5, () => {
      throw new RangeError('an event')
    })
    await expect(world.run(new Promise(() => {}))).rejects.toThrow('an event')
  })

  test('lets many programs run side by side, in the order of time', async () => {
    const world = new World(1)
    const order: number[] = []
    const sleepers = [30, 10, 20, 10].map(
      (ms, index) =>
        new Promise<void>((resolve) => {
          world.timer(ms, () => {
            order.push(index)
            world.resume(resolve)
          })
        }),
    )
    await world.run(Promise.all(sleepers))
    expect(order).toEqual([1, 3, 2, 0])
  })
})
