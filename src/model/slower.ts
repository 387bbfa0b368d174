/** Faster than this is fast, in kilobits a second: so short a transfer tells nothing of what is beyond. */
export const FAST_KBPS = 10_000
/** So many times slower, or chance and the manners of TCP may do it. */
const GAP = 2.5

/** Is each of `rates` far below each of `plain`, all in kilobits a second, and none of them nothing at all? */
export function isSlower(rates: readonly number[], plain: readonly number[]): boolean {
  const fastest = Math.max(...rates)
  const slowest = Math.min(...plain)
  return rates.length > 0 && plain.length > 0 && Math.min(...rates) > 0 && fastest * GAP < slowest
}
