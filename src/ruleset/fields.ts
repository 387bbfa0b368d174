import { addressText } from './address-value.ts'
import { type Flight, packetNow } from './flight.ts'
import { ADDRESS_TYPES, CT_STATES, CT_STATUS, ETHERTYPES, NFPROTO } from './names.ts'
import type { FieldName, Value } from './ruleset.ts'

/** Null: the packet has no such field, and no rule that asks for it matches. Undefined: it has one that is not known. */
export type Loaded = Value | null | undefined

/** How each field is read from a packet on its way. */
export const FIELDS: Readonly<Record<FieldName, (f: Flight) => Loaded>> = {
  'ip.saddr': (f) => (f.isIpv4 ? f.saddr : null),
  'ip.daddr': (f) => (f.isIpv4 ? f.daddr : null),
  'ip6.saddr': (f) => (f.isIpv4 ? null : f.saddr),
  'ip6.daddr': (f) => (f.isIpv4 ? null : f.daddr),
  'ip.protocol': (f) => (f.isIpv4 ? f.protocol : null),
  'ip.version': (f) => (f.isIpv4 ? 4 : null),
  'ip.ttl': (f) => (f.isIpv4 ? f.ttl : null),
  'ip6.hoplimit': (f) => (f.isIpv4 ? null : f.ttl),
  'th.sport': (f) => (hasPorts(f) ? f.sport : undefined),
  'th.dport': (f) => (hasPorts(f) ? f.dport : undefined),
  'tcp.flags': (f) => f.tcpFlags,
  'icmp.type': (f) => f.icmpType,
  'icmp.code': (f) => f.icmpCode,
  'meta.l4proto': (f) => f.protocol,
  'meta.nfproto': (f) => (f.isIpv4 ? NFPROTO.ipv4 : NFPROTO.ipv6),
  'meta.protocol': (f) => (f.isIpv4 ? ETHERTYPES.ip : ETHERTYPES.ip6),
  // Without an interface the kernel compares an empty name; it does not refuse the rule.
  'meta.iifname': (f) => f.iif,
  'meta.oifname': (f) => f.oif,
  'meta.mark': (f) => f.mark,
  'meta.length': (f) => f.lengthBytes,
  'meta.pkttype': (f) => f.packetType,
  'ct.state': stateOf,
  'ct.state-with-nat': stateWithNat,
  'ct.status': (f) => (hasConnection(f) ? statusOf(f) : null),
  'ct.direction': (f) => (hasConnection(f) ? Number(f.isReply) : null),
  'ct.mark': (f) => (hasConnection(f) ? f.ctMark : null),
  'ct.original.ip.saddr': (f) => (f.isIpv4 && hasConnection(f) ? f.original?.saddr : null),
  'ct.original.ip.daddr': (f) => (f.isIpv4 && hasConnection(f) ? f.original?.daddr : null),
  'ct.original.ip6.saddr': (f) => (!f.isIpv4 && hasConnection(f) ? f.original?.saddr : null),
  'ct.original.ip6.daddr': (f) => (!f.isIpv4 && hasConnection(f) ? f.original?.daddr : null),
  'ct.original.sport': (f) => (hasConnection(f) ? f.original?.sport : null),
  'ct.original.dport': (f) => (hasConnection(f) ? f.original?.dport : null),
  'fib.reverse-path': reversePath,
  'ip.fragmented': (f) => (f.isIpv4 ? 0 : null),
  'ip6.extension': (f) => (f.isIpv4 ? null : 0),
  'fib.saddr.type': (f) => addressType(f, f.saddr, false),
  'fib.daddr.type': (f) => addressType(f, f.daddr, true),
}

const PORTED: ReadonlySet<number> = new Set([6, 17, 33, 132, 136])

/** Of other protocols the kernel would compare whatever bytes stand there. */
function hasPorts(f: Flight): boolean {
  return PORTED.has(f.protocol)
}

/** An invalid packet belongs to no connection; neither does one that tracking has not seen yet. */
export function hasConnection(f: Flight): boolean {
  return f.tracked && !f.untracked && f.ctState !== CT_STATES.invalid
}

/** Before tracking, the kernel calls every packet invalid (nft_ct_get_eval). */
function stateOf(f: Flight): number {
  if (f.untracked) return CT_STATES.untracked
  return f.tracked ? f.ctState : CT_STATES.invalid
}

function stateWithNat(f: Flight): Loaded {
  const state = stateOf(f)
  if (!hasConnection(f)) return state
  if (f.snat === undefined || f.dnat === undefined) return undefined
  return state | (f.snat ? CT_STATES.snat : 0) | (f.dnat ? CT_STATES.dnat : 0)
}

/** The bits of a new connection are all known; of an older one only what its maker told. */
function statusOf(f: Flight): number | undefined {
  if (f.ctState !== CT_STATES.new || f.snat === undefined || f.dnat === undefined) return undefined
  return (f.snat ? CT_STATUS.snat : 0) | (f.dnat ? CT_STATUS.dnat : 0)
}

function addressType(f: Flight, address: number | bigint | undefined, isDestination: boolean): Loaded {
  if (address === undefined) return undefined
  const told = f.context.addressType?.(addressText(address))
  if (told !== undefined) return ADDRESS_TYPES[told]
  const packet = isDestination && f.hook !== 'output' ? packetNow(f) : undefined
  const route = packet === undefined ? 'unknown' : f.context.route(packet)
  if (route === 'local') return ADDRESS_TYPES.local
  // Only unicast is sent on.
  return typeof route === 'object' ? ADDRESS_TYPES.unicast : undefined
}

function reversePath(f: Flight): Loaded {
  const packet = packetNow(f)
  const passes = packet === undefined ? undefined : f.context.passesReversePath?.(packet)
  return passes === undefined ? undefined : Number(passes)
}
