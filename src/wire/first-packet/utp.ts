import { viewOf } from '../bytes.ts'
import type { FirstPacket } from './first-packet.ts'

const VERSION = 1
const [STATE, RESET, SYN] = [2, 3, 4]
const HEADER_BYTES = 20
const FIRST_SEQUENCE = 1
const WINDOW_BYTES = 65_535

/**
 * uTP (BEP 29): a SYN, answered by a STATE that acknowledges it, or by a RESET. `random`: connection id and timestamp.
 */
export const utp: FirstPacket = {
  name: 'utp',
  randomLength: 6,

  encode(random) {
    const datagram = new Uint8Array(HEADER_BYTES)
    datagram[0] = (SYN << 4) | VERSION
    datagram.set(random, 2)
    const view = viewOf(datagram)
    view.setUint32(12, WINDOW_BYTES)
    view.setUint16(16, FIRST_SEQUENCE)
    return datagram
  },

  isAnswer(datagram, random) {
    if (datagram.length < HEADER_BYTES) return false
    const [type, version] = [datagram[0]! >> 4, datagram[0]! & 0x0f]
    if (version !== VERSION || (type !== STATE && type !== RESET)) return false
    const view = viewOf(datagram)
    return view.getUint16(2) === viewOf(random).getUint16(0) && view.getUint16(18) === FIRST_SEQUENCE
  },
}
