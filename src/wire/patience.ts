/**
 * How often peerway asks before silence counts as an answer: six transmissions 150 ms apart. With 10 % loss each way
 * all six are lost once in 20,000 questions; RFC 8489 §6.2.1 asks seven times and takes 39.5 s, too long for a check.
 */
export const TRANSMISSIONS = 6
export const TRANSMISSION_INTERVAL_MS = 150

/**
 * Milliseconds from the last transmission until silence counts: two round trips and 150 ms more, at least 300 and at
 * most 3000 ms. `rttMs` is null while no round trip has been measured.
 */
export function graceMs(rttMs: number | null): number {
  return rttMs === null ? 3000 : Math.min(3000, Math.max(300, 2 * rttMs + 150))
}
