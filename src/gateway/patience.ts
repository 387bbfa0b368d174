/** How long a question waits for its answer, and after which time it is asked once more for the first time. */
export interface Patience {
  readonly firstGapMs: number
  readonly totalMs: number
}

/** What a silent gateway may cost a check, and what it may cost somebody who wants a mapping. */
export const CHECK_PATIENCE_MS = 1000
export const MAP_PATIENCE_MS = 3000

/** After this without an answer a pinhole is asked for anew. */
export const PINHOLE_GAP_MS = 500

/** RFC 6886 §3.1. */
export const NAT_PMP_FIRST_GAP_MS = 250

/**
 * PCP's first gap. RFC 6887 §8.1.1 waits 3 s, as a server may be far away; a home's gateway answers within
 * milliseconds, and Wi-Fi loses packets. So it is twice the measured round trip, but never under 100 ms.
 */
export function pcpFirstGapMs(rttMs: number | null): number {
  return Math.max(100, 2 * (rttMs ?? 0))
}

/** PCP changes every gap by up to a tenth, so that a whole home does not ask in step after a power cut (RFC 6887 §8.1.1). */
const JITTER = 0.1

/**
 * The waits after each transmission: every one twice as long as the one before, as both RFCs have it, and the last cut
 * so that all together are `totalMs`. `unit` draws from 0 up to 1.
 */
export function transmissionGaps({ firstGapMs, totalMs }: Patience, unit: () => number): readonly number[] {
  const gaps: number[] = []
  let gapMs = firstGapMs
  for (let leftMs = totalMs; leftMs > 0; ) {
    const waitMs = Math.min(leftMs, gapMs * (1 + JITTER * (2 * unit() - 1)))
    gaps.push(waitMs)
    leftMs -= waitMs
    gapMs *= 2
  }
  return gaps
}
