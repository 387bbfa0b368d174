import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runInside } from '../../src/lab/lab.ts'
import { openOwnLab, readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { compareWithTruth } from './compare-with-truth.ts'
import { missingFor } from './needs.ts'

const missing = missingFor('ethtool')
/** A run in twenty thousand may lose all six transmissions of a question; a hundred in a row must not. */
const RUNS = process.env.PEERWAY_LONG === undefined ? 10 : 100

describe.skipIf(missing)(
  `at 10 % loss each way, ${RUNS} of ${RUNS} runs${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    test.concurrent.each(['forwarded-lossy', 'home-nat-lossy', 'public-host-lossy'])(
      'tell the truth of %s',
      { timeout: RUNS * 10_000 },
      async (name) => {
        const opened = readTopologyFile(fileURLToPath(new URL(`../../topologies/${name}.yaml`, import.meta.url)))
        const [truth] = opened.topology.truth
        const lab = await openOwnLab(opened)
        const differences: string[] = []
        try {
          for (let run = 1; run <= RUNS; run++) {
            const { stdout, stderr, status } = await runInside(lab, truth!.on, [
              'peerway',
              'check',
              '--json',
              ...truth!.check,
            ])
            expect(stdout, stderr).toMatch(/^\{/)
            const found = compareWithTruth(truth!, JSON.parse(stdout), status)
            differences.push(...found.map((difference) => `run ${run}: ${difference}`))
          }
        } finally {
          await takeDown(lab)
        }
        expect(differences).toEqual([])
      },
    )
  },
)
