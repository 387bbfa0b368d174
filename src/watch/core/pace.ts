/**
 * How often `watch` asks whom, and what it may at most. Milliseconds, on a clock that never jumps. A question that somebody
 * else has to answer is asked with jitter, so that the nodes of a town do not ask in step after a power cut.
 */
export interface Pace {
  /** Looking at this host: its addresses, and where it would send from. Nobody is asked. */
  readonly lookMs: number
  /** What costs more to look at: who listens, and whether our own rules are still there. */
  readonly lookCloserMs: number
  /** Asking each router that holds a mapping of ours whether it has forgotten it. */
  readonly askGatewayMs: number
  /** Asking a STUN server for the address outside. */
  readonly askOutsideMs: number
  /** A whole check, with a dial from outside. */
  readonly checkMs: number
  /** The longest that it backs off while nobody outside answers. */
  readonly longestCheckMs: number
  /** What takes minutes is measured so often, where somebody asked for it; and once more in another network, but not sooner than this. */
  readonly deepMs: number
  readonly leastDeepMs: number
  /** Once something changed: for so long everything may settle before it is measured. */
  readonly settleMs: number
  /** A change of reachability is measured once more after this, before anybody is woken. */
  readonly confirmMs: number
  /** A repair that did not help is not tried again sooner, unless the network changed. */
  readonly reopenMs: number
  /** Checks an hour, and at once. A repair counts as three. */
  readonly checks: Ration
  /** Questions to STUN servers. */
  readonly outsideQuestions: Ration
  /** Questions to routers, renewals included. */
  readonly gatewayQuestions: Ration
}

export interface Ration {
  readonly perHour: number
  readonly atOnce: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND

export const DEFAULT_PACE: Pace = {
  lookMs: 15 * SECOND,
  lookCloserMs: MINUTE,
  askGatewayMs: 20 * SECOND,
  askOutsideMs: 40 * SECOND,
  checkMs: 15 * MINUTE,
  longestCheckMs: 60 * MINUTE,
  deepMs: 24 * 60 * MINUTE,
  leastDeepMs: 60 * MINUTE,
  settleMs: 2 * SECOND,
  confirmMs: 30 * SECOND,
  reopenMs: 360 * MINUTE,
  checks: { perHour: 20, atOnce: 8 },
  outsideQuestions: { perHour: 300, atOnce: 10 },
  gatewayQuestions: { perHour: 600, atOnce: 60 },
}

/** A mapping that `watch` makes ends by itself so long after the last renewal. */
export const LEASE_SECONDS = 7200
