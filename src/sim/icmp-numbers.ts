import type { IcmpKind } from './packet.ts'

/** ICMP types and codes, of IPv4 and of IPv6. */
const NUMBERS: Readonly<Record<IcmpKind, readonly [number, number, number, number]>> = {
  'echo-request': [8, 0, 128, 0],
  'echo-reply': [0, 0, 129, 0],
  'time-exceeded': [11, 0, 3, 0],
  'net-unreachable': [3, 0, 1, 0],
  'host-unreachable': [3, 1, 1, 3],
  'port-unreachable': [3, 3, 1, 4],
  'admin-prohibited': [3, 13, 1, 1],
  'too-big': [3, 4, 2, 0],
}

export function icmpNumbers(kind: IcmpKind, isIpv6: boolean): readonly [type: number, code: number] {
  const [type, code, type6, code6] = NUMBERS[kind]
  return isIpv6 ? [type6, code6] : [type, code]
}
