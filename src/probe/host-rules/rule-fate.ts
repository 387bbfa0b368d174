import type { RuleFate, RulePlace } from '../../model/evidence.ts'
import { stopIn } from '../../ruleset/explore.ts'
import type { Fate, Place } from '../../ruleset/fate.ts'

export const NOT_KNOWN: RuleFate = { kind: 'unknown', at: null, expression: null }

/** A walk's fate as evidence tells it. Of several who would stop it, any does. */
export function ruleFate(fate: Fate): RuleFate {
  const stop = stopIn(fate)
  if (stop !== undefined)
    return { kind: fate.kind === 'reject' ? 'reject' : 'drop', at: rulePlace(stop.at), expression: null }
  if (fate.kind === 'unknown') return { kind: 'unknown', at: rulePlace(fate.at), expression: fate.expression }
  const by = fate.kind === 'unroutable' ? null : fate.by
  return { kind: fate.kind, at: rulePlace(by?.at ?? null), expression: null }
}

/** The fate of all, if they fare alike; else it depends on who they are, by the rule that stops some of them. */
export function commonFate(fates: readonly RuleFate[]): RuleFate {
  const [first] = fates
  if (first === undefined) return NOT_KNOWN
  const unknown = fates.find(({ kind }) => kind === 'unknown')
  if (unknown !== undefined) return unknown
  if (fates.every(({ kind }) => kind === first.kind)) return first
  const at = fates.find(({ kind }) => kind !== 'accept')?.at ?? null
  return { kind: 'unknown', at, expression: at?.rule ?? null }
}

/** Do some get in and others not, and is that known of each? */
export function differ(fates: readonly RuleFate[]): boolean {
  const isIn = ({ kind }: RuleFate) => kind === 'accept'
  return fates.every(({ kind }) => kind !== 'unknown') && fates.some(isIn) && !fates.every(isIn)
}

function rulePlace(at: Place | null): RulePlace | null {
  if (at === null) return null
  const { backend, family, table, chain, hook, rule } = at
  return { backend, family, table, chain, hook, rule: rule?.text ?? null }
}
