import type { Host } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { splitWords } from '../../ruleset/iptables-words.ts'
import { readIptables } from '../../ruleset/read-iptables.ts'
import type { RulesetTexts } from '../../ruleset/read-ruleset.ts'
import type { ChangeTag, IptablesRuleChange } from '../change.ts'
import { type Listed, ruleChange } from './rule-change.ts'
import { tagOf } from './tag.ts'

/** A rule of iptables or ip6tables, of either back end, known by its comment. */
export const iptablesRule = ruleChange<IptablesRuleChange>({
  list,
  insert: (host, change, before) => host.netfilter.insertIptablesRule(change, taggedRule(change), before),
  // By its words, the tag among them: no other rule can be meant, wherever it stands by now.
  remove: (host, change) => host.netfilter.deleteIptablesRule(change, taggedRule(change)),
})

/** The comment goes before the target, as iptables lists it. */
export function taggedRule(change: IptablesRuleChange & ChangeTag): readonly string[] {
  const { rule } = change
  const target = rule.lastIndexOf('-j')
  return [...rule.slice(0, target), '-m', 'comment', '--comment', tagOf(change), ...rule.slice(target)]
}

async function list(host: Host, change: IptablesRuleChange & ChangeTag): Promise<Listed> {
  const tag = tagOf(change)
  const family = change.family === 'ipv4' ? 'ip' : 'ip6'
  const saved = (await host.netfilter.rulesets())[textKey(change)] ?? ''
  const read = readIptables(saved, family, change.backend)
  if (!read.ok)
    throw new PeerwayError(
      'not-available',
      errorText('error.listing-unreadable', { program: `${family}tables`, code: read.code }),
    )
  const chains = read.value.tables.flatMap(({ name, chains }) =>
    chains.map((chain) => ({ isHere: name === change.table && chain.name === change.chain, rules: chain.rules })),
  )
  const here = chains.find(({ isHere }) => isHere)?.rules ?? []
  const elsewhere = chains.filter(({ isHere }) => !isHere).flatMap(({ rules }) => rules)
  const wanted = ['-A', change.chain, ...taggedRule(change)].join(' ')
  return {
    chain: here.map(({ text, comment }, index) => ({
      text: withoutChain(text, change.chain),
      number: index + 1,
      tagged: comment === tag,
      ours: splitWords(text)?.join(' ') === wanted,
    })),
    strayed: elsewhere.filter(({ comment }) => comment === tag).length,
  }
}

function textKey({ backend, family }: IptablesRuleChange): keyof RulesetTexts {
  if (backend === 'nft') return family === 'ipv4' ? 'iptablesNft' : 'ip6tablesNft'
  return family === 'ipv4' ? 'iptablesLegacy' : 'ip6tablesLegacy'
}

/** Of `-A INPUT -j DROP`: `-j DROP`. */
export function withoutChain(text: string, chain: string): string {
  return text.startsWith(`-A ${chain} `) ? text.slice(chain.length + 4) : text
}
