import { ICMP_CODES, ICMPV6_CODES, numberOf } from './names.ts'
import type { IcmpError, Rejection } from './ruleset.ts'

/** ICMP errors that nft's `icmpx` stands for in either family (nft_icmp_code_map). */
const BOTH: Readonly<Record<string, readonly [ipv4: string, ipv6: string]>> = {
  'port-unreachable': ['port-unreachable', 'port-unreachable'],
  'admin-prohibited': ['admin-prohibited', 'admin-prohibited'],
  'no-route': ['net-unreachable', 'no-route'],
  'host-unreachable': ['host-unreachable', 'addr-unreachable'],
}

/** Destination unreachable with the code of that name; `unknown` when nobody knows the name. */
export function icmpRejection(type: 'icmp' | 'icmpv6' | 'icmpx', name: string): Rejection {
  const both = Object.hasOwn(BOTH, name) ? BOTH[name] : undefined
  const ipv4 = type === 'icmp' ? name : type === 'icmpx' ? both?.[0] : undefined
  const ipv6 = type === 'icmpv6' ? name : type === 'icmpx' ? both?.[1] : undefined
  const errors = {
    ipv4: ipv4 === undefined ? null : unreachable(3, numberOf(ICMP_CODES, ipv4)),
    ipv6: ipv6 === undefined ? null : unreachable(1, numberOf(ICMPV6_CODES, ipv6)),
  }
  return errors.ipv4 === null && errors.ipv6 === null ? { kind: 'unknown' } : { kind: 'icmp', name, ...errors }
}

function unreachable(type: number, code: number | undefined): IcmpError | null {
  return code === undefined ? null : { type, code }
}
