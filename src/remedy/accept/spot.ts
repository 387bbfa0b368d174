import type { Place } from '../../ruleset/fate.ts'
import type { Ruleset } from '../../ruleset/ruleset.ts'
import type { ChangeContent } from '../change.ts'
import { withoutChain } from '../changes/iptables-rule.ts'
import { type AcceptMatch, iptablesAccept, iptablesRuleOf, nftAccept } from './accept-match.ts'
import { type ChainOf, isIptables, withRule } from './edit-ruleset.ts'

/** One way to let packets past the place that stops them, and the rule set as it would be then. */
export interface Spot {
  readonly content: ChangeContent
  readonly ruleset: Ruleset
}

/** What is stopped, and the interface by which strangers' packets come in. */
export interface Stop {
  readonly at: Place
  readonly match: AcceptMatch
  readonly interface: string
}

/** An accept rule before the rule at `index`. Of rules with the same words the first is taken, for they are found by them. */
export function ruleSpot(ruleset: Ruleset, place: ChainOf, index: number, match: AcceptMatch): Spot {
  const { table, chain } = place
  const before = chain.rules[index]?.text ?? null
  const at = before === null ? index : chain.rules.findIndex(({ text }) => text === before)
  if (isIptables(table)) {
    const rule = iptablesAccept(match)
    const content: ChangeContent = {
      kind: 'iptables-rule',
      backend: table.backend,
      family: table.family === 'ip' ? 'ipv4' : 'ipv6',
      table: table.name,
      chain: chain.name,
      before: before === null ? null : withoutChain(before, chain.name),
      rule,
    }
    return { content, ruleset: withRule(ruleset, place, at, iptablesRuleOf(rule, match.family)) }
  }
  const { text, rule } = nftAccept(match, table.family)
  const { family, name } = table
  return {
    content: { kind: 'nft-rule', family, table: name, chain: chain.name, before, rule: text },
    ruleset: withRule(ruleset, place, at, rule),
  }
}
