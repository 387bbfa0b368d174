import { errorText, PeerwayError } from '../../model/error.ts'
import { type CompiledRuleset, compile } from '../../ruleset/compile.ts'
import { type RulesetTexts, readRuleset } from '../../ruleset/read-ruleset.ts'
import type { Ruleset } from '../../ruleset/ruleset.ts'
import type { Firewall } from '../../topology/topology.ts'
import { nftTextToJson } from './nft-text-to-json.ts'

interface Listed {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly handle: number
}

/** Chains that iptables makes by itself when a table is first used. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
}

/**
 * A host's firewall as a topology file gives it. PeerwayError `bad-input`, naming the words, for rules that the simulator
 * cannot follow: connections that are not tracked, and words of nft beyond those that `nftTextToJson` knows.
 */
export function readFirewall(firewall: Firewall, host: string): CompiledRuleset {
  return compileListing(listFirewall(firewall, host), host)
}

/** The same for rules as the programs of a host list them. */
export function compileListing(texts: RulesetTexts, host: string): CompiledRuleset {
  const read = readRuleset(texts)
  if (!read.ok)
    throw new PeerwayError('bad-input', errorText('error.sim-firewall', { host, code: read.code, offset: read.offset }))
  refuseUntracked(read.value, host)
  return compile(read.value)
}

/** A topology's firewall as the programs of its host would list it. */
export function listFirewall({ language, text }: Firewall, host: string): RulesetTexts {
  if (language === 'iptables') return { iptablesLegacy: asSaved(text) }
  const nft = nftTextToJson(text, host)
  return { nft, nftPrograms: programsOf(nft) }
}

/**
 * What `iptables-save` would write: it names the chains that tables have by themselves, and the match of a protocol whose
 * ports are asked for; `iptables-restore` knows both without being told.
 */
function asSaved(text: string): string {
  const tables = text.split(/^(?=\*)/m)
  return tables.map((table) => withProtocolMatches(withBuiltInChains(table))).join('')
}

function withBuiltInChains(block: string): string {
  const [, table = ''] = /^\*(\w+)/.exec(block) ?? []
  const missing = (BUILT_IN[table] ?? []).filter((chain) => !new RegExp(`^:${chain}\\b`, 'm').test(block))
  return block.replace(`*${table}`, [`*${table}`, ...missing.map((chain) => `:${chain} ACCEPT [0:0]`)].join('\n'))
}

function withProtocolMatches(text: string): string {
  return text.replaceAll(/-p (tcp|udp)\b(?! -m \1)(?=.* --(?:[ds]port|tcp-flags|syn)\b)/g, '-p $1 -m $1')
}

/** The rules' programs, in which no family is asked for: what a topology's words leave open is for both. */
function programsOf(listing: string): string {
  const { nftables } = JSON.parse(listing) as { nftables: readonly { readonly rule?: Listed }[] }
  const rules = nftables.flatMap(({ rule }) => rule ?? [])
  return rules.map(({ family, table, chain, handle }) => `${family} ${table} ${chain} ${handle}\n`).join('')
}

function refuseUntracked(ruleset: Ruleset, host: string): void {
  const rules = ruleset.tables.flatMap((table) => table.chains.flatMap((chain) => chain.rules))
  const untracking = rules.find((rule) => rule.statements.some(({ kind }) => kind === 'untrack'))
  if (untracking === undefined) return
  throw new PeerwayError('bad-input', errorText('error.sim-untracked', { rule: untracking.text, host }))
}
