import { expect, test } from 'vitest'
import { drawnPoints, type Point, seriesLabel, summaryOf } from '../../web/src/series.ts'

const HOUR_MS = 3_600_000
const point = (hours: number, mean: number, count = 1): Point => [hours * HOUR_MS, mean, mean, mean, count]

test('the last value holds until now', () => {
  const [times, values] = drawnPoints([point(0, 1), point(1, 0)], 2 * HOUR_MS)
  expect(times).toEqual([0, 3600, 7200])
  expect(values).toEqual([1, 0, 0])
})

test('where nothing was measured for hours nothing is drawn', () => {
  const [times, values] = drawnPoints([point(0, 1), point(10, 1)], 30 * HOUR_MS)
  expect(values).toEqual([1, null, 1, null])
  expect(times.every((time, index) => index === 0 || time > times[index - 1]!)).toBe(true)
})

test('points that stand for a day each are drawn through', () => {
  const [, values] = drawnPoints(
    [0, 24, 48, 72].map((hours) => point(hours, 1)),
    80 * HOUR_MS,
  )
  expect(values).not.toContain(null)
})

test('a summary weighs each point by what was measured', () => {
  expect(summaryOf([point(0, 1, 3), point(1, 0, 1)])).toEqual({ least: 0, most: 1, mean: 0.75 })
  expect(summaryOf([])).toBeNull()
})

test.each([
  ['reachable udp/ipv4/4001', 'UDP 4001 IPv4'],
  ['rtt [2001:db8::1]:3478 ipv6', '[2001:db8::1]:3478 IPv6'],
  ['peers', 'peers'],
])('%s is shown as %s', (name, label) => {
  expect(seriesLabel(name)).toBe(label)
})
