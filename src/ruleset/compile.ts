import { compileAssign } from './compile-assign.ts'
import { compileExpression, compileMembership, type IndexedSet, type SetLookup } from './compile-expression.ts'
import { compileMatch, compileMatchBits, DECIDED, NO, type Step, UNSURE, YES } from './compile-match.ts'
import type { Flight } from './flight.ts'
import { indexElements } from './index-elements.ts'
import { CT_STATES } from './names.ts'
import type { BaseChain, Chain, Rejection, Rule, Ruleset, Statement, Table, Verdict } from './ruleset.ts'
import { type Stretch, stretchesOf } from './stretch.ts'
import { compileTranslation } from './translate.ts'

/** A rule set made ready for walks. Made once by `compile`; walks do not change it. */
export interface CompiledRuleset {
  /** In the order in which the kernel lists them. */
  readonly bases: readonly CompiledBase[]
}

export interface CompiledBase {
  readonly base: BaseChain
  readonly table: Table
  readonly chain: CompiledChain
  /** A stack of jumps deeper than the table has chains is a loop. */
  readonly maxDepth: number
  /** Position in the listing: of two base chains with one priority, the kernel runs the younger one first. */
  readonly order: number
}

export interface CompiledChain {
  readonly name: string
  rules: readonly CompiledRule[]
  /** Of each rule. */
  stretches: readonly (Stretch | undefined)[]
}

export interface CompiledRule {
  readonly rule: Rule
  readonly steps: readonly Step[]
  /** For each step: does it only look? After the last one that does more, nothing matters. */
  readonly isCondition: readonly boolean[]
  readonly lastEffect: number
}

/** What a rule decided. A step that decides leaves it in `Flight.outcome`. */
export type Outcome =
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'return' }
  | { readonly kind: 'jump'; readonly chain: CompiledChain }
  | { readonly kind: 'goto'; readonly chain: CompiledChain }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'opaque'; readonly text: string }

/** Indexes sets, links jumps to chains and turns every rule into a list of small functions. */
export function compile(ruleset: Ruleset): CompiledRuleset {
  const bases = ruleset.tables.filter(({ dormant }) => !dormant).flatMap(compileTable)
  return { bases: bases.map((base, order) => ({ ...base, order })) }
}

function compileTable(table: Table): readonly Omit<CompiledBase, 'order'>[] {
  const sets = setLookup(table)
  const chains = new Map(table.chains.map(({ name }) => [name, { name, rules: [], stretches: [] } as CompiledChain]))
  for (const { name, rules } of table.chains) {
    const chain = chains.get(name)!
    chain.rules = rules.map((rule) => compileRule(rule, chains, sets))
    chain.stretches = stretchesOf(rules, sets)
  }
  const based = (chain: Chain) => (chain.base === null ? [] : [{ base: chain.base, chain: chains.get(chain.name)! }])
  return table.chains.flatMap(based).map((one) => ({ ...one, table, maxDepth: table.chains.length }))
}

function setLookup(table: Table): SetLookup {
  const definitions = new Map(table.sets.map((set) => [set.name, set]))
  const indexed = new Map<string, IndexedSet | null>()
  return (name) => {
    const known = indexed.get(name)
    if (known !== undefined) return known
    const elements = definitions.get(name)?.elements ?? null
    const set = elements === null ? null : { elements, find: indexElements(elements) }
    indexed.set(name, set)
    return set
  }
}

type Chains = ReadonlyMap<string, CompiledChain>

const CONDITIONS: ReadonlySet<Statement['kind']> = new Set(['match', 'match-bits', 'maybe'])

function compileRule(rule: Rule, chains: Chains, sets: SetLookup): CompiledRule {
  const isCondition = rule.statements.map(({ kind }) => CONDITIONS.has(kind))
  return {
    rule,
    steps: rule.statements.map((statement) => compileStatement(statement, chains, sets)),
    isCondition,
    lastEffect: isCondition.lastIndexOf(false),
  }
}

function compileStatement(statement: Statement, chains: Chains, sets: SetLookup): Step {
  switch (statement.kind) {
    case 'match':
      return compileMatch(statement, sets)
    case 'match-bits':
      return compileMatchBits(statement, sets)
    case 'maybe':
      return () => UNSURE
    case 'verdict':
      return deciding(outcomeOf(statement.verdict, chains, statement.text))
    case 'choose':
      return compileChoice(statement, chains, sets)
    case 'reject':
      return deciding({ kind: 'reject', rejection: statement.rejection })
    case 'translate':
      return compileTranslation(statement.translation, statement.text, sets)
    case 'assign':
      return compileAssign(statement.field, compileExpression(statement.value, sets), statement.text)
    case 'untrack':
      return untrack
    case 'touch':
      return (f) => {
        f.touched.add(statement.set)
        return YES
      }
    case 'opaque':
      return deciding({ kind: 'opaque', text: statement.text })
  }
}

function deciding(outcome: Outcome | null): Step {
  if (outcome === null) return () => YES
  return (f) => {
    f.outcome = outcome
    return DECIDED
  }
}

/** Null for `continue`. A jump to a chain that the table does not have is a target that nobody knows. */
function outcomeOf(verdict: Verdict, chains: Chains, text: string): Outcome | null {
  if (verdict.kind === 'continue') return null
  if (verdict.kind !== 'jump' && verdict.kind !== 'goto') return { kind: verdict.kind } as Outcome
  const chain = chains.get(verdict.chain)
  return chain === undefined ? { kind: 'opaque', text } : { kind: verdict.kind, chain }
}

function compileChoice(choice: Extract<Statement, { kind: 'choose' }>, chains: Chains, sets: SetLookup): Step {
  const membership = compileMembership(choice.keys, choice.values, sets)
  const opaque: Outcome = { kind: 'opaque', text: choice.text }
  return (f) => {
    const found = membership(f)
    if (found === null) return NO
    const datum = found?.datum
    const isVerdict = typeof datum === 'object' && datum !== null && 'kind' in datum
    const outcome = isVerdict ? outcomeOf(datum, chains, choice.text) : opaque
    if (outcome === null) return YES
    f.outcome = outcome
    return DECIDED
  }
}

/** What belongs to a connection already stays with it; an invalid packet belongs to none. */
function untrack(f: Flight): typeof YES {
  if (!f.tracked || f.ctState === CT_STATES.invalid) f.untracked = true
  return YES
}
