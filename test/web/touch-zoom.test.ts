import { describe, expect, test } from 'vitest'
import { LEAST_MS, withinHistory } from '../../web/src/stretch.ts'
import { pulled } from '../../web/src/touch-zoom.ts'

const HOUR = 3_600_000
const DAY = { since: 0, until: 24 * HOUR }

describe('a stretch of time under fingers', () => {
  test.each([
    ['one finger to the left moves on in time', [0.75], [0.5], 6, 30],
    ['one finger to the right moves back', [0.25], [0.5], -6, 18],
    ['two fingers apart show half of it, the middle staying', [0.25, 0.75], [0, 1], 6, 18],
    ['two fingers together show twice as much', [0.25, 0.75], [0.375, 0.625], -12, 36],
    ['in whichever order they came', [0.75, 0.25], [1, 0], 6, 18],
    ['two fingers side by side move it', [0.25, 0.5], [0.5, 0.75], -6, 18],
  ] as const)('%s', (_, from, to, since, until) => {
    const moved = pulled(DAY, from, to, LEAST_MS)
    expect([moved.since / HOUR, moved.until / HOUR]).toEqual([expect.closeTo(since), expect.closeTo(until)])
  })

  test('what is under each finger stays there', () => {
    const { since, until } = pulled(DAY, [0.2, 0.4], [0.1, 0.7], LEAST_MS)
    expect(since + 0.1 * (until - since)).toBeCloseTo(0.2 * 24 * HOUR)
    expect(since + 0.7 * (until - since)).toBeCloseTo(0.4 * 24 * HOUR)
  })

  test('is never narrower than there is something to see, and finite when fingers touch or pass each other', () => {
    const near = pulled(DAY, [0.499, 0.501], [0, 1], LEAST_MS)
    expect(near.until - near.since).toBe(LEAST_MS)
    for (const to of [
      [0.5, 0.5],
      [0.6, 0.4],
    ]) {
      const far = pulled(DAY, [0.4, 0.6], to, LEAST_MS)
      expect(far.until - far.since).toBeCloseTo(50 * 24 * HOUR)
    }
  })
})

describe('what the history can show', () => {
  const now = 1000 * 24 * HOUR
  test.each([
    ['of the future nothing', { since: now - HOUR, until: now + HOUR }, { since: now - 2 * HOUR, until: now }],
    ['not less than ten minutes', { since: now - 9 * HOUR, until: now - 9 * HOUR }, undefined],
    [
      'nothing older than anything kept',
      { since: -HOUR, until: HOUR },
      { since: now - 800 * 24 * HOUR, until: now - 800 * 24 * HOUR + 2 * HOUR },
    ],
    ['not more than everything', { since: -2 * now, until: 2 * now }, { since: now - 800 * 24 * HOUR, until: now }],
  ])('%s', (_, wanted, shown = { since: now - 9 * HOUR - LEAST_MS / 2, until: now - 9 * HOUR + LEAST_MS / 2 }) => {
    expect(withinHistory(wanted, now)).toEqual(shown)
  })
})
