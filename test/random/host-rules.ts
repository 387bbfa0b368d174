import type { Family, Transport } from '../../src/model/endpoint.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { FIREWALLS, type FirewallName, type KnownFirewall } from './firewalls.ts'
import type { GuestRecipe, PortName } from './recipe.ts'

export const GUEST_NETWORK = '172.17.0.0/16'
export const GUEST_NETWORK_6 = '2001:db8:77::/64'
/** The guest is the first on its network: see `layOut`. */
const GUEST = '172.17.0.10'
const GUEST_6 = '2001:db8:77::a'

/** What a node does with the packets of others, read off the comment that its rules begin with. */
export interface NodeRules {
  readonly firewall: KnownFirewall | undefined
  readonly guest: GuestRecipe | null
}

/** The rules of a node: a firewall's, and those that take ports to a guest. Undefined: none. */
export function nodeFirewall(name: FirewallName | null, guest: GuestRecipe | null): object | undefined {
  const base = name === null ? undefined : FIREWALLS.get(name)!
  if (guest === null) return base && { [base.language]: `${known({ name, guest })}${base.text}` }
  const inIptables = base === undefined ? guest.style === 'iptables' : base.language === 'iptables'
  const style = inIptables ? 'iptables' : guest.style === 'iptables' ? 'nft-ip' : guest.style
  const told = known({ name, guest: { ...guest, style } })
  if (inIptables) return { iptables: `${told}${iptablesRules(base?.text ?? '*filter\nCOMMIT\n', guest)}` }
  return { nft: `${told}${base?.text ?? ''}${nftRules({ ...guest, style })}` }
}

function known(value: { readonly name: FirewallName | null; readonly guest: GuestRecipe | null }): string {
  return `# ${JSON.stringify(value)}\n`
}

export function rulesOf(topology: Topology): NodeRules {
  const { firewall } = topology.hosts.find(({ name }) => name === 'node')!
  const [, told] = /^# (\{.*\})$/m.exec(firewall?.text ?? '') ?? []
  if (told === undefined) return { firewall: undefined, guest: null }
  const { name, guest } = JSON.parse(told) as { name: FirewallName | null; guest: GuestRecipe | null }
  return { firewall: name === null ? undefined : FIREWALLS.get(name), guest }
}

/** Is the port taken to the guest? */
export function isPublished(guest: GuestRecipe | null, transport: Transport, family: Family, port: number): boolean {
  if (guest === null || !guest.published.includes(`${transport}/${port}` as PortName)) return false
  return family === 'ipv4' || guest.style === 'nft-inet'
}

/** A guest's programs hold other ports than the host's where the rules take them there. */
export function guestPort(guest: GuestRecipe, port: number): number {
  return guest.shifts ? port + 1000 : port
}

function portsOf({ published }: GuestRecipe): readonly (readonly [transport: string, port: number])[] {
  return published.map((name) => [name.split('/')[0]!, Number(name.split('/')[1])] as const)
}

function nftRules(guest: GuestRecipe): string {
  const forward = {
    none: '',
    accepts: 'ct state established,related accept\n    ct status dnat accept\n    iifname "inside" accept',
    drops: 'ct state established,related accept\n    iifname "inside" accept\n    tcp dport 80 accept',
    rejects: 'ct state established,related accept\n    iifname "inside" accept\n    reject',
  }[guest.forward]
  const filter =
    forward === ''
      ? ''
      : `table inet passing {\n  chain forward {\n    type filter hook forward priority filter; policy drop\n    ${forward}\n  }\n}\n`
  return `${filter}${guest.style === 'nft-map' ? mapTable(guest) : natTable(guest)}`
}

function natTable(guest: GuestRecipe): string {
  const inet = guest.style === 'nft-inet'
  const to = (family: 'ip' | 'ip6', port: number) => {
    const address = family === 'ip' ? GUEST : `[${GUEST_6}]`
    return `dnat ${inet ? `${family} ` : ''}to ${address}:${guestPort(guest, port)}`
  }
  const rules = portsOf(guest).flatMap(([transport, port]) => [
    `${inet ? 'meta nfproto ipv4 ' : ''}fib daddr type local ${transport} dport ${port} ${to('ip', port)}`,
    ...(inet ? [`meta nfproto ipv6 fib daddr type local ${transport} dport ${port} ${to('ip6', port)}`] : []),
  ])
  return natChains(inet ? 'inet' : 'ip', '', rules)
}

function mapTable(guest: GuestRecipe): string {
  const element = ([transport, port]: readonly [string, number]) =>
    `${transport} . ${port} : ${GUEST} . ${guestPort(guest, port)}`
  const elements = portsOf(guest).map(element)
  const map = `  map taken {\n    type inet_proto . inet_service : ipv4_addr . inet_service\n${
    elements.length === 0 ? '' : `    elements = { ${elements.join(', ')} }\n`
  }  }\n`
  return natChains('ip', map, ['fib daddr type local dnat ip to meta l4proto . th dport map @taken'])
}

function natChains(family: string, sets: string, rules: readonly string[]): string {
  return `table ${family} passing-nat {
${sets}  chain pre {
    type nat hook prerouting priority dstnat
    ${rules.join('\n    ')}
  }
  chain post {
    type nat hook postrouting priority srcnat
    oifname "eth0" masquerade
  }
}
`
}

/** Into one block a table, for each further one would take the place of the first. */
function iptablesRules(base: string, guest: GuestRecipe): string {
  const passes = ['-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A FORWARD -i inside -j ACCEPT']
  const forward = {
    none: [],
    accepts: [...passes, '-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT', '-A FORWARD -j DROP'],
    drops: [...passes, '-A FORWARD -j DROP'],
    rejects: [...passes, '-A FORWARD -j REJECT'],
  }[guest.forward]
  const filter = base.replace(/COMMIT\n$/, [...forward, 'COMMIT', ''].join('\n'))
  const nat = portsOf(guest).map(([transport, port]) => {
    const match = `-p ${transport} -m addrtype --dst-type LOCAL -m ${transport} --dport ${port}`
    return `-A PREROUTING ${match} -j DNAT --to-destination ${GUEST}:${guestPort(guest, port)}`
  })
  return `${filter}${['*nat', ...nat, '-A POSTROUTING -o eth0 -j MASQUERADE', 'COMMIT', ''].join('\n')}`
}
