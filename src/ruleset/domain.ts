import { addressValue } from './address-value.ts'
import * as names from './names.ts'
import { numberOf } from './names.ts'
import type { FieldName, Value } from './ruleset.ts'

/** What kind of constants a field is compared with. */
export type Domain =
  | 'number'
  | 'ipv4'
  | 'ipv6'
  | 'interface'
  | 'protocol'
  | 'icmp-type'
  | 'icmpv6-type'
  | 'icmp-code'
  | 'icmpv6-code'
  | 'tcp-flags'
  | 'ct-state'
  | 'ct-status'
  | 'ct-direction'
  | 'packet-type'
  | 'address-type'
  | 'nfproto'
  | 'ethertype'

const NAMED: Readonly<Partial<Record<Domain, Readonly<Record<string, number>>>>> = {
  protocol: names.PROTOCOLS,
  'icmp-type': names.ICMP_TYPES,
  'icmpv6-type': names.ICMPV6_TYPES,
  'icmp-code': names.ICMP_CODES,
  'icmpv6-code': names.ICMPV6_CODES,
  'tcp-flags': names.TCP_FLAGS,
  'ct-state': names.CT_STATES,
  'ct-status': names.CT_STATUS,
  'ct-direction': names.CT_DIRECTIONS,
  'packet-type': names.PACKET_TYPES,
  'address-type': names.ADDRESS_TYPES,
  nfproto: names.NFPROTO,
  ethertype: names.ETHERTYPES,
}

const FIELDS: Readonly<Partial<Record<FieldName, Domain>>> = {
  'ip.saddr': 'ipv4',
  'ip.daddr': 'ipv4',
  'ip6.saddr': 'ipv6',
  'ip6.daddr': 'ipv6',
  'ip.protocol': 'protocol',
  'tcp.flags': 'tcp-flags',
  'meta.l4proto': 'protocol',
  'meta.nfproto': 'nfproto',
  'meta.protocol': 'ethertype',
  'meta.iifname': 'interface',
  'meta.oifname': 'interface',
  'meta.pkttype': 'packet-type',
  'ct.state': 'ct-state',
  'ct.status': 'ct-status',
  'ct.direction': 'ct-direction',
  'ct.original.ip.saddr': 'ipv4',
  'ct.original.ip.daddr': 'ipv4',
  'ct.original.ip6.saddr': 'ipv6',
  'ct.original.ip6.daddr': 'ipv6',
  'fib.saddr.type': 'address-type',
  'fib.daddr.type': 'address-type',
}

/** The data types of nftables' sets. */
const SET_TYPES: Readonly<Record<string, Domain>> = {
  ipv4_addr: 'ipv4',
  ipv6_addr: 'ipv6',
  inet_service: 'number',
  inet_proto: 'protocol',
  ifname: 'interface',
  iface_index: 'interface',
  mark: 'number',
  ct_state: 'ct-state',
  ct_status: 'ct-status',
  ct_dir: 'ct-direction',
  icmp_type: 'icmp-type',
  icmpv6_type: 'icmpv6-type',
  tcp_flag: 'tcp-flags',
  pkt_type: 'packet-type',
  fib_addrtype: 'address-type',
  nf_proto: 'nfproto',
  ether_type: 'ethertype',
  integer: 'number',
}

export function domainOfField(field: FieldName): Domain {
  return FIELDS[field] ?? 'number'
}

export function domainOfSetType(type: string): Domain | undefined {
  return Object.hasOwn(SET_TYPES, type) ? SET_TYPES[type] : undefined
}

/** A constant as nft's JSON or iptables-save writes it; undefined when it is none of the domain. */
export function parseConstant(domain: Domain, text: unknown): Value | undefined {
  if (typeof text === 'number')
    return domain !== 'interface' && Number.isSafeInteger(text) && text >= 0 ? text : undefined
  // `exists` and `missing`.
  if (typeof text === 'boolean') return domain === 'number' ? Number(text) : undefined
  if (typeof text !== 'string') return undefined
  if (domain === 'interface') return text
  if (domain === 'ipv4' || domain === 'ipv6') {
    const value = addressValue(text)
    return typeof value === (domain === 'ipv4' ? 'number' : 'bigint') ? value : undefined
  }
  return parseInteger(text) ?? numberOf(NAMED[domain] ?? {}, text)
}

/** Decimal or 0x hexadecimal, at most 2^53. */
export function parseInteger(text: string): number | undefined {
  if (!/^(?:[0-9]{1,15}|0x[0-9a-fA-F]{1,13})$/.test(text)) return undefined
  return Number(text)
}
