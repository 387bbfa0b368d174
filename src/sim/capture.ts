import { viewOf } from '../wire/bytes.ts'
import type { AddressId } from './address-book.ts'
import { encodePacket } from './encode-packet.ts'
import type { Segment } from './segment.ts'
import type { World } from './world.ts'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Frames, and not bare packets: of those libpcap reads no file with several interfaces (1.10, seen with tcpdump). */
const LINKTYPE_ETHERNET = 1
const ETHERNET_BYTES = 14
const OPTION_IF_NAME = 2

/**
 * Records every packet of a world from now on, as a pcapng file that Wireshark and tcpdump read: an interface for each network, so
 * that a packet can be followed from one to the next. Returns a function that makes the file's bytes of what there is.
 */
export function captureWorld(world: World, segments: Iterable<Segment>): () => Uint8Array {
  const names = [...segments].sort((a, b) => a.index - b.index).map(({ name }) => name)
  const blocks = [sectionHeader(), ...names.map(interfaceDescription)]
  world.tap = (from, nextHop, packet) => {
    const sender = from.address(packet.isIpv6)
    const frame = encodeFrame(sender, nextHop, packet.isIpv6, encodePacket(world.addresses, packet))
    blocks.push(enhancedPacket(from.segment.index, world.wallMs, frame))
  }
  return () => {
    const file = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0))
    let offset = 0
    for (const block of blocks) {
      file.set(block, offset)
      offset += block.length
    }
    return file
  }
}

/** Ethernet addresses are made from the numbers of IP addresses, in the range of those that anybody may give. */
function encodeFrame(sender: AddressId, nextHop: AddressId, isIpv6: boolean, packet: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ETHERNET_BYTES + packet.length)
  const view = viewOf(frame)
  frame[0] = 0x02
  view.setUint32(2, nextHop)
  frame[6] = 0x02
  view.setUint32(8, sender)
  view.setUint16(12, isIpv6 ? 0x86dd : 0x0800)
  frame.set(packet, ETHERNET_BYTES)
  return frame
}

function sectionHeader(): Uint8Array {
  return block(SECTION_HEADER, 16, (view) => {
    view.setUint32(0, BYTE_ORDER_MAGIC, true)
    view.setUint16(4, 1, true)
    // The section's length is not known: -1.
    view.setUint32(8, 0xffffffff, true)
    view.setUint32(12, 0xffffffff, true)
  })
}

function interfaceDescription(name: string): Uint8Array {
  const text = new TextEncoder().encode(name)
  return block(INTERFACE_DESCRIPTION, 8 + 4 + padded(text.length) + 4, (view, bytes) => {
    view.setUint16(0, LINKTYPE_ETHERNET, true)
    view.setUint16(8, OPTION_IF_NAME, true)
    view.setUint16(10, text.length, true)
    bytes.set(text, 12)
  })
}

/** Times count in microseconds where an interface says nothing else. */
function enhancedPacket(network: number, wallMs: number, data: Uint8Array): Uint8Array {
  const microseconds = Math.round(wallMs * 1000)
  return block(ENHANCED_PACKET, 20 + padded(data.length), (view, bytes) => {
    view.setUint32(0, network, true)
    view.setUint32(4, Math.floor(microseconds / 2 ** 32), true)
    view.setUint32(8, microseconds % 2 ** 32, true)
    view.setUint32(12, data.length, true)
    view.setUint32(16, data.length, true)
    bytes.set(data, 20)
  })
}

/** A block with its type and its length before and behind it. */
function block(type: number, bodyLength: number, fill: (view: DataView, body: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(bodyLength + 12)
  const view = viewOf(bytes)
  view.setUint32(0, type, true)
  view.setUint32(4, bytes.length, true)
  view.setUint32(bytes.length - 4, bytes.length, true)
  const body = bytes.subarray(8, bytes.length - 4)
  fill(viewOf(body), body)
  return bytes
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
