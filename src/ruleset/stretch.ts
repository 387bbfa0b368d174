import { compileExpression, type Load, type SetLookup } from './compile-expression.ts'
import { onlySpan } from './compile-match.ts'
import type { Flight } from './flight.ts'
import type { Action, Expression, Rule, Value } from './ruleset.ts'

/** Fewer are walked as fast one by one. */
const FEWEST = 8

/**
 * Rules in a row that all ask one field for a value or a range, as long lists of addresses or ports do. A rule that fails
 * there does nothing, so a loop over plain numbers passes over it: a tenth of what it takes to ask each rule.
 */
export class Stretch {
  readonly #load: Load
  readonly #from: number
  readonly #lows: Float64Array
  readonly #highs: Float64Array

  constructor(load: Load, from: number, spans: readonly Span[]) {
    this.#load = load
    this.#from = from
    // IPv6 addresses lose their last digits. Order survives that, so no rule is passed over that would match.
    this.#lows = Float64Array.from(spans, ({ low }) => Number(low))
    this.#highs = Float64Array.from(spans, ({ high }) => Number(high))
  }

  /** The first rule from `at` on that this field does not refuse; the one after the stretch when it refuses all. */
  next(f: Flight, at: number): number {
    const value = this.#load(f)
    const [from, lows, highs] = [this.#from, this.#lows, this.#highs]
    if (value === null) return from + lows.length
    // What is not known refuses nothing.
    if (value === undefined || typeof value === 'string') return at
    const number = Number(value)
    let index = at - from
    while (index < lows.length && !(number >= lows[index]! && number <= highs[index]!)) index++
    return from + index
  }
}

interface Span {
  readonly key: Extract<Expression, { kind: 'field' }>
  readonly low: Value
  readonly high: Value
}

interface Run {
  readonly from: number
  readonly spans: Span[]
}

/** For each rule, the stretch that it is part of, if any: of several, the one that asks for the most different values. */
export function stretchesOf(rules: readonly Rule[], sets: SetLookup): readonly (Stretch | undefined)[] {
  const stretches = new Array<Stretch | undefined>(rules.length).fill(undefined)
  const runs = runsOf(rules).map((run) => ({ ...run, values: new Set(run.spans.map(({ low }) => low)).size }))
  for (const { from, spans, values } of runs.toSorted((a, b) => a.values - b.values)) {
    if (values < FEWEST) continue
    stretches.fill(new Stretch(compileExpression(spans[0]!.key, sets), from, spans), from, from + spans.length)
  }
  return stretches
}

/** Rules in a row that ask the same field; a rule that asks several is part of several runs. */
function runsOf(rules: readonly Rule[]): readonly Run[] {
  const runs: Run[] = []
  let open = new Map<string, Run>()
  for (const [index, rule] of rules.entries()) {
    const still = new Map<string, Run>()
    for (const span of leadingSpans(rule)) {
      const name = `${span.key.field} ${span.key.protocol}`
      if (still.has(name)) continue
      const run = open.get(name) ?? { from: index, spans: [] }
      if (run.from === index) runs.push(run)
      run.spans.push(span)
      still.set(name, run)
    }
    open = still
  }
  return runs
}

/** Of the conditions before a rule does anything. */
function leadingSpans({ statements }: Rule): readonly Span[] {
  const end = statements.findIndex(({ kind }) => kind !== 'match' && kind !== 'match-bits' && kind !== 'maybe')
  return statements.slice(0, end < 0 ? undefined : end).flatMap((one) => spanOf(one) ?? [])
}

function spanOf(condition: Action): Span | undefined {
  if (condition.kind !== 'match' || condition.negated || condition.values.kind !== 'elements') return undefined
  const [key, another] = condition.keys
  const [low, high] = onlySpan(condition.values) ?? []
  if (key?.kind !== 'field' || another !== undefined || typeof low === 'string') return undefined
  return low === undefined || high === undefined ? undefined : { key, low, high }
}
