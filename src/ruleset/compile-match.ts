import { compileExpression, type Load, type SetLookup } from './compile-expression.ts'
import type { Flight } from './flight.ts'
import { type Find, indexElements } from './index-elements.ts'
import { mayHold } from './may-hold.ts'
import type { Action, Elements, Value } from './ruleset.ts'

/** What one step of a rule comes to. Small integers, for a walk takes tens of thousands of steps. */
export const NO = 0
export const YES = 1
export const UNSURE = 2
export const DECIDED = 3
export type Step = (f: Flight) => typeof NO | typeof YES | typeof UNSURE | typeof DECIDED

type Match = Extract<Action, { kind: 'match' }>
type MatchBits = Extract<Action, { kind: 'match-bits' }>

/** An absent field fails the rule even under a negation, as in the kernel. */
export function compileMatch(match: Match, sets: SetLookup): Step {
  const loads = match.keys.map((key) => compileExpression(key, sets))
  const [hit, miss] = match.negated ? ([NO, YES] as const) : ([YES, NO] as const)
  const { values } = match
  if (values.kind === 'unreadable') return () => UNSURE
  const name = values.kind === 'named' ? values.set : null
  const set = name === null ? { elements: values as Elements, find: null } : sets(name)
  if (set === null) return () => UNSURE
  const { elements } = set
  if (loads.length !== elements.columns.length) return () => UNSURE
  const span = name === null ? onlySpan(elements) : undefined
  if (span !== undefined) return compareSpan(loads[0]!, span, hit, miss)
  const find = set.find ?? indexElements(elements)
  return lookUp({ loads, find, elements, name, hit, miss })
}

/** Nearly every match is of one key with one value or range; it gets by without an index. */
export function onlySpan({ columns, conditional, otherwise }: Elements): readonly [Value, Value] | undefined {
  const [column, another] = columns
  if (another !== undefined || column!.lows.length !== 1 || conditional !== null || otherwise !== null) return undefined
  return [column!.lows[0]!, column!.highs[0]!]
}

function compareSpan(load: Load, [low, high]: readonly [Value, Value], hit: 0 | 1, miss: 0 | 1): Step {
  return (f) => {
    const value = load(f)
    if (value === null) return NO
    if (value === undefined) return UNSURE
    return value >= low && value <= high ? hit : miss
  }
}

interface LookUp {
  readonly loads: readonly Load[]
  readonly find: Find
  readonly elements: Elements
  readonly name: string | null
  readonly hit: 0 | 1
  readonly miss: 0 | 1
}

function lookUp({ loads, find, elements, name, hit, miss }: LookUp): Step {
  const tuple = new Array<Value | undefined>(loads.length)
  return (f) => {
    let isUnknown = false
    for (let k = 0; k < loads.length; k++) {
      const value = loads[k]!(f)
      if (value === null) return NO
      if (value === undefined) isUnknown = true
      tuple[k] = value
    }
    if (name !== null && f.touched.has(name)) return UNSURE
    if (isUnknown) return mayHold(elements, tuple) ? UNSURE : miss
    const index = find(tuple as Value[])
    if (index < 0) return elements.otherwise === null ? miss : hit
    return elements.conditional?.has(index) ? UNSURE : hit
  }
}

export function compileMatchBits(match: MatchBits, sets: SetLookup): Step {
  const load = compileExpression(match.key, sets)
  const { mask, any } = match
  return (f) => {
    const value = load(f)
    if (value === null) return NO
    if (typeof value !== 'number') return UNSURE
    return ((value & mask) !== 0) === any ? YES : NO
  }
}
