import type { Address, Family, Transport } from '../../model/endpoint.ts'
import type { Json } from '../../ruleset/json.ts'
import { parseNftRule } from '../../ruleset/nft-statement.ts'
import { nftText } from '../../ruleset/nft-text.ts'
import { readIptables } from '../../ruleset/read-iptables.ts'
import type { Rule, TableFamily } from '../../ruleset/ruleset.ts'

/** Which packets a rule lets through: those of one port of the node, in one family. */
export interface AcceptMatch {
  readonly family: Family
  readonly transport: Transport
  /** Which end of the packet the node is: the destination of what strangers send, the source of what it answers. */
  readonly end: 'source' | 'destination'
  readonly port: number
  /** A guest's, where packets are passed on to it. */
  readonly address: Address | null
}

/** The rule for nft, as nft itself lists it, so that it is found again word for word. */
export function nftAccept(match: AcceptMatch, table: TableFamily): { readonly text: string; readonly rule: Rule } {
  const { transport, port, end } = match
  const portKey = { payload: { protocol: transport, field: end === 'destination' ? 'dport' : 'sport' } }
  const expressions = [...familyOrAddress(match, table), equals(portKey, port), { accept: null }]
  const text = expressions.map(nftText).join(' ')
  return { text, rule: { text, handle: 0, comment: null, statements: parseNftRule(expressions, table) } }
}

/** An address tells its family; a table of one family needs neither. */
function familyOrAddress({ family, address, end }: AcceptMatch, table: TableFamily): readonly Json[] {
  const isIpv4 = family === 'ipv4'
  if (address !== null) {
    const field = end === 'destination' ? 'daddr' : 'saddr'
    return [equals({ payload: { protocol: isIpv4 ? 'ip' : 'ip6', field } }, address)]
  }
  if (table === 'inet') return [equals({ meta: { key: 'nfproto' } }, family)]
  // `meta nfproto` is unknown to other families of tables.
  return table === 'netdev' ? [equals({ meta: { key: 'protocol' } }, isIpv4 ? 'ip' : 'ip6')] : []
}

function equals(left: Json, right: string | number): Json {
  return { match: { op: '==', left, right } }
}

/** The arguments for iptables or ip6tables, as `-S` lists them. */
export function iptablesAccept({ family, transport, end, port, address }: AcceptMatch): readonly string[] {
  const [addressOption, portOption] = end === 'destination' ? ['-d', '--dport'] : ['-s', '--sport']
  const host = address === null ? [] : [addressOption, `${address}/${family === 'ipv4' ? 32 : 128}`]
  return [...host, '-p', transport, '-m', transport, portOption, `${port}`, '-j', 'ACCEPT']
}

/** Arguments of iptables as a rule that can be walked. */
export function iptablesRuleOf(words: readonly string[], family: Family): Rule {
  const read = readIptables(
    `*filter\n:A - [0:0]\n-A A ${words.join(' ')}\nCOMMIT\n`,
    family === 'ipv4' ? 'ip' : 'ip6',
    'nft',
  )
  const rule = read.ok ? read.value.tables[0]?.chains[0]?.rules[0] : undefined
  if (rule === undefined) throw new RangeError(`not a rule of iptables: ${words.join(' ')}`)
  return { ...rule, handle: 0 }
}
