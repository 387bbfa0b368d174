import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runInside } from '../../src/lab/lab.ts'
import { openOwnLab, readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { compareWithTruth } from './compare-with-truth.ts'
import { missingFor } from './needs.ts'

const missing = missingFor('turnserver', 'miniupnpd', 'ethtool')
const folder = fileURLToPath(new URL('../../topologies/', import.meta.url))
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))

describe.skipIf(missing)(`check tells the truth of${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(files)('%s', { timeout: 60_000 }, async (file) => {
    const opened = readTopologyFile(`${folder}${file}`)
    const lab = await openOwnLab(opened)
    try {
      for (const truth of opened.topology.truth) {
        const ran = await runInside(lab, truth.on, ['peerway', 'check', '--json', ...truth.check])
        expect(ran.stdout, ran.stderr).toMatch(/^\{/)
        expect(compareWithTruth(truth, JSON.parse(ran.stdout), ran.status)).toEqual([])
      }
    } finally {
      await takeDown(lab)
    }
  })
})
