const DAY_SECONDS = 86_400

/**
 * How long a granted mapping is believed to last: what the gateway told, but no longer than was asked for, or a day
 * where that is more (RFC 6887 §15). A gateway that says "for 136 years" will have been restarted by then.
 */
export function grantedLifetime(toldSeconds: number, askedSeconds: number): number {
  return Math.min(toldSeconds, Math.max(askedSeconds, DAY_SECONDS))
}
