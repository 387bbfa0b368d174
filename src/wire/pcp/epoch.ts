/** The last epoch time that a server told, and when it came in on any clock that never jumps. */
export interface EpochSeen {
  readonly epochSeconds: number
  readonly atMs: number
}

/**
 * Does a PCP server still know what it granted before (RFC 6887 §8.5)? Its epoch time counts the seconds since it last
 * lost its state: one that goes back by more than a second, or not as fast as our own clock, tells that it has.
 * `previous` is null for the first answer of a server, which is plausible whatever it tells. The caller keeps `current`
 * as the next `previous`, plausible or not.
 */
export function judgeEpoch(previous: EpochSeen | null, current: EpochSeen): 'plausible' | 'lost-state' {
  if (previous === null) return 'plausible'
  const serverDelta = current.epochSeconds - previous.epochSeconds
  const clientDelta = (current.atMs - previous.atMs) / 1000
  // By up to a second, as packets may overtake each other.
  if (serverDelta < -1) return 'lost-state'
  const isServerFast = clientDelta + 2 < serverDelta - serverDelta / 16
  const isServerSlow = serverDelta + 2 < clientDelta - clientDelta / 16
  return isServerFast || isServerSlow ? 'lost-state' : 'plausible'
}
