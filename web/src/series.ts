import type { WatchHistory } from './api.ts'

export type Point = WatchHistory['series'][number]['points'][number]

/** `reachable udp/ipv4/4001` as `UDP 4001 IPv4`, `rtt HOST ipv4` as `HOST IPv4`; others as they are. */
export function seriesLabel(name: string): string {
  const [kind, what = '', family] = name.split(' ')
  if (kind === 'reachable') {
    const [transport = '', of = '', port = ''] = what.split('/')
    return `${transport.toUpperCase()} ${port} ${familyName(of)}`
  }
  return kind === 'rtt' ? `${what} ${familyName(family ?? '')}` : name
}

function familyName(family: string): string {
  return family.replace('ipv', 'IPv')
}

/** A check comes at least every hour; where none came for longer, nothing is known. */
const LONGEST_GAP_MS = 2.5 * 3_600_000

/**
 * Times (s) and means of a series as it is drawn: with nothing where nothing was measured for longer than there are checks, and on
 * to `untilMs` where the last one still holds. Points that stand for a day each are that far apart.
 */
export function drawnPoints(points: readonly Point[], untilMs: number): [number[], (number | null)[]] {
  const times: number[] = []
  const values: (number | null)[] = []
  const longest = Math.max(LONGEST_GAP_MS, 2.5 * leastSpacing(points))
  const add = (ms: number, value: number | null) => {
    times.push(ms / 1000)
    values.push(value)
  }
  for (const [index, [atMs, mean]] of points.entries()) {
    add(atMs, mean)
    const nextMs = points[index + 1]?.[0] ?? untilMs
    if (nextMs - atMs > longest) add(atMs + longest, null)
    else if (index === points.length - 1 && nextMs > atMs) add(nextMs, mean)
  }
  return [times, values]
}

/** Of hours and days taken together none are nearer to each other; a few points tell nothing. */
function leastSpacing(points: readonly Point[]): number {
  return points.length < 3 ? 0 : Math.min(...points.slice(1).map(([atMs], index) => atMs - points[index]![0]))
}

export interface Summary {
  readonly least: number
  readonly most: number
  readonly mean: number
}

/** Of all measurements in the points; null where there is none. */
export function summaryOf(points: readonly Point[]): Summary | null {
  const count = points.reduce((sum, point) => sum + point[4], 0)
  if (count === 0) return null
  return {
    least: Math.min(...points.map((point) => point[2])),
    most: Math.max(...points.map((point) => point[3])),
    mean: points.reduce((sum, point) => sum + point[1] * point[4], 0) / count,
  }
}
