import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { fix } from '../../src/fix.ts'
import { type CheckOptions, parseNodeKind } from '../../src/plan-of.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import type { Truth } from '../../src/topology/topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { compareWithTruth } from '../lab/compare-with-truth.ts'

const folder = new URL('../../topologies/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
const SEEDS = [1, 2, 3]

const EXIT_STATUS = { reachable: 0, 'partly-reachable': 1, unreachable: 1, unknown: 3 } as const

describe('check inside the simulator tells the truth of', () => {
  test.each(files)('%s', async (file) => {
    const parsed = parseTopology(readFileSync(new URL(file, folder), 'utf8'), file)
    if (!parsed.ok) throw new Error(`${file} has mistakes`)
    for (const seed of SEEDS) {
      const simulated = buildTopology(parsed.topology, seed)
      await startVantages(simulated, parsed.topology, startVantage)
      for (const truth of parsed.topology.truth) {
        const work = check(optionsOf(truth), simulated.host(truth.on))
        const { report } = await simulated.world.run(work)
        expect(
          compareWithTruth(truth, JSON.parse(JSON.stringify(report)), EXIT_STATUS[report.verdict]),
          `seed ${seed}`,
        ).toEqual([])
      }
    }
  })
})

describe('what a check says that peerway can do by itself, a repair would do, in', () => {
  test.each(files)('%s', async (file) => {
    const parsed = parseTopology(readFileSync(new URL(file, folder), 'utf8'), file)
    if (!parsed.ok) throw new Error(`${file} has mistakes`)
    const simulated = buildTopology(parsed.topology, SEEDS[0]!)
    await startVantages(simulated, parsed.topology, startVantage)
    for (const truth of parsed.topology.truth) {
      const events = { agree: async () => false }
      const work = fix({ ...optionsOf(truth), dryRun: true }, events, simulated.host(truth.on))
      const { report, proposed } = await simulated.world.run(work)
      const promised = report.remedies.filter(({ automatic }) => automatic).map(({ id }) => id)
      expect(proposed.length > 0, promised.join(', ')).toBe(promised.length > 0)
      for (const { remedy } of proposed) expect(promised).toContain(remedy)
    }
  })
})

function optionsOf({ check: args }: Truth): CheckOptions {
  const values = (flag: string) => args.filter((_, index) => args[index - 1] === flag)
  const node = parseNodeKind(values('--node')[0])
  return { ports: values('--port'), vantages: values('--vantage'), node }
}
