import type { Connection, Packet, WalkContext } from '../../../src/ruleset/packet.ts'
import type { Dice } from './dice.ts'
import { lengthOf, TTL } from './frame.ts'

const FLAGS = [2, 2, 2, 2, 2, 16, 18, 4, 1, 24]
const PORTS = [22, 53, 80, 443, 4001, 8080, 30303]
const LOCAL = { ipv4: ['10.8.0.2', '10.8.0.3', '10.7.0.1'], ipv6: ['fd08::2', 'fd08::3', 'fd07::1'] }

/** A packet that the host makes itself, for somebody behind it. */
export function randomOwnPacket(dice: Dice, index: number): Packet {
  const packet = randomPacket(dice, index)
  const behind = 1 + dice.below(6)
  const destination = packet.family === 'ipv4' ? `10.7.1.${behind}` : `fd07:1::${behind}`
  return { ...packet, destination, inInterface: null, outInterface: 'h1' }
}

/** A packet from a sender that no other packet of the try has: by it the answers are told apart. */
export function randomPacket(dice: Dice, index: number): Packet {
  const family = dice.chance(60) ? 'ipv4' : 'ipv6'
  const protocol = dice.pick([6, 6, 6, 17, 17, family === 'ipv4' ? 1 : 58])
  const behind = family === 'ipv4' ? `10.7.1.${1 + dice.below(6)}` : `fd07:1::${1 + dice.below(6)}`
  const known = {
    family,
    source: family === 'ipv4' ? `10.9.0.${index + 1}` : `fd09::${(index + 1).toString(16)}`,
    destination: dice.chance(50) ? dice.pick(LOCAL[family]) : behind,
    protocol,
    inInterface: 'h0',
    ttl: TTL,
    lengthBytes: lengthOf({ family, protocol }),
    packetType: 'host',
  } as const
  if (protocol === 1) return { ...known, icmpType: dice.pick([8, 8, 13, 0]), icmpCode: 0 }
  if (protocol === 58) return { ...known, icmpType: dice.pick([128, 128, 129]), icmpCode: 0 }
  const ports = { sourcePort: 1024 + dice.below(60000), destinationPort: dice.pick(PORTS) }
  return protocol === 6 ? { ...known, ...ports, tcpFlags: dice.pick(FLAGS) } : { ...known, ...ports }
}

/** What routing and connection tracking of the room make of it. */
export function contextOf(packet: Packet): WalkContext {
  return {
    connection: connectionOf(packet),
    route: ({ destination }) => {
      if ([...LOCAL.ipv4, ...LOCAL.ipv6].includes(destination)) return 'local'
      if (/^10\.7\.|^fd07:/.test(destination)) return { out: 'h1' }
      return /^10\.[89]\.|^fd0[89]:/.test(destination) ? { out: 'h0' } : 'unreachable'
    },
    addressType: (address) =>
      [...LOCAL.ipv4, ...LOCAL.ipv6, '127.0.0.1', '::1'].includes(address) ? 'local' : 'unicast',
    passesReversePath: ({ source }) => /^10\.9\.|^fd09:/.test(source),
    // Of several IPv6 addresses the kernel takes the youngest.
    primaryAddress: (name, family) => LOCAL[family][name === 'h1' ? 2 : family === 'ipv4' ? 0 : 1],
  }
}

/** The kernel's tables (nf_conntrack_proto_tcp.c, ..._icmp.c) for the first packet of a flow. */
function connectionOf(packet: Packet): Connection {
  const { protocol, tcpFlags = 0, icmpType } = packet
  const opens =
    protocol === 6 ? ((tcpFlags & 7) === 2 ? (tcpFlags & 16) === 0 : (tcpFlags & 7) === 0 && tcpFlags >= 16) : true
  const asks = protocol === 1 ? icmpType === 8 || icmpType === 13 : protocol === 58 ? icmpType === 128 : true
  return { state: opens && asks ? 'new' : 'invalid' }
}
