import { equalBytes, viewOf } from '../bytes.ts'
import type { FirstPacket } from './first-packet.ts'

/** What a client must send at least (RFC 9000 §14.1); servers ignore shorter packets of versions they do not know. */
const DATAGRAM_BYTES = 1200
const ID_BYTES = 8

/**
 * A QUIC long header with a version that nobody speaks (0x?a?a?a?a, RFC 9000 §15), answered by Version Negotiation
 * (RFC 8999 §6, RFC 9000 §17.2.1) without any cryptography. Behind the version-independent part stand zeros: who does
 * not know the version must not look at them.
 */
export const quic: FirstPacket = {
  name: 'quic',
  randomLength: 4 + 2 * ID_BYTES,

  encode(random) {
    const { version, destinationId, sourceId } = fieldsOf(random)
    const datagram = new Uint8Array(DATAGRAM_BYTES)
    // Long header, fixed bit set, and the type bits of an Initial in version 1.
    datagram[0] = 0xc0
    viewOf(datagram).setUint32(1, version)
    datagram.set([ID_BYTES, ...destinationId, ID_BYTES, ...sourceId], 5)
    return datagram
  },

  isAnswer(datagram, random) {
    const { version, destinationId, sourceId } = fieldsOf(random)
    // The server answers to our source id, as the id that we had asked for.
    const head = Uint8Array.of(0, 0, 0, 0, ID_BYTES, ...sourceId, ID_BYTES, ...destinationId)
    const listAt = 1 + head.length
    if (datagram.length < listAt + 4 || (datagram.length - listAt) % 4 !== 0) return false
    if ((datagram[0]! & 0x80) === 0 || !equalBytes(datagram.subarray(1, listAt), head)) return false
    const view = viewOf(datagram)
    for (let offset = listAt; offset < datagram.length; offset += 4) {
      // A server that lists our version would have had to speak it.
      if (view.getUint32(offset) === version) return false
    }
    return true
  },
}

function fieldsOf(random: Uint8Array): { version: number; destinationId: Uint8Array; sourceId: Uint8Array } {
  const version = ((viewOf(random).getUint32(0) & 0xf0f0f0f0) | 0x0a0a0a0a) >>> 0
  const destinationId = random.subarray(4, 4 + ID_BYTES)
  const sourceId = random.subarray(4 + ID_BYTES, 4 + 2 * ID_BYTES)
  return { version, destinationId, sourceId }
}
