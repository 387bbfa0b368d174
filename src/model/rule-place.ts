import type { RuleFate, RulePlace } from './evidence.ts'
import type { MessageParams } from './message.ts'

/** What messages tell of a place in the rules: `rule` is the text of the rule that stops packets, or the chain's policy. */
export function placeParams(at: RulePlace | null): MessageParams {
  return at === null ? {} : { rule: ruleName(at)!, table: tableName(at), chain: at.chain }
}

/** The rule that stops packets, as its program writes it; a chain's policy, for only that of dropping does. */
export function ruleName(at: RulePlace | null): string | null {
  return at === null ? null : (at.rule ?? 'policy drop')
}

/** `inet filter`; the older tables are those of iptables. */
function tableName({ backend, family, table }: RulePlace): string {
  return backend === 'legacy' ? `${family === 'ip' ? 'iptables' : 'ip6tables'} ${table}` : `${family} ${table}`
}

/** Does a rule certainly stop it? */
export function isStopped(fate: RuleFate | undefined): boolean {
  return fate?.kind === 'drop' || fate?.kind === 'reject'
}
