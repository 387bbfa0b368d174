import type { Point } from './store.ts'

/** Points of one series, oldest first, taken together by equal stretches of time until there are at most `limit`. */
export function mergePoints(
  points: readonly Point[],
  sinceMs: number,
  untilMs: number,
  limit: number,
): readonly Point[] {
  if (points.length <= limit) return points
  const stretchMs = Math.max(1, Math.ceil((untilMs - sinceMs) / limit))
  const merged: Point[] = []
  let stretch = -1
  for (const point of points) {
    const own = Math.min(limit - 1, Math.floor((point.atMs - sinceMs) / stretchMs))
    const last = merged.at(-1)
    if (last === undefined || own !== stretch) merged.push(point)
    else merged[merged.length - 1] = together(last, point)
    stretch = own
  }
  return merged
}

export function together(a: Point, b: Point): Point {
  const count = a.count + b.count
  return {
    atMs: a.atMs,
    mean: (a.mean * a.count + b.mean * b.count) / count,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    count,
  }
}
