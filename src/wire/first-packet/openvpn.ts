import { equalBytes } from '../bytes.ts'
import type { FirstPacket } from './first-packet.ts'

/** The upper five bits of the first byte; the lower three are the key id, 0 at the beginning. */
const HARD_RESET_CLIENT_V2 = 7
const HARD_RESET_SERVER_V2 = 8
const SESSION_ID_BYTES = 8

/**
 * OpenVPN over UDP: P_CONTROL_HARD_RESET_CLIENT_V2, answered by P_CONTROL_HARD_RESET_SERVER_V2. Opcode, session id, no
 * acknowledgements, packet id 0. A server with tls-auth or tls-crypt stays silent to strangers: its silence proves nothing.
 */
export const openvpn: FirstPacket = {
  name: 'openvpn',
  randomLength: SESSION_ID_BYTES,

  encode: (random) => Uint8Array.of(HARD_RESET_CLIENT_V2 << 3, ...random, 0, 0, 0, 0, 0),

  isAnswer(datagram, random) {
    if (datagram.length < 10 || datagram[0] !== HARD_RESET_SERVER_V2 << 3) return false
    const acknowledgements = datagram[9]!
    // Behind the acknowledged packet ids (4 bytes each) the server repeats the session id of the other side: ours.
    const offset = 10 + 4 * acknowledgements
    if (acknowledgements === 0 || datagram.length < offset + SESSION_ID_BYTES + 4) return false
    return equalBytes(datagram.subarray(offset, offset + SESSION_ID_BYTES), random)
  },
}
