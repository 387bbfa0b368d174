import type { Hop } from './evidence.ts'

/** A round trip that grows by more than this from one hop to the next has crossed an access line. */
const ACCESS_LINE_STEP_MS = 2.5

/** TTL of the first hop behind the access line: where the round trip first grows by more than a home network explains. */
export function accessLineStep(hops: readonly Hop[]): number | null {
  let before = 0
  for (const { ttl, rttMs } of hops) {
    if (rttMs === null) continue
    if (ttl > 1 && rttMs - before > ACCESS_LINE_STEP_MS && rttMs > before * 3) return ttl
    before = Math.max(before, rttMs)
  }
  return null
}
