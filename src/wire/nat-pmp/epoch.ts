import type { EpochSeen } from '../pcp/epoch.ts'

/**
 * Does a NAT-PMP server still know what it granted before (RFC 6886 §3.6)? Its seconds since start must have grown by at
 * least 7/8 of what passed here, less two seconds. Only slowness counts: unlike PCP it has no rule for clocks that run
 * ahead. `previous` is null for the first answer of a server.
 */
export function judgeNatPmpEpoch(previous: EpochSeen | null, current: EpochSeen): 'plausible' | 'lost-state' {
  if (previous === null) return 'plausible'
  const expected = previous.epochSeconds + ((current.atMs - previous.atMs) / 1000) * (7 / 8)
  return current.epochSeconds + 2 < expected ? 'lost-state' : 'plausible'
}
