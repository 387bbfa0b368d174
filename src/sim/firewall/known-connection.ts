import type { Connection, Translated } from '../../ruleset/packet.ts'
import type { AddressBook } from '../address-book.ts'
import type { Tuple } from '../conntrack/flow.ts'
import type { PacketState } from '../conntrack/tracker.ts'
import { ICMP, type Packet } from '../packet.ts'

/**
 * What rules are told of a packet's connection. Of one that has begun before, also how the kernel rewrites this packet:
 * as its tuples say, which do not mirror each other where it is translated.
 */
export function knownConnection(addresses: AddressBook, packet: Packet, state: PacketState): Connection {
  const { flow, isReply } = packet
  if (flow === null) return { state, ...NOT_TRANSLATED }
  if (flow.reply === null) return { state, direction: 'original' }
  const { original, reply } = flow
  const end = (address: number, port: number): Translated => {
    const hasPort = packet.protocol !== ICMP
    return { address: addresses.text(address), ...(hasPort ? { port } : {}) }
  }
  const came = isReply ? reply : original
  const goes = isReply ? original : reply
  return {
    state,
    direction: isReply ? 'reply' : 'original',
    sourceTranslated: differs(original.source, original.sourcePort, reply.destination, reply.destinationPort),
    destinationTranslated: differs(original.destination, original.destinationPort, reply.source, reply.sourcePort),
    original: endsOf(addresses, original),
    rewrite: {
      ...(differs(came.destination, came.destinationPort, goes.source, goes.sourcePort)
        ? { destination: end(goes.source, goes.sourcePort) }
        : {}),
      ...(differs(came.source, came.sourcePort, goes.destination, goes.destinationPort)
        ? { source: end(goes.destination, goes.destinationPort) }
        : {}),
    },
  }
}

const NOT_TRANSLATED = { sourceTranslated: false, destinationTranslated: false } as const

function differs(address: number, port: number, other: number, otherPort: number): boolean {
  return address !== other || port !== otherPort
}

function endsOf(addresses: AddressBook, tuple: Tuple): NonNullable<Connection['original']> {
  return {
    source: addresses.text(tuple.source),
    destination: addresses.text(tuple.destination),
    sourcePort: tuple.sourcePort,
    destinationPort: tuple.destinationPort,
  }
}
