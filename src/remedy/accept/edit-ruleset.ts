import type { Place } from '../../ruleset/fate.ts'
import type { Chain, Rule, Ruleset, Table } from '../../ruleset/ruleset.ts'

/** One chain of a rule set. */
export interface ChainOf {
  readonly table: Table
  readonly chain: Chain
}

/** The table that a place lies in. */
export function tableOf(
  ruleset: Ruleset,
  { backend, family, table }: Omit<Place, 'rule' | 'hook' | 'chain'>,
): Table | undefined {
  return ruleset.tables.find((one) => one.backend === backend && one.family === family && one.name === table)
}

export function chainIn(table: Table, name: string): ChainOf | undefined {
  const chain = table.chains.find((one) => one.name === name)
  return chain === undefined ? undefined : { table, chain }
}

/** Where in its chain a place's rule stands; the chain's length for its policy; -1 where it is not found. */
export function indexOf({ chain }: ChainOf, { rule }: Place): number {
  if (rule === null) return chain.rules.length
  return chain.rules.findIndex(({ handle, text }) => handle === rule.handle && text === rule.text)
}

/** The rule set as it would be with one more rule, before the one at `index`. */
export function withRule(ruleset: Ruleset, { table, chain }: ChainOf, index: number, rule: Rule): Ruleset {
  const longer: Chain = { ...chain, rules: chain.rules.toSpliced(index, 0, rule) }
  const changed: Table = { ...table, chains: table.chains.map((one) => (one.name === chain.name ? longer : one)) }
  const isIt = (one: Table) => one.backend === table.backend && one.family === table.family && one.name === table.name
  return { ...ruleset, tables: ruleset.tables.map((one) => (isIt(one) ? changed : one)) }
}

/** Is it iptables that speaks of this table? Then its rules are in its words. */
export function isIptables({ backend, chains }: Table): boolean {
  return backend === 'legacy' || chains.some(({ rules }) => rules.some(({ text }) => text.startsWith('-A ')))
}
