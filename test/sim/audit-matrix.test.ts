import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KINDS, onTheWay, SERIES } from '../../bench/audit-matrix.mjs'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

const SEEDS = process.env.PEERWAY_LONG === undefined ? [1, 2, 3] : Array.from({ length: 100 }, (_, index) => index + 1)
const OPTIONS = { ports: ['4001'], vantages: ['198.51.100.20'] }

/** AutoNAT v2 calls the address-restricted kind reachable in 60 of 60 runs, and says nothing of the symmetric one. */
describe.each(SERIES)(
  "the audit's matrix, $delayMs ms one way and $lossPercent % loss: a right verdict on",
  (series) => {
    test.each(KINDS)('$kind', async ({ file, reachable }) => {
      const text = readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8')
      const parsed = parseTopology(text, file)
      if (!parsed.ok) throw new Error(`${file} has mistakes`)
      const topology = onTheWay(parsed.topology, series)
      // Six rounds of first packets, or the answers to them, may all be lost by chance: then nothing is said.
      let mostUnknown = series.lossPercent > 0 ? Math.ceil(SEEDS.length / 100) : 0
      for (const seed of SEEDS) {
        const simulated = buildTopology(topology, seed)
        await startVantages(simulated, topology, startVantage)
        const { report } = await simulated.world.run(check(OPTIONS, simulated.host('node')))
        if (report.verdict === 'unknown' && report.obstacles.length === 0 && mostUnknown-- > 0) continue
        expect(report.verdict, `seed ${seed}`).toBe(reachable ? 'reachable' : 'unreachable')
        expect(report.obstacles.map(({ id, certainty }) => `${id} ${certainty}`)).toEqual(
          reachable ? [] : ['router-source-nat proven'],
        )
      }
    })
  },
)
