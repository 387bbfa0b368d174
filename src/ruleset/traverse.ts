import type { CompiledBase, CompiledChain, CompiledRule, Outcome } from './compile.ts'
import { NO, type Step, UNSURE, YES } from './compile-match.ts'
import type { Place } from './fate.ts'
import type { Flight } from './flight.ts'
import type { Rejection } from './ruleset.ts'

/** What a base chain says of a packet. */
export type Ruling =
  | { readonly kind: 'accept' | 'drop'; readonly at: Place }
  | { readonly kind: 'reject'; readonly rejection: Rejection; readonly at: Place }
  | { readonly kind: 'unknown'; readonly expression: string; readonly at: Place }

interface Frame {
  readonly chain: CompiledChain
  next: number
}

/** Follows a packet through one base chain with its jumps, gotos and returns, to a rule that decides or to the policy. */
export function traverse(base: CompiledBase, f: Flight): Ruling {
  const stack: Frame[] = []
  let frame: Frame = { chain: base.chain, next: 0 }
  for (;;) {
    const { chain, next } = frame
    const index = chain.stretches[next]?.next(f, next) ?? next
    const rule = chain.rules[index]
    f.oracle.budget -= index - next
    if (rule === undefined) {
      const caller = stack.pop()
      if (caller === undefined) return { kind: base.base.policy, at: placeOf(base, base.chain, null, f) }
      frame = caller
      continue
    }
    frame.next = index + 1
    if (--f.oracle.budget < 0) return tooLong('rules without end', base, chain, rule, f)
    if (!decides(rule, base, chain, f)) continue
    const { outcome } = f
    if (outcome.kind === 'jump' || outcome.kind === 'goto') {
      if (outcome.kind === 'jump') stack.push(frame)
      if (stack.length > base.maxDepth) return tooLong('jumps in a circle', base, chain, rule, f)
      frame = { chain: outcome.chain, next: 0 }
    } else if (outcome.kind === 'return') frame = { chain, next: chain.rules.length }
    else return rulingOf(outcome, placeOf(base, chain, rule, f))
  }
}

/** Does the rule decide? What it came to is in `f.outcome` then. */
function decides(rule: CompiledRule, base: CompiledBase, chain: CompiledChain, f: Flight): boolean {
  const { steps } = rule
  for (let i = 0; i < steps.length; i++) {
    const result = steps[i]!(f)
    if (result === YES) continue
    if (result === NO) return false
    if (result !== UNSURE) return true
    if (i > rule.lastEffect || failsLater(rule, i + 1, f)) return false
    const at = placeOf(base, chain, rule, f)
    if (!f.oracle.answer({ expression: rule.rule.statements[i]!.text, at })) return false
  }
  return false
}

/** Another condition that certainly fails spares the question. Conditions only look, so they can be tried ahead. */
function failsLater(rule: CompiledRule, from: number, f: Flight): boolean {
  for (let i = from; i < rule.steps.length && rule.isCondition[i]; i++) {
    const step: Step = rule.steps[i]!
    if (step(f) === NO) return true
  }
  return false
}

type Final = Exclude<Outcome, { kind: 'jump' } | { kind: 'goto' } | { kind: 'return' }>

function rulingOf(outcome: Final, at: Place): Ruling {
  if (outcome.kind === 'reject') return { kind: 'reject', rejection: outcome.rejection, at }
  if (outcome.kind === 'opaque') return { kind: 'unknown', expression: outcome.text, at }
  return { kind: outcome.kind, at }
}

function tooLong(why: string, base: CompiledBase, chain: CompiledChain, rule: CompiledRule, f: Flight): Ruling {
  return { kind: 'unknown', expression: `${rule.rule.text} (${why})`, at: placeOf(base, chain, rule, f) }
}

export function placeOf(base: CompiledBase, chain: CompiledChain, rule: CompiledRule | null, f: Flight): Place {
  const { backend, family, name } = base.table
  const place = { hook: f.hook, backend, family, table: name, chain: chain.name }
  if (rule === null) return { ...place, rule: null }
  const { text, handle, comment } = rule.rule
  return { ...place, rule: { text, handle, comment } }
}
