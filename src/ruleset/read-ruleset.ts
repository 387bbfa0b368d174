import { type Decoded, decoded } from '../wire/bytes.ts'
import { withDevices } from './nft-devices.ts'
import { withFamilies } from './nft-families.ts'
import { type IptablesErrorCode, readIptables } from './read-iptables.ts'
import { type NftErrorCode, readNft } from './read-nft.ts'
import type { Ruleset, Table } from './ruleset.ts'

/** What the programs of a host print. Left out: the program is missing, or has nothing to tell. */
export interface RulesetTexts {
  /** `nft --json list ruleset` */
  readonly nft?: string
  /** `nft list chains`, where `nft` leaves out the devices of chains that are bound to some (nft 1.0.6 does). */
  readonly nftChains?: string
  /** `nft --debug=netlink list ruleset`, where `nft` may have left out for which family a rule is (nft 1.0.6 does). */
  readonly nftPrograms?: string
  /** `iptables-nft-save` and `ip6tables-nft-save`: the words of rules that nft's listing shows only as `xt`. */
  readonly iptablesNft?: string
  readonly ip6tablesNft?: string
  readonly iptablesLegacy?: string
  readonly ip6tablesLegacy?: string
}

export type RulesetErrorCode = NftErrorCode | IptablesErrorCode

/**
 * Every backend's rules together. Tables of iptables-nft stand in nft's listing too, where its matches are mere names:
 * where a listed table has such, its chains are taken from iptables-nft-save. The first text that cannot be read is the error.
 */
export function readRuleset(texts: RulesetTexts): Decoded<Ruleset, RulesetErrorCode> {
  const nft = texts.nft === undefined ? decoded(EMPTY) : readNft(texts.nft)
  if (!nft.ok) return nft
  const { nftChains = '', nftPrograms = '' } = texts
  const listed = withFamilies(withDevices(nft.value.tables, nftChains), nftPrograms)
  const saved: Ruleset[] = []
  for (const [text, family, backend] of [
    [texts.iptablesNft, 'ip', 'nft'],
    [texts.ip6tablesNft, 'ip6', 'nft'],
    [texts.iptablesLegacy, 'ip', 'legacy'],
    [texts.ip6tablesLegacy, 'ip6', 'legacy'],
  ] as const) {
    const read = readIptables(text ?? '', family, backend)
    if (!read.ok) return read
    saved.push(read.value)
  }
  const tables = saved.flatMap((one) => one.tables)
  const notes = [nft.value, ...saved].flatMap((one) => one.notes)
  return decoded({ tables: [...merged(listed, tables, texts.nft !== undefined)], notes })
}

const EMPTY: Ruleset = { tables: [], notes: [] }

function merged(listed: readonly Table[], saved: readonly Table[], hasListing: boolean): readonly Table[] {
  const legacy = saved.filter(({ backend }) => backend === 'legacy')
  const words = saved.filter(({ backend }) => backend === 'nft')
  const wordsOf = ({ family, name }: Table) => words.find((table) => table.family === family && table.name === name)
  const taken = listed.map((table) => (hasXt(table) ? (wordsOf(table) ?? table) : table))
  return [...(hasListing ? taken : words), ...legacy]
}

function hasXt(table: Table): boolean {
  return table.chains.some(({ rules }) =>
    rules.some(({ statements }) => statements.some(({ text }) => text.startsWith('xt '))),
  )
}
