import type { Dice } from './dice.ts'

/** Rules in a form from which any can be left out; `nftText` writes it for nft. */
export interface RandomTable {
  readonly family: 'ip' | 'ip6' | 'inet'
  readonly name: string
  readonly sets: readonly string[]
  readonly chains: readonly RandomChain[]
}

export interface RandomChain {
  readonly name: string
  readonly header: string
  readonly rules: readonly string[]
}

export function nftText(tables: readonly RandomTable[]): string {
  return tables
    .map(({ family, name, sets, chains }) => {
      // Chains first without rules, so that any may jump to any that stands after it.
      const bodies = chains
        .toReversed()
        .map(
          (chain) =>
            `  chain ${chain.name} {\n    ${chain.header}\n${chain.rules.map((rule) => `    ${rule}\n`).join('')}  }\n`,
        )
      return `table ${family} ${name} {\n${sets.map((set) => `  ${set}\n`).join('')}${bodies.join('')}}\n`
    })
    .join('')
}

type Family = RandomTable['family']

const V4_PREFIXES = ['10.9.0.0/28', '10.9.0.16/28', '10.9.0.0/26', '10.9.0.32/27', '10.0.0.0/8']
const V6_PREFIXES = ['fd09::/124', 'fd09::10/124', 'fd09::/122', 'fd00::/8']
const PORT_SETS = ['{ 22, 53, 80 }', '{ 80-443, 4001 }', '{ 1-65535 }', '{ 22, 8000-9000, 30303 }']
const DESTINATIONS = ['10.8.0.2', '10.8.0.3', '10.7.1.1', '10.7.1.2', '10.7.1.3', '10.7.1.0/30']
const DESTINATIONS6 = ['fd08::2', 'fd08::3', 'fd07:1::1', 'fd07:1::2', 'fd07:1::/126']

const SETS = [
  'set v4 { type ipv4_addr; flags interval; elements = { 10.9.0.0/29, 10.9.0.20-10.9.0.30, 10.9.0.40 } }',
  'set v6 { type ipv6_addr; flags interval; elements = { fd09::/125, fd09::14-fd09::1e, fd09::28 } }',
  'set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.9.0.0/27 . 22-80, 10.9.0.32/27 . 4001, 10.9.0.1 . 8080 } }',
  'set exact { type ipv4_addr . inet_proto . inet_service; elements = { 10.8.0.2 . tcp . 22, 10.8.0.2 . udp . 53, 10.7.1.1 . tcp . 80 } }',
  'map marks { type inet_service : mark; elements = { 22 : 1, 53 : 2, 80 : 3, 443 : 0x10 } }',
  'map fates { type ipv4_addr : verdict; flags interval; elements = { 10.9.0.0/29 : drop, 10.9.0.8/29 : accept, 10.9.0.16/29 : continue } }',
  'map to { type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.7.1.2 . 8080, 443 : 10.8.0.3 . 22 } }',
]

/** Of packets that come in, or of the host's own. */
export type Side = 'arriving' | 'own'

const HOOKS = {
  arriving: ['prerouting', 'input', 'forward', 'postrouting'],
  own: ['output', 'output', 'output', 'postrouting'],
} as const

/** The kernel's own answers to what a rule rejects shall get through. */
const LET_ANSWERS = {
  arriving: ['iifname != "h0" accept'],
  own: ['ip daddr 10.9.0.0/16 accept', 'ip6 daddr fd09::/64 accept'],
}

function letAnswers(family: Family, hook: string, side: Side): readonly string[] {
  if (hook !== 'postrouting' && hook !== 'output') return []
  const other = family === 'ip' ? 'ip6 ' : family === 'ip6' ? 'ip ' : 'none'
  return LET_ANSWERS[side].filter((rule) => !rule.startsWith(other))
}

export function randomTables(dice: Dice, side: Side): RandomTable[] {
  return dice.many(1, 3, () => 0).map((_, index) => randomTable(dice, index, side))
}

function randomTable(dice: Dice, index: number, side: Side): RandomTable {
  const family = dice.pick(['inet', 'inet', 'ip', 'ip6'] as const)
  const depth = dice.below(4)
  const users = Array.from({ length: depth }, (_, level) => {
    const below = Array.from({ length: depth - level - 1 }, (_unused, k) => `u${level + 1 + k}`)
    const rules = dice.many(0, 5, () => randomRule(dice, family, 'user', below))
    return { name: `u${level}`, header: '', rules }
  })
  const names = users.map(({ name }) => name)
  const bases = dice.many(1, 4, () => 0).map((_, k) => randomBase(dice, family, `b${k}`, names, side))
  return { family, name: `t${index}`, sets: SETS, chains: [...bases, ...users] }
}

function randomBase(dice: Dice, family: Family, name: string, users: readonly string[], side: Side): RandomChain {
  if (dice.chance(20)) return randomNat(dice, family, name, side)
  const hook = dice.pick(HOOKS[side])
  const priority = dice.pick([-310, -300, -150, -110, -90, 0, 0, 10, 50, 110])
  const policy = dice.chance(20) ? 'drop' : 'accept'
  const before = letAnswers(family, hook, side)
  const rules = dice.many(0, 7, () => randomRule(dice, family, hook, users))
  const type = hook === 'output' && dice.chance(25) ? 'route' : 'filter'
  const header = `type ${type} hook ${hook} priority ${priority}; policy ${policy};`
  return { name, header, rules: [...before, ...rules] }
}

function randomNat(dice: Dice, family: Family, name: string, side: Side): RandomChain {
  const destination = dice.chance(75)
  const hook = destination ? (side === 'own' ? 'output' : 'prerouting') : 'postrouting'
  const header = `type nat hook ${hook} priority ${destination ? -100 : 100};`
  const before = letAnswers(family, hook, side)
  const rules = dice.many(1, 5, () => {
    const conditions = dice.many(0, 2, () => condition(dice, family)).join(' ')
    return `${conditions} ${destination ? destinationNat(dice, family) : sourceNat(dice, family)}`
  })
  return { name, header, rules: [...before, ...rules] }
}

function destinationNat(dice: Dice, family: Family): string {
  const ip = family === 'ip6' || (family === 'inet' && dice.chance(40)) ? 'ip6' : 'ip'
  const address = ip === 'ip' ? dice.pick(['10.7.1.1', '10.7.1.5', '10.8.0.3']) : dice.pick(['fd07:1::1', 'fd08::3'])
  const port = ip === 'ip' ? `${address}:8080` : `[${address}]:8080`
  const proto = dice.pick(['meta l4proto tcp', 'meta l4proto udp'])
  const choices = [
    `dnat ${ip} to ${address}`,
    `${proto} dnat ${ip} to ${port}`,
    `${proto} redirect to :4001`,
    'redirect',
  ]
  if (ip === 'ip')
    choices.push('dnat ip to tcp dport map { 80 : 10.7.1.3, 22 : 10.8.0.2 }', 'dnat ip to tcp dport map @to')
  return dice.pick([...choices, 'accept', 'return', 'counter'])
}

/** Of IPv4 alone: a translated packet is known again by its identification field, which IPv6 has not. */
function sourceNat(dice: Dice, family: Family): string {
  if (family === 'ip6') return dice.pick(['accept', 'counter'])
  return `meta nfproto ipv4 ${dice.pick(['masquerade', 'masquerade', 'snat ip to 10.7.0.1', 'accept', 'counter'])}`
}

function randomRule(dice: Dice, family: Family, hook: string, users: readonly string[]): string {
  const conditions = dice.many(0, 3, () => condition(dice, family))
  return `${conditions.join(' ')} ${statement(dice, family, hook, users)}`
}

function condition(dice: Dice, family: Family): string {
  const not = dice.chance(20) ? '!= ' : ''
  const v4 = () =>
    dice.pick([
      `ip saddr ${not}${dice.pick(V4_PREFIXES)}`,
      `ip saddr ${not}10.9.0.${dice.below(30)}-10.9.0.${30 + dice.below(20)}`,
      `ip saddr ${not}@v4`,
      `ip saddr ${not}{ 10.9.0.1, 10.9.0.8/29, 10.9.0.33-10.9.0.50 }`,
      `ip saddr & 0.0.0.1 == 0.0.0.${dice.below(2)}`,
      `ip daddr ${not}${dice.pick(DESTINATIONS)}`,
      `ip saddr . tcp dport ${not}@pairs`,
      `ip daddr . ip protocol . th dport ${not}@exact`,
      `ip saddr . th dport ${not}{ 10.9.0.0/26 . 22, 10.9.0.3 . 53-443, 10.9.0.4-10.9.0.40 . 4001 }`,
      `icmp type ${not}{ echo-request, timestamp-request }`,
      `icmp type ${not}echo-request`,
      `ct original ip saddr ${not}10.9.0.0/27`,
      `ip ttl ${dice.pick(['64', '< 64', '>= 63'])}`,
      `ip protocol ${not}tcp`,
    ])
  const v6 = () =>
    dice.pick([
      `ip6 saddr ${not}${dice.pick(V6_PREFIXES)}`,
      `ip6 saddr ${not}@v6`,
      `ip6 saddr ${not}{ fd09::1, fd09::8/125 }`,
      `ip6 daddr ${not}${dice.pick(DESTINATIONS6)}`,
      `icmpv6 type ${not}echo-request`,
      `ip6 hoplimit ${not}64`,
    ])
  const any = () =>
    dice.pick([
      `tcp dport ${not}${dice.pick(['22', '80', '4001', '1-1024'])}`,
      `udp dport ${not}${dice.pick(['53', '4001', '30303'])}`,
      `tcp dport ${not}${dice.pick(PORT_SETS)}`,
      `udp sport ${dice.pick(['>= 30000', '< 30000', '1024-20000'])}`,
      `meta l4proto { tcp, udp } th dport ${not}${dice.pick(PORT_SETS)}`,
      `meta l4proto ${not}${dice.pick(['tcp', 'udp', '{ tcp, udp }', 'icmp', 'ipv6-icmp'])}`,
      `meta nfproto ${not}ipv4`,
      `iifname ${not}${dice.pick(['"h0"', '"h1"', '"h*"', '"x*"', '{ "h0", "lo" }'])}`,
      `oifname ${not}${dice.pick(['"h0"', '"h1"', '"h*"', '{ "h0", "lo" }'])}`,
      `iif ${not}"h0"`,
      `oif ${not}"h1"`,
      `ct state ${dice.pick(['new', 'established,related', 'invalid', 'new,invalid', 'untracked', '{ new, untracked }', '!= new'])}`,
      `ct status dnat`,
      `ct status snat,dnat`,
      `ct direction ${not}original`,
      `ct mark ${not}${dice.below(3)}`,
      `meta mark ${not}${dice.below(4)}`,
      `meta mark & 0x2 == ${dice.pick(['0', '2'])}`,
      `tcp flags syn`,
      `tcp flags != syn`,
      `tcp flags ! syn`,
      `tcp flags & (fin|syn|rst|ack) == syn`,
      `tcp flags & (syn|ack) == (syn|ack)`,
      `tcp flags syn,ack`,
      `tcp flags { syn, ack }`,
      `fib daddr type ${not}local`,
      // Not both '< 45' and '> 50', which nothing fulfils: nft 1.0.6 lists that pair as '!= 45-50', which much does.
      `meta length ${dice.pick(['< 52', '48', '> 50'])}`,
      `meta pkttype ${not}host`,
      ...(dice.chance(15) ? ['limit rate 1/hour burst 1 packets', 'numgen random mod 2 0'] : []),
    ])
  if (family === 'ip') return dice.chance(50) ? v4() : any()
  if (family === 'ip6') return dice.chance(50) ? v6() : any()
  return dice.pick([v4, v6, any, any])()
}

function statement(dice: Dice, family: Family, hook: string, users: readonly string[]): string {
  const choices = [
    'accept',
    'accept',
    'accept',
    'drop',
    'drop',
    'return',
    'continue',
    'counter',
    'counter accept comment "why not"',
    `meta mark set ${dice.below(4)}`,
    'meta mark set meta mark | 0x2',
    'meta mark set meta mark & 0x1 ^ 0x3',
    'meta mark set ct mark',
    `ct mark set ${dice.below(3)}`,
    'ct mark set meta mark',
    'meta mark set tcp dport map @marks',
    'notrack',
    'ct state vmap { invalid : drop, new : continue, established : accept }',
    'iifname vmap { "h0" : continue, "h1" : drop }',
    'meta l4proto vmap { tcp : accept, icmp : drop }',
    'ct state new drop',
  ]
  if (family !== 'ip6')
    choices.push('ip saddr vmap @fates', 'ip daddr . tcp dport vmap { 10.8.0.2 . 22 : drop, 10.7.1.1 . 80 : accept }')
  if (users.length > 0) {
    const user = dice.pick(users)
    choices.push(
      `jump ${user}`,
      `jump ${user}`,
      `goto ${user}`,
      `tcp dport vmap { 22 : jump ${user}, 80 : goto ${user}, 443 : return }`,
    )
  }
  if (hook === 'input' || hook === 'forward' || hook === 'output') {
    const of =
      family === 'ip'
        ? ['icmp host-prohibited', 'icmp net-unreachable']
        : ['icmpv6 addr-unreachable', 'icmpv6 no-route']
    const generic = family === 'inet' ? ['icmpx admin-prohibited', 'icmpx host-unreachable', 'icmpx no-route'] : of
    choices.push('reject', 'reject', 'reject with tcp reset', `reject with ${dice.pick(generic)}`)
  }
  return dice.pick(choices)
}

/** Without the rules that nft complains of: conditions thrown together often contradict one another. */
export function withoutRefused(tables: readonly RandomTable[], complaint: string): RandomTable[] {
  const lines = nftText(tables).split('\n')
  // The room puts one line before the rules.
  const numbers = [...complaint.matchAll(/^\/dev\/stdin:([0-9]+):/gm)].map(([, number]) => Number(number) - 2)
  const refused = new Set(numbers.map((number) => lines[number]?.trim()))
  return tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.filter((rule) => !refused.has(rule.trim())) })),
  }))
}
