import type { Fate } from '../../../src/ruleset/fate.ts'
import type { Packet } from '../../../src/ruleset/packet.ts'
import type { Seen } from './room.ts'

/** What the kernel did with the packet of that number, in words that can be compared. */
export function observedFate(packet: Packet, id: number, seen: Seen): string {
  const key = packet.family === 'ipv4' ? String(id) : packet.source
  const hits = (where: ReadonlySet<string>) => [...where].filter((one) => one.startsWith(`${key} `))
  const arrived = [...hits(seen.here).map((to) => `here ${to}`), ...hits(seen.beyond).map((to) => `beyond ${to}`)]
  if (arrived.length > 0) return `arrived ${arrived.join(' and ')}`
  if (isOwn(packet)) return 'dropped'
  if (seen.resets.has(packet.source)) return 'reset'
  const [told] = [...seen.unreachable].filter((one) => one.startsWith(`${packet.source} `))
  return told === undefined ? 'dropped' : `unreachable ${codeOf(told.split(' ')[1]!, packet)}`
}

/** The same words for the walk's fate; null when the walk does not know. */
export function expectedFate(packet: Packet, id: number, fate: Fate): string | null {
  if (fate.kind === 'unknown' || (fate.kind === 'accept' && fate.packet === null)) return null
  if (fate.kind === 'drop') return 'dropped'
  if (fate.kind === 'unroutable') return `unreachable 0`
  if (fate.kind === 'accept')
    return `arrived ${fate.out === null || fate.out === 'lo' ? 'here' : 'beyond'} ${keyOf(packet, id, fate.packet!)}`
  if (isOwn(packet)) return 'dropped'
  const { rejection } = fate
  // Nobody answers a reset with a reset, and only TCP is reset.
  if (rejection.kind === 'tcp-reset')
    return packet.protocol === 6 && ((packet.tcpFlags ?? 0) & 4) === 0 ? 'reset' : 'dropped'
  return rejection.kind === 'icmp' ? `unreachable ${rejection[packet.family]?.code}` : null
}

function keyOf(packet: Packet, id: number, now: Packet): string {
  const name = packet.family === 'ipv4' ? String(id) : packet.source
  const hasPorts = packet.protocol === 6 || packet.protocol === 17
  return hasPorts ? `${name} ${now.destination} ${now.destinationPort}` : `${name} ${now.destination}`
}

const CODES: Readonly<Record<Packet['family'], Readonly<Record<string, number>>>> = {
  ipv4: {
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'frag-needed': 4,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  },
  ipv6: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  },
}

function codeOf(name: string, packet: Packet): string {
  return String(CODES[packet.family][name] ?? name)
}

/** Packets of the host itself bear a borrowed source here, to which the kernel sends no error: a rejection is silent. */
function isOwn(packet: Packet): boolean {
  return packet.inInterface === null
}
