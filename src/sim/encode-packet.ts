import { addressBytes } from '../model/ip.ts'
import { joined, viewOf } from '../wire/bytes.ts'
import type { AddressBook, AddressId } from './address-book.ts'
import { icmpNumbers } from './icmp-numbers.ts'
import { ICMP, type Packet, type Protocol, type Quote, SYN, TCP } from './packet.ts'

const ICMPV6 = 58
/** Kind and length of the option (RFC 9293 §3.7.1). */
const MAXIMUM_SEGMENT_SIZE = [2, 4]

/**
 * The bytes of a packet, as they would be on a cable, checksums included. A datagram that would travel in fragments is written
 * whole.
 */
export function encodePacket(book: AddressBook, packet: Packet): Uint8Array {
  const ends = { source: bytesOf(book, packet.source), destination: bytesOf(book, packet.destination) }
  const body = encodeBody(book, packet)
  const protocol = packet.protocol === ICMP && packet.isIpv6 ? ICMPV6 : packet.protocol
  sealBody(body, packet, ends)
  const header = encodeHeader({ ...ends, protocol, ttl: packet.ttl, bodyLength: body.length, df: packet.dontFragment })
  return joined(header, body)
}

interface HeaderFields {
  readonly source: Uint8Array
  readonly destination: Uint8Array
  readonly protocol: number
  readonly ttl: number
  readonly bodyLength: number
  readonly df: boolean
}

function encodeHeader(fields: HeaderFields): Uint8Array {
  const { source, destination, protocol, ttl, bodyLength, df } = fields
  if (source.length === 16) {
    const header = new Uint8Array(40)
    const view = viewOf(header)
    header[0] = 0x60
    view.setUint16(4, bodyLength & 0xffff)
    header[6] = protocol
    header[7] = ttl
    header.set(source, 8)
    header.set(destination, 24)
    return header
  }
  const header = new Uint8Array(20)
  const view = viewOf(header)
  header[0] = 0x45
  view.setUint16(2, (20 + bodyLength) & 0xffff)
  view.setUint16(6, df ? 0x4000 : 0)
  header[8] = ttl
  header[9] = protocol
  header.set(source, 12)
  header.set(destination, 16)
  view.setUint16(10, checksum([header]))
  return header
}

/** Everything behind the IP header, with a checksum of 0. */
function encodeBody(book: AddressBook, packet: Packet): Uint8Array {
  if (packet.protocol === TCP) return joined(tcpHeader(packet), packet.payload)
  if (packet.protocol !== ICMP) return joined(udpHeader(packet, 8 + packet.payload.length), packet.payload)
  const [type, code] = icmpNumbers(packet.icmp!, packet.isIpv6)
  const header = new Uint8Array(8)
  const view = viewOf(header)
  header[0] = type
  header[1] = code
  if (packet.quote === null) view.setUint16(4, packet.sourcePort)
  else if (packet.icmp === 'too-big') view.setUint16(6, packet.mtu & 0xffff)
  return joined(header, packet.quote === null ? packet.payload : encodeQuote(book, packet.quote))
}

function udpHeader(
  ports: { readonly sourcePort: number; readonly destinationPort: number },
  length: number,
): Uint8Array {
  const header = new Uint8Array(8)
  const view = viewOf(header)
  view.setUint16(0, ports.sourcePort)
  view.setUint16(2, ports.destinationPort)
  view.setUint16(4, length & 0xffff)
  return header
}

function tcpHeader(packet: Packet): Uint8Array {
  const isSyn = (packet.flags & SYN) !== 0
  const header = new Uint8Array(isSyn ? 24 : 20)
  const view = viewOf(header)
  view.setUint16(0, packet.sourcePort)
  view.setUint16(2, packet.destinationPort)
  view.setUint32(4, packet.sequence % 2 ** 32)
  view.setUint32(8, packet.acknowledgement % 2 ** 32)
  header[12] = (header.length / 4) << 4
  header[13] = packet.flags
  // Without window scaling the field has 16 bits.
  view.setUint16(14, Math.min(65_535, packet.window))
  if (isSyn) {
    header.set(MAXIMUM_SEGMENT_SIZE, 20)
    view.setUint16(22, packet.mtu - (packet.isIpv6 ? 60 : 40))
  }
  return header
}

/** The header and the first eight bytes of what an error is about. */
function encodeQuote(book: AddressBook, quote: Quote): Uint8Array {
  const [source, destination] = [bytesOf(book, quote.source), bytesOf(book, quote.destination)]
  const protocol = quote.protocol === ICMP && source.length === 16 ? ICMPV6 : quote.protocol
  const header = encodeHeader({ source, destination, protocol, ttl: 1, bodyLength: 8, df: true })
  if (quote.protocol !== ICMP) return joined(header, udpHeader(quote, 8))
  const echo = new Uint8Array(8)
  echo[0] = source.length === 16 ? 128 : 8
  viewOf(echo).setUint16(4, quote.sourcePort)
  if (source.length === 4) viewOf(echo).setUint16(2, checksum([echo]))
  return joined(header, echo)
}

const CHECKSUM_AT: Readonly<Record<Protocol, number>> = { 17: 6, 6: 16, 1: 2 }

function sealBody(body: Uint8Array, packet: Packet, ends: Pick<HeaderFields, 'source' | 'destination'>): void {
  const { protocol, isIpv6 } = packet
  const pseudo = new Uint8Array(8)
  const view = viewOf(pseudo)
  view.setUint32(0, body.length)
  view.setUint32(4, protocol === ICMP ? ICMPV6 : protocol)
  // ICMP of IPv4 alone has no pseudo header.
  const covered = protocol === ICMP && !isIpv6 ? [body] : [ends.source, ends.destination, pseudo, body]
  const sum = checksum(covered)
  viewOf(body).setUint16(CHECKSUM_AT[protocol], sum === 0 && protocol === 17 ? 0xffff : sum)
}

/** RFC 1071, over parts of which all but the last have even lengths. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 2) sum += (part[index]! << 8) | (part[index + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

function bytesOf(book: AddressBook, id: AddressId): Uint8Array {
  return addressBytes(book.text(id))
}
