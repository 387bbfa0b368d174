import type { Rule, Ruleset } from '../../ruleset/ruleset.ts'
import type { AcceptMatch } from './accept-match.ts'
import { type ChainOf, chainIn, indexOf, tableOf } from './edit-ruleset.ts'
import { dockerSpot, firewalldSpots, isManaged, ufwSpot } from './managers.ts'
import { ruleSpot, type Spot, type Stop } from './spot.ts'

/** Rules before which an accept may have to go where a chain's end is never come to. */
const MOST_DETOURS = 32

/**
 * Where an accept rule might go, the best place first; which of them opens the way is for a walk to say. A manager of
 * rules comes first, for it would throw away at its next start what others put among its own.
 */
export function spotsFor(ruleset: Ruleset, stop: Stop): readonly Spot[] {
  const table = tableOf(ruleset, stop.at)
  const here = table === undefined ? undefined : chainIn(table, stop.at.chain)
  if (here === undefined) return []
  const managed = [
    ...ufwSpot(ruleset, here, stop),
    ...firewalldSpots(ruleset, here, stop),
    ...dockerSpot(ruleset, here, stop),
  ]
  if (isManaged(here, stop.at)) return managed
  const index = indexOf(here, stop.at)
  if (index < 0) return managed
  const direct = [ruleSpot(ruleset, here, index, stop.match)]
  return [...managed, ...direct, ...(stop.at.rule === null ? detours(ruleset, here, stop.match) : [])]
}

/** A policy may decide before the chain's end: after a `return`, or at the end of a chain that a `goto` led to. */
function detours(ruleset: Ruleset, place: ChainOf, match: AcceptMatch): readonly Spot[] {
  const { table, chain } = place
  const leaving = chain.rules.flatMap((rule, index) => (leaves(rule) ? [{ rule, index }] : []))
  return leaving
    .toReversed()
    .slice(0, MOST_DETOURS)
    .flatMap(({ rule, index }) => {
      const ends = targetsOf(rule).flatMap((name) => chainIn(table, name) ?? [])
      return [
        ...ends.map((end) => ruleSpot(ruleset, end, end.chain.rules.length, match)),
        ruleSpot(ruleset, place, index, match),
      ]
    })
}

function leaves({ statements }: Rule): boolean {
  return statements.some(
    (one) => one.kind === 'choose' || (one.kind === 'verdict' && ['return', 'goto'].includes(one.verdict.kind)),
  )
}

function targetsOf({ statements }: Rule): readonly string[] {
  return statements.flatMap((one) => (one.kind === 'verdict' && one.verdict.kind === 'goto' ? [one.verdict.chain] : []))
}
