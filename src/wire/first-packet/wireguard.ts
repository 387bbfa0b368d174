import { joined } from '../bytes.ts'
import { cutter, type Opening } from './opening.ts'

const HANDSHAKE_INITIATION = 1

/**
 * WireGuard's handshake initiation (its whitepaper, §5.4.2): 148 bytes of which all but the type are encrypted or
 * random: the sender's index, an ephemeral key, the encrypted static key, the encrypted timestamp, `mac1`. `mac2` is zero.
 */
export const wireguardOpening: Opening = {
  transport: 'udp',
  randomLength: 4 + 32 + 48 + 28 + 16,
  encode(random) {
    const cut = cutter(random)
    return joined([HANDSHAKE_INITIATION, 0, 0, 0], cut(4), cut(32), cut(48), cut(28), cut(16), new Uint8Array(16))
  },
}
