/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  readonly since: number
  readonly until: number
}

/** Checks come every quarter of an hour; within less there is nothing to see. */
export const LEAST_MS = 10 * 60_000
/** Nothing is kept for longer. */
const MOST_MS = 800 * 86_400_000

/** The nearest stretch that can be shown: not too short, not longer than anything is kept, and not in the future. */
export function withinHistory({ since, until }: Stretch, nowMs: number): Stretch {
  const width = Math.min(MOST_MS, Math.max(LEAST_MS, until - since))
  const end = Math.max(nowMs - MOST_MS + width, Math.min(nowMs, (since + until + width) / 2))
  return { since: end - width, until: end }
}
