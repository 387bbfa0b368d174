import type { FlowSend } from '../../wire/control/messages.ts'

/**
 * Which boxes of the way a flow keeps busy while it lies idle for the rest. Hops count from this host, which is 0 itself;
 * its first router is 1.
 */
export interface Kept {
  /** This host sends datagrams that come as far as this hop; 0: none. */
  readonly upTo: number
  /** The vantage sends datagrams that come as far as this hop, from its side; null: none. */
  readonly from: number | null
}

/** One flow: after `idleSeconds` the vantage sends on it. */
export interface IdleTest {
  readonly kept: Kept
  readonly idleSeconds: number
  /** Only of use where a box that may translate has not forgotten anything before. */
  readonly isLate: boolean
}

/** As the hop that datagrams come to which are not limited. */
export const ALL_THE_WAY_OUT = 255
export const ALL_THE_WAY_BACK = 0

/** Hops that are looked at one by one. Translators of carriers have been met six hops from their customers. */
export const MOST_HOPS = 8

/**
 * Between them lie what devices are built to: 10, 15, 20, 30, 40, 60, 90, 120, 150, 180, 240 and 300 s. RFC 4787 REQ-5 asks
 * for two minutes at least and advises five. The last two of each list are at different moments, so that no short
 * disturbance of the line is taken for a box that forgets.
 */
const PATH = { early: [9, 14, 19, 28, 38, 58, 88, 118, 148, 178, 198, 206], late: [238, 296, 306, 316] }
const BOX = { early: [19, 38, 88, 148, 198, 206], late: [306, 316] }
const ENDS = { early: [198, 206], late: [306, 316] }
const LAST = { early: [206], late: [316] }

/**
 * The flows of one measurement, at most 146 of them. `hopsBack` routers stand between the vantage and this host; where
 * that is not known, boxes can be told apart from this side alone.
 *
 * - Nothing is kept: for how long does a flow live on the whole way?
 * - All but one hop is kept: does the box there forget, and when? Kept from the vantage's side too, so that a box is seen
 *   even where another one forgets sooner.
 * - All hops are kept, each from one side: a box that looks at the TTL before it looks at the flow shows itself, as the
 *   datagrams that end there do not keep it.
 * - Kept from this side alone: what shows the place of a box that only datagrams of inside hosts keep.
 * - All the way from one side: do datagrams of that direction keep the boxes? From both: does the line work?
 *
 * `pace` shortens all times alike.
 */
export function planIdleFlows(hopsBack: number | null, pace = 1): readonly IdleTest[] {
  return testsOf(hopsBack).map((test) => ({ ...test, idleSeconds: test.idleSeconds * pace }))
}

function testsOf(hopsBack: number | null): readonly IdleTest[] {
  const hops = Math.min(MOST_HOPS, hopsBack ?? MOST_HOPS)
  const each = (first: number) => Array.from({ length: hops + 1 - first }, (_, index) => first + index)
  const alone = hopsBack === null ? [] : each(0)
  const closed = hopsBack === null ? [] : each(1)
  return [
    ...tests({ upTo: 0, from: null }, PATH),
    ...alone.flatMap((hop) => tests({ upTo: Math.max(0, hop - 1), from: hop + 1 }, BOX)),
    ...closed.flatMap((hop) => tests({ upTo: hop, from: hop + 1 }, LAST)),
    ...each(1).flatMap((hop) => tests({ upTo: hop, from: null }, ENDS)),
    ...tests({ upTo: ALL_THE_WAY_OUT, from: null }, ENDS),
    ...tests({ upTo: 0, from: ALL_THE_WAY_BACK }, ENDS),
    ...tests({ upTo: ALL_THE_WAY_OUT, from: ALL_THE_WAY_BACK }, ENDS),
  ]
}

function tests(kept: Kept, { early, late }: typeof PATH): readonly IdleTest[] {
  return [
    ...early.map((idleSeconds) => ({ kept, idleSeconds, isLate: false })),
    ...late.map((idleSeconds) => ({ kept, idleSeconds, isLate: true })),
  ]
}

/** The shortest lifetime that is looked for survives the loss of one of them. */
export const KEEP_EVERY_MS = 4000

/** Of the datagrams at the end of a test one is enough. */
const PROOFS = 6
const PROOF_EVERY_MS = 400
export const PROOFS_MS = (PROOFS - 1) * PROOF_EVERY_MS

/** What the vantage is asked to send on the flow of a test, from its opening on. */
export function sendsOf({ kept, idleSeconds }: IdleTest, hopsBack: number | null, pace = 1): readonly FlowSend[] {
  const idleMs = Math.round(idleSeconds * 1000)
  const everyMs = Math.round(KEEP_EVERY_MS * pace)
  const proofs: FlowSend = { afterMs: idleMs, everyMs: PROOF_EVERY_MS, count: PROOFS, ttl: null }
  const ttl = vantageTtl(kept, hopsBack)
  if (ttl === undefined) return [proofs]
  const count = Math.floor(idleMs / everyMs - 0.5)
  return [{ afterMs: Math.round(everyMs / 2), everyMs, count, ttl }, proofs]
}

/** Ends nowhere, and tells datagrams that keep a flow all the way from those at the end of its test. */
const UNLIMITED_TTL = 255

/** Undefined: nothing is sent to keep the flow. */
function vantageTtl({ from }: Kept, hopsBack: number | null): number | undefined {
  if (from === null) return undefined
  if (from === ALL_THE_WAY_BACK || hopsBack === null) return UNLIMITED_TTL
  const ttl = hopsBack + 1 - from
  return ttl >= 1 ? ttl : undefined
}
