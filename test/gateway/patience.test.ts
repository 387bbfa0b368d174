import { expect, test } from 'vitest'
import { pcpFirstGapMs, transmissionGaps } from '../../src/gateway/patience.ts'

const middle = () => 0.5

test.each([
  ['PCP in a check', { firstGapMs: 100, totalMs: 1000 }, [100, 200, 400, 300]],
  ['PCP for a mapping', { firstGapMs: 100, totalMs: 3000 }, [100, 200, 400, 800, 1500]],
  ['NAT-PMP in a check', { firstGapMs: 250, totalMs: 1000 }, [250, 500, 250]],
  ['NAT-PMP for a mapping', { firstGapMs: 250, totalMs: 3000 }, [250, 500, 1000, 1250]],
  ['less patience than a gap', { firstGapMs: 250, totalMs: 100 }, [100]],
])('%s', (_, patience, gaps) => expect(transmissionGaps(patience, middle)).toEqual(gaps))

test.each([
  ['shorter', 0, 90],
  ['longer', 1, 110],
])('every gap is up to a tenth %s', (_, drawn, first) => {
  expect(transmissionGaps({ firstGapMs: 100, totalMs: 1000 }, () => drawn)[0]).toBeCloseTo(first)
})

test.each([
  ['not measured', null, 100],
  ['a home', 3, 100],
  ['a server far away', 80, 160],
])('the first gap of PCP follows the round trip: %s', (_, rttMs, gapMs) => expect(pcpFirstGapMs(rttMs)).toBe(gapMs))
