import { NFPROTO } from './names.ts'
import { FAMILY_DOUBT, familyMatch } from './nft-statement.ts'
import type { Rule, Statement, Table } from './ruleset.ts'

/**
 * Fills in the families that nft leaves out before a TCP reset, from the programs of the rules as
 * `nft --debug=netlink list ruleset` prints them: there the kernel's own comparisons stand, all of them. What is not
 * understood stays in doubt.
 */
export function withFamilies(tables: readonly Table[], programs: string): readonly Table[] {
  if (!tables.some(isInDoubt)) return tables
  const asked = familiesIn(programs)
  return tables.map((table) => {
    if (!isInDoubt(table)) return table
    const settled = (rule: Rule, chain: string): Rule => {
      const families = asked.get(`${table.family} ${table.name} ${chain} ${rule.handle}`)
      if (families === undefined) return rule
      return { ...rule, statements: rule.statements.flatMap((one) => (one === FAMILY_DOUBT ? families : [one])) }
    }
    const chains = table.chains.map((chain) => ({
      ...chain,
      rules: chain.rules.map((rule) => settled(rule, chain.name)),
    }))
    return { ...table, chains }
  })
}

function isInDoubt({ chains }: Table): boolean {
  return chains.some(({ rules }) => rules.some(({ statements }) => statements.includes(FAMILY_DOUBT)))
}

/** What the kernel loads, then the value that it is compared to: an address family, or an EtherType in network order. */
const COMPARED: Readonly<Record<string, number>> = {
  'nfproto 0x00000002': NFPROTO.ipv4,
  'nfproto 0x0000000a': NFPROTO.ipv6,
  'protocol 0x00000008': NFPROTO.ipv4,
  'protocol 0x0000dd86': NFPROTO.ipv6,
}

const RULE = /^(\S+ \S+ \S+ \d+)(?: \d+)?$/
const LOAD = /^ {2}\[ meta load (nfproto|protocol) => reg (\d+) \]$/
const COMPARISON = /^ {2}\[ cmp eq reg (\d+) (0x[\da-f]{8}) \]$/

/** By `family table chain handle`: what a rule asks of the family; empty where it means all. Rules that ask otherwise are not there. */
function familiesIn(programs: string): ReadonlyMap<string, readonly Statement[]> {
  const found = new Map<string, Statement[]>()
  let rule = ''
  let loaded: RegExpExecArray | null = null
  for (const line of programs.split('\n')) {
    const named = RULE.exec(line)?.[1]
    if (named !== undefined) {
      rule = named
      found.set(rule, [])
    } else if (loaded !== null) {
      const [, register, value] = COMPARISON.exec(line) ?? []
      const family = register === loaded[2] ? COMPARED[`${loaded[1]} ${value}`] : undefined
      if (family === undefined) found.delete(rule)
      else found.get(rule)?.push(familyMatch(family))
    }
    loaded = named === undefined ? LOAD.exec(line) : null
  }
  return found
}
