import type { IptablesChain, NftChain } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { splitWords } from '../../ruleset/iptables-words.ts'
import type { RulesetTexts } from '../../ruleset/read-ruleset.ts'
import { nftTextToJson } from './nft-text-to-json.ts'

/** A rule of nft's JSON listing, as far as changing it needs. */
interface ListedRule {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly handle: number
  readonly comment?: string
  readonly expr: unknown
}

type Listed = { readonly rule?: ListedRule } & { readonly chain?: NamedChain }

interface NamedChain {
  readonly family: string
  readonly table: string
  readonly name: string
}

/** The listing with one more rule, as the kernel would have it; see `Netfilter.insertNftRule`. */
export function withNftRule(
  texts: RulesetTexts,
  chain: NftChain,
  rule: string,
  comment: string,
  before: number | null,
): RulesetTexts {
  const listed = listing(texts)
  const at = before === null ? endOf(listed, chain) : listed.findIndex((one) => isRule(one, chain, before))
  if (at < 0) throw gone(`${chain.family} ${chain.table} ${chain.chain}`)
  const handle = listed.reduce((most, one) => Math.max(most, one.rule?.handle ?? 0), 0) + 1
  const added = { rule: { ...chain, handle, comment, expr: expressionsOf(chain, rule) } }
  return { ...texts, nft: JSON.stringify({ nftables: listed.toSpliced(at, 0, added) }) }
}

export function withoutNftRule(texts: RulesetTexts, chain: NftChain, handle: number): RulesetTexts {
  const listed = listing(texts)
  const at = listed.findIndex((one) => isRule(one, chain, handle))
  if (at < 0) throw gone(`handle ${handle}`)
  return { ...texts, nft: JSON.stringify({ nftables: listed.toSpliced(at, 1) }) }
}

/** The same of `iptables-save`; `before` counts the rules of the chain from 1. */
export function withIptablesRule(
  texts: RulesetTexts,
  chain: IptablesChain,
  rule: readonly string[],
  before: number | null,
): RulesetTexts {
  const { lines, rules, commit } = blockOf(texts, chain)
  const at = before === null ? commit : rules[before - 1]
  if (at === undefined) throw gone(`rule ${before} of ${chain.chain}`)
  return changed(texts, chain, lines.toSpliced(at, 0, ['-A', chain.chain, ...rule].map(quoted).join(' ')))
}

export function withoutIptablesRule(texts: RulesetTexts, chain: IptablesChain, rule: readonly string[]): RulesetTexts {
  const { lines, rules } = blockOf(texts, chain)
  const wanted = ['-A', chain.chain, ...rule].join(' ')
  const at = rules.find((index) => splitWords(lines[index]!)?.join(' ') === wanted)
  if (at === undefined) throw gone(wanted)
  return changed(texts, chain, lines.toSpliced(at, 1))
}

// ---------------------------------------------------------------------------------------------- nft

function listing(texts: RulesetTexts): readonly Listed[] {
  return texts.nft === undefined ? [] : (JSON.parse(texts.nft) as { nftables: readonly Listed[] }).nftables
}

function isRule({ rule }: Listed, { family, table, chain }: NftChain, handle: number): boolean {
  return rule?.family === family && rule.table === table && rule.chain === chain && rule.handle === handle
}

/** Behind the last rule of the chain, or behind the chain itself; -1 where there is none. */
function endOf(listed: readonly Listed[], { family, table, chain }: NftChain): number {
  const last = listed.findLastIndex(
    (one) =>
      (one.rule?.family === family && one.rule.table === table && one.rule.chain === chain) ||
      (one.chain?.family === family && one.chain.table === table && one.chain.name === chain),
  )
  return last < 0 ? -1 : last + 1
}

function expressionsOf({ family, table, chain }: NftChain, rule: string): unknown {
  const json = nftTextToJson(`table ${family} ${table} { chain ${chain} { ${rule}; } }`, 'a simulated machine')
  return (JSON.parse(json) as { nftables: readonly Listed[] }).nftables.find((one) => one.rule !== undefined)?.rule
    ?.expr
}

// ---------------------------------------------------------------------------------------------- iptables

function textKey({ backend, family }: IptablesChain): keyof RulesetTexts {
  if (backend === 'nft') return family === 'ipv4' ? 'iptablesNft' : 'ip6tablesNft'
  return family === 'ipv4' ? 'iptablesLegacy' : 'ip6tablesLegacy'
}

interface Block {
  readonly lines: readonly string[]
  /** Lines of the chain's rules, in order. */
  readonly rules: readonly number[]
  readonly commit: number
}

function blockOf(texts: RulesetTexts, chain: IptablesChain): Block {
  const lines = (texts[textKey(chain)] ?? '').split('\n')
  const start = lines.indexOf(`*${chain.table}`)
  const commit = lines.indexOf('COMMIT', Math.max(start, 0))
  const inside = [...lines.keys()].slice(start, commit)
  const isChain = inside.some((index) => lines[index]!.startsWith(`:${chain.chain} `))
  if (start < 0 || commit < 0 || !isChain) throw gone(`chain ${chain.chain} of table ${chain.table}`)
  return { lines, rules: inside.filter((index) => lines[index]!.startsWith(`-A ${chain.chain} `)), commit }
}

function changed(texts: RulesetTexts, chain: IptablesChain, lines: readonly string[]): RulesetTexts {
  return { ...texts, [textKey(chain)]: lines.join('\n') }
}

/** As iptables-save quotes: what is not plain. */
function quoted(word: string): string {
  return /^[\w.,/!-]+$/.test(word) ? word : `"${word.replaceAll(/[\\"]/g, '\\$&')}"`
}

function gone(what: string): PeerwayError {
  return new PeerwayError('busy', errorText('error.not-there', { what }))
}
