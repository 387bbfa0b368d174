import type { Host } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { readNft } from '../../ruleset/read-nft.ts'
import type { TableFamily } from '../../ruleset/ruleset.ts'
import type { ChangeTag, NftRuleChange } from '../change.ts'
import { type Listed, ruleChange } from './rule-change.ts'
import { tagOf } from './tag.ts'

/** A rule of nftables, known by its comment. */
export const nftRule = ruleChange<NftRuleChange>({
  list,
  insert: (host, change, before) => host.netfilter.insertNftRule(chainOf(change), change.rule, tagOf(change), before),
  remove: (host, change, { number }) => host.netfilter.deleteNftRule(chainOf(change), number),
})

async function list(host: Host, change: NftRuleChange & ChangeTag): Promise<Listed> {
  const tag = tagOf(change)
  const { nft } = await host.netfilter.rulesets()
  const read = nft === undefined ? undefined : readNft(nft)
  if (read?.ok === false)
    throw new PeerwayError('not-available', errorText('error.listing-unreadable', { program: 'nft', code: read.code }))
  const chains = (read?.value.tables ?? []).flatMap((table) =>
    table.chains.map(({ name, rules }) => ({
      isHere: table.family === change.family && table.name === change.table && name === change.chain,
      rules,
    })),
  )
  const here = chains.find(({ isHere }) => isHere)?.rules ?? []
  const elsewhere = chains.filter(({ isHere }) => !isHere).flatMap(({ rules }) => rules)
  return {
    chain: here.map(({ text, handle, comment }) => ({
      text,
      number: handle,
      tagged: comment === tag,
      ours: comment === tag && text === change.rule,
    })),
    strayed: elsewhere.filter(({ comment }) => comment === tag).length,
  }
}

function chainOf({ family, table, chain }: NftRuleChange) {
  return { family: family as TableFamily, table, chain }
}
