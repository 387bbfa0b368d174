import { addressBytes } from '../../../src/model/ip.ts'
import type { Packet } from '../../../src/ruleset/packet.ts'

/** An Ethernet frame that carries `packet`; `id` stands in the identification field of IPv4. All checksums are right. */
export function frameOf(packet: Packet, id: number, macs: { readonly from: string; readonly to: string }): Buffer {
  const [source, destination] = [addressBytes(packet.source), addressBytes(packet.destination)]
  const body = transportOf(packet, source, destination)
  const isIpv4 = packet.family === 'ipv4'
  const header = isIpv4 ? ipv4Header(packet, body.length, id) : ipv6Header(packet, body.length)
  const ethernet = Buffer.from(macs.to + macs.from + (isIpv4 ? '0800' : '86dd'), 'hex')
  return Buffer.concat([ethernet, header, body])
}

export const TTL = 64
export const PAYLOAD_BYTES = 8

export function lengthOf(packet: Pick<Packet, 'family' | 'protocol'>): number {
  return (packet.family === 'ipv4' ? 20 : 40) + (packet.protocol === 6 ? 20 : 8) + PAYLOAD_BYTES
}

function transportOf(packet: Packet, source: Uint8Array, destination: Uint8Array): Buffer {
  const isTcp = packet.protocol === 6
  const bytes = Buffer.alloc((isTcp ? 20 : 8) + PAYLOAD_BYTES)
  if (packet.protocol === 1 || packet.protocol === 58) {
    bytes[0] = packet.icmpType!
    bytes[1] = packet.icmpCode!
    bytes.writeUInt16BE(7, 4)
  } else {
    bytes.writeUInt16BE(packet.sourcePort!, 0)
    bytes.writeUInt16BE(packet.destinationPort!, 2)
    if (isTcp) {
      bytes.writeUInt32BE(1000, 4)
      bytes[12] = 5 << 4
      bytes[13] = packet.tcpFlags!
      bytes.writeUInt16BE(1024, 14)
    } else bytes.writeUInt16BE(bytes.length, 4)
  }
  const checksumAt = isTcp ? 16 : packet.protocol === 17 ? 6 : 2
  const pseudo =
    packet.protocol === 1 ? Buffer.alloc(0) : pseudoHeader(packet.protocol, bytes.length, source, destination)
  bytes.writeUInt16BE(checksum(Buffer.concat([pseudo, bytes])) || 0xffff, checksumAt)
  return bytes
}

function pseudoHeader(protocol: number, length: number, source: Uint8Array, destination: Uint8Array): Buffer {
  const tail = Buffer.alloc(8)
  tail.writeUInt32BE(length, 0)
  tail[7] = protocol
  return Buffer.concat([source, destination, tail])
}

function ipv4Header(packet: Packet, length: number, id: number): Buffer {
  const header = Buffer.alloc(20)
  header[0] = 0x45
  header.writeUInt16BE(20 + length, 2)
  header.writeUInt16BE(id, 4)
  header[8] = TTL
  header[9] = packet.protocol
  header.set(addressBytes(packet.source), 12)
  header.set(addressBytes(packet.destination), 16)
  header.writeUInt16BE(checksum(header), 10)
  return header
}

function ipv6Header(packet: Packet, length: number): Buffer {
  const header = Buffer.alloc(40)
  header[0] = 0x60
  header.writeUInt16BE(length, 4)
  header[6] = packet.protocol
  header[7] = TTL
  header.set(addressBytes(packet.source), 8)
  header.set(addressBytes(packet.destination), 24)
  return header
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
