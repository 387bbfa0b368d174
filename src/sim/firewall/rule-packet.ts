import type { Packet as RulePacket } from '../../ruleset/packet.ts'
import type { AddressBook } from '../address-book.ts'
import { icmpNumbers } from '../icmp-numbers.ts'
import { ICMP, type Packet, TCP } from '../packet.ts'

/** A packet of the world as rules see it, but for its interfaces. */
export function rulePacket(addresses: AddressBook, packet: Packet): Omit<RulePacket, 'inInterface'> {
  const { protocol, isIpv6 } = packet
  const ends = {
    family: isIpv6 ? ('ipv6' as const) : ('ipv4' as const),
    source: addresses.text(packet.source),
    destination: addresses.text(packet.destination),
    ttl: packet.ttl,
    lengthBytes: packet.lengthBytes,
    packetType: 'host' as const,
  }
  if (protocol !== ICMP) {
    const ports = { sourcePort: packet.sourcePort, destinationPort: packet.destinationPort }
    return { ...ends, protocol, ...ports, ...(protocol === TCP ? { tcpFlags: packet.flags } : {}) }
  }
  const [type, code] = icmpNumbers(packet.icmp!, isIpv6)
  return { ...ends, protocol: isIpv6 ? 58 : 1, icmpType: type, icmpCode: code }
}
