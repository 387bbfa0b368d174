import type { Dice } from './dice.ts'
import type { RandomChain, RandomTable, Side } from './random-nft.ts'

/** Rules for iptables-restore; `header` of a chain is its policy, `-` for one that is only jumped to. */
export function iptablesText(tables: readonly RandomTable[]): string {
  return tables
    .map(({ name, chains }) => {
      const rules = chains.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name} ${rule}\n`))
      return `*${name}\n${chains.map((chain) => `:${chain.name} ${chain.header} [0:0]\n`).join('')}${rules.join('')}COMMIT\n`
    })
    .join('')
}

type Family = 'ip' | 'ip6'

const HOOKS = {
  arriving: {
    filter: ['INPUT', 'FORWARD'],
    mangle: ['PREROUTING', 'INPUT', 'FORWARD'],
    raw: ['PREROUTING'],
    nat: ['PREROUTING', 'POSTROUTING'],
  },
  own: { filter: ['OUTPUT'], mangle: ['OUTPUT'], raw: ['OUTPUT'], nat: ['OUTPUT', 'POSTROUTING'] },
} as const

export function randomIptables(dice: Dice, family: Family, side: Side): RandomTable[] {
  const names = (['filter', 'mangle', 'raw', 'nat'] as const).filter((name) => dice.chance(name === 'filter' ? 90 : 45))
  return names.map((name) => {
    const users = name === 'nat' ? [] : ['U0', 'U1', 'U2'].slice(0, dice.below(4))
    const bases = HOOKS[side][name].map((chain): RandomChain => {
      const rules = dice.many(0, 6, () =>
        name === 'nat' ? natRule(dice, family, chain) : rule(dice, family, name, users, chain),
      )
      // The kernel's own answers to what a rule rejects shall get through.
      const before = chain === 'OUTPUT' ? [`-d ${family === 'ip' ? '10.9.0.0/16' : 'fd09::/64'} -j ACCEPT`] : []
      return {
        name: chain,
        header: name === 'filter' && dice.chance(25) ? 'DROP' : 'ACCEPT',
        rules: [...before, ...rules],
      }
    })
    const own = users.map((user, k) => ({
      name: user,
      header: '-',
      rules: dice.many(0, 4, () => rule(dice, family, name, users.slice(k + 1), 'U')),
    }))
    return { family, name, sets: [], chains: [...bases, ...own] }
  })
}

function rule(dice: Dice, family: Family, table: string, users: readonly string[], chain: string): string {
  const [protocol, conditions] = conditionsOf(dice, family)
  return `${conditions} ${target(dice, family, table, users, chain, protocol)}`
}

function conditionsOf(dice: Dice, family: Family): readonly [protocol: string, text: string] {
  const not = () => (dice.chance(20) ? '! ' : '')
  const protocol = dice.pick(['', '', 'tcp', 'tcp', 'udp', 'icmp'])
  const named = protocol === 'icmp' && family === 'ip6' ? 'ipv6-icmp' : protocol
  const source =
    family === 'ip'
      ? ['10.9.0.0/28', '10.9.0.16/28', '10.9.0.32/27', '0.0.0.1/0.0.0.1']
      : ['fd09::/124', 'fd09::10/124', 'fd09::/122']
  const destination = family === 'ip' ? ['10.8.0.2', '10.7.1.0/30', '10.7.1.1'] : ['fd08::2', 'fd07:1::/126']
  const range = family === 'ip' ? '10.9.0.5-10.9.0.30' : 'fd09::5-fd09::1e'
  const parts: string[] = named === '' ? [] : [`-p ${named}`]
  if (protocol === 'tcp' || protocol === 'udp') {
    const ports = dice.pick([
      '',
      `-m ${protocol} ${not()}--dport ${dice.pick(['22', '80:4001', '53'])}`,
      `-m ${protocol} ${not()}--sport ${dice.pick(['1024:30000', '40000:'])}`,
      `-m multiport ${not()}--dports ${dice.pick(['22,80,443', '53,4000:8080'])}`,
    ])
    parts.push(ports)
    if (protocol === 'tcp' && dice.chance(30))
      parts.push(
        `-m tcp ${not()}--tcp-flags ${dice.pick(['SYN,ACK SYN', 'FIN,SYN,RST,ACK SYN', 'ALL NONE', 'RST RST'])}`,
      )
  }
  if (protocol === 'icmp' && dice.chance(50))
    parts.push(
      family === 'ip'
        ? `-m icmp ${not()}--icmp-type ${dice.pick(['8', '13', '0/0'])}`
        : `-m icmp6 ${not()}--icmpv6-type ${dice.pick(['128', '129'])}`,
    )
  const others = [
    () => `${not()}-s ${dice.pick(source)}`,
    () => `${not()}-d ${dice.pick(destination)}`,
    () =>
      `-m conntrack ${not()}--ctstate ${dice.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT', 'NEW,UNTRACKED'])}`,
    () => `-m state --state ${dice.pick(['NEW', 'INVALID'])}`,
    () => `-m mark ${not()}--mark ${dice.pick(['0x1', '0x2/0x2', '0x0/0xff'])}`,
    () => `-m connmark ${not()}--mark ${dice.pick(['0x0', '0x1/0x1'])}`,
    () => `-m addrtype ${not()}--dst-type LOCAL`,
    () => `-m iprange ${not()}--src-range ${range}`,
    () => `-m comment --comment "a \\"quoted\\" remark"`,
    () => `-m length ${not()}--length ${dice.pick(['48', '0:50', '50:100'])}`,
    () => (family === 'ip' ? `-m ttl --ttl-eq ${dice.pick(['64', '63'])}` : `-m hl --hl-eq ${dice.pick(['64', '63'])}`),
    () => `-m pkttype ${not()}--pkt-type unicast`,
    () => (dice.chance(20) ? '-m limit --limit 1/hour --limit-burst 1' : ''),
    () => (dice.chance(20) ? '-m statistic --mode random --probability 0.5' : ''),
  ]
  const builtin = parts.splice(0, named === '' ? 0 : 1)
  const more = dice.many(0, 2, () => dice.pick(others)())
  // The same option twice is an error.
  const kinds = new Set<string>()
  const once = more.filter((part) => {
    const kind = part
      .replace(/^! /, '')
      .split(' ')
      .slice(0, part.includes('-m ') ? 2 : 1)
      .join(' ')
    return kinds.has(kind) ? false : kinds.add(kind)
  })
  return [protocol, [...builtin, ...parts, ...once].filter((part) => part !== '').join(' ')]
}

function target(
  dice: Dice,
  family: Family,
  table: string,
  users: readonly string[],
  chain: string,
  protocol: string,
): string {
  const choices = ['-j ACCEPT', '-j ACCEPT', '-j DROP', '-j RETURN', '', '-j LOG']
  if (users.length > 0) choices.push(`-j ${dice.pick(users)}`, `-j ${dice.pick(users)}`, `-g ${dice.pick(users)}`)
  if (table === 'filter' && chain !== 'U') {
    const kinds =
      family === 'ip'
        ? ['icmp-port-unreachable', 'icmp-host-prohibited', 'icmp-admin-prohibited']
        : ['icmp6-adm-prohibited', 'icmp6-no-route']
    choices.push('-j REJECT', `-j REJECT --reject-with ${dice.pick(kinds)}`)
    if (protocol === 'tcp') choices.push('-j REJECT --reject-with tcp-reset')
  }
  if (table === 'mangle') {
    choices.push(
      '-j MARK --set-xmark 0x2/0xff',
      '-j MARK --set-mark 1',
      '-j MARK --or-mark 0x2',
      '-j MARK --xor-mark 0x3',
      '-j CONNMARK --set-mark 1',
      '-j CONNMARK --save-mark',
      '-j CONNMARK --restore-mark',
      '-j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1',
    )
  }
  if (table === 'raw') choices.push('-j CT --notrack', '-j CT --notrack')
  return dice.pick(choices)
}

function natRule(dice: Dice, family: Family, chain: string): string {
  const [protocol, conditions] = conditionsOf(dice, family)
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  if (chain === 'POSTROUTING') {
    // A sender's address in IPv6 is how the packet is known again.
    if (family === 'ip6') return `${conditions} -j ACCEPT`
    return `${conditions} -j ${dice.pick(['MASQUERADE', 'SNAT --to-source 10.7.0.1', 'RETURN', 'ACCEPT'])}`
  }
  const [address, bare] = family === 'ip' ? ['10.7.1.2:8080', '10.7.1.1'] : ['[fd07:1::2]:8080', 'fd07:1::1']
  const plain = [`DNAT --to-destination ${bare}`, 'REDIRECT', 'ACCEPT', 'RETURN']
  const ported = [`DNAT --to-destination ${address}`, 'REDIRECT --to-ports 4001', 'DNAT --to-destination :22']
  return `${conditions} -j ${dice.pick(hasPorts ? [...plain, ...ported] : plain)}`
}
