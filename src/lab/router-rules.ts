import type { Address } from '../model/endpoint.ts'
import { type Box, type Nat, SERVED_OUTSIDE } from '../topology/topology.ts'

/** What rules need to know of a router beside its own description. */
export interface RouterAddresses {
  /** Its IPv4 address outside; null where it has none. */
  readonly outside: Address | null
  /** The same inside. */
  readonly inside: Address | null
  /** IPv4 address of a name that a forward or the DMZ leads to. */
  readonly target: (name: string) => Address
}

/**
 * An nft rule set that makes the kernel behave as a router or carrier is described. Interfaces are called `inside`
 * and `outside`.
 *
 * conntrack alone is address-and-port-dependent filtering. The others are made as real boxes make them: each packet
 * outwards is remembered in a map, and what comes from outside is looked up there. Port preservation is what the
 * kernel does by itself; without it the port is changed by a fixed exclusive-or, so that the mapping stays one to one.
 */
export function routerRules(box: Box, addresses: RouterAddresses): string {
  const { outside } = addresses
  const translation = box.nat === null || outside === null ? '' : natTable(box, box.nat, outside, addresses)
  return `${filterTable(box)}\n${translation}`
}

/** What a router lets through, and what it lets in to itself: nothing from outside but ICMP. */
function filterTable(box: Box): string {
  const untranslated = box.nat === null ? 'accept' : 'meta nfproto ipv6 accept'
  return `table inet ${ROUTER_TABLE} {
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    iifname inside accept
    ct status dnat accept
    ${box.firewall === 'open' ? untranslated : ''}
    ${box.portMapping.length > 0 ? 'jump miniupnpd' : ''}
  }
  chain input {
    type filter hook input priority filter; policy drop
    iifname { lo, inside } accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    ${box.portMappingOutside ? OWN_PORTS : ''}
  }
  ${box.portMapping.length > 0 ? MINIUPNPD_CHAINS : ''}
}`
}

const OWN_PORTS = (['udp', 'tcp'] as const)
  .map((transport) => `meta nfproto ipv4 ${transport} dport { ${SERVED_OUTSIDE[transport].join(', ')} } accept`)
  .join('\n    ')

/** The table in which miniupnpd finds its chains. */
export const ROUTER_TABLE = 'peerway-router'

const MINIUPNPD_CHAINS = `chain miniupnpd {
  }
  chain prerouting_miniupnpd {
  }
  chain postrouting_miniupnpd {
  }
  chain mapped-in {
    type nat hook prerouting priority dstnat
    jump prerouting_miniupnpd
  }
  chain mapped-out {
    type nat hook postrouting priority srcnat
    jump postrouting_miniupnpd
  }`

function natTable(box: Box, nat: Nat, outside: Address, { inside, target }: RouterAddresses): string {
  const timed = `flags dynamic,timeout; timeout ${nat.udpTimeoutSeconds}s; size 65536;`
  const sides = nat.hairpinning ? '{ inside, outside }' : 'outside'
  return `table ip peerway-nat {
  map mapped { type inet_proto . inet_service : ipv4_addr . inet_service; ${timed} }
  map opened { type inet_proto . inet_service . ipv4_addr : ipv4_addr . inet_service; ${timed} }
  map contacted { type ipv4_addr : ipv4_addr; ${timed} }
  chain destination {
    type nat hook prerouting priority dstnat
    iifname ${sides} ip daddr ${outside} meta l4proto { tcp, udp } jump inwards
  }
  chain inwards {
${lines([...forwarding(box, target), ...lookups(nat), ...dmz(box, target), ...serving(box, inside)])}
  }
  chain source {
    type nat hook postrouting priority srcnat
    oifname outside jump translate
    iifname inside oifname inside ct status dnat jump translate
  }
  chain translate {
${lines(translation(nat, outside))}
  }
  chain remember {
    type filter hook forward priority filter + 10
    iifname inside oifname outside meta l4proto { tcp, udp } ct direction original jump outwards
  }
  chain outwards {
${lines(memories(nat))}
  }
}`
}

function forwarding(box: Box, target: RouterAddresses['target']): readonly string[] {
  return box.forwards.flatMap(({ transports, port, to }) =>
    transports.map((transport) => `${transport} dport ${port} dnat to ${target(to.name)}:${to.port}`),
  )
}

/** Whose mapping is it, and may this sender use it? What comes from inside (hairpinning) may use every mapping. */
function lookups(nat: Nat): readonly string[] {
  const anybody = 'dnat ip to meta l4proto . th dport map @mapped'
  const known = nat.remembers === 'host' ? 'ip saddr map @contacted' : 'meta l4proto . th dport . ip saddr map @opened'
  return [
    ...(nat.filtering === 'endpoint-independent' ? [`iifname outside ${anybody}`] : []),
    ...(nat.filtering === 'address-dependent' ? [`iifname outside dnat ip to ${known}`] : []),
    ...(nat.hairpinning ? [`iifname inside ${anybody}`] : []),
  ]
}

/** Seen before the translation, whose result for a port is known beforehand wherever a mapping is remembered. */
function memories(nat: Nat): readonly string[] {
  const mapped = `meta l4proto . th sport${nat.portPreservation ? '' : ` xor ${OTHER_PORT}`}`
  const owner = 'ip saddr . th sport'
  const everybody = nat.filtering === 'endpoint-independent' || nat.hairpinning
  const each = nat.filtering === 'address-dependent'
  return [
    ...(everybody ? [`update @mapped { ${mapped} : ${owner} }`] : []),
    ...(each && nat.remembers === 'mapping' ? [`update @opened { ${mapped} . ip daddr : ${owner} }`] : []),
    ...(each && nat.remembers === 'host' ? ['update @contacted { ip daddr : ip saddr }'] : []),
  ]
}

function dmz(box: Box, target: RouterAddresses['target']): readonly string[] {
  return box.dmz === null ? [] : [`iifname outside dnat to ${target(box.dmz)}`]
}

/** miniupnpd holds NAT-PMP's port inside alone. */
function serving(box: Box, inside: Address | null): readonly string[] {
  return box.portMappingOutside && inside !== null ? [`iifname outside udp dport 5351 dnat to ${inside}`] : []
}

/** Which bits of a port are turned where ports are not preserved: no port of users stays, none becomes a small one. */
const OTHER_PORT = '0x2000'

/** One counter for both transports. */
const CONTIGUOUS = { first: 40_000, count: 20_000 }

function translation(nat: Nat, outside: Address): readonly string[] {
  if (nat.ports === 'contiguous') {
    const next = `numgen inc mod ${CONTIGUOUS.count} offset ${CONTIGUOUS.first}`
    return [`meta l4proto { tcp, udp } snat to ${outside}:${next}`, `snat to ${outside}`]
  }
  if (nat.mapping === 'address-and-port-dependent') return [`snat to ${outside} fully-random`]
  const both = (port: (transport: string) => string) =>
    ['udp', 'tcp'].map((transport) => `meta l4proto ${transport} snat to ${outside}:${port(transport)}`)
  const rest = `snat to ${outside}`
  if (nat.mapping === 'address-dependent') {
    return [...both((transport) => `jhash ip saddr . ${transport} sport . ip daddr mod 28000 offset 32768`), rest]
  }
  return nat.portPreservation ? [rest] : [...both((transport) => `${transport} sport xor ${OTHER_PORT}`), rest]
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}`).join('\n')
}
