import { joined } from '../bytes.ts'
import { cutter, type Opening } from './opening.ts'

/** An uncompressed point of secp256k1, which stands first in what ECIES makes. */
const UNCOMPRESSED = 4
const [POINT_BYTES, IV_BYTES, MAC_BYTES] = [64, 16, 32]
/** Signature, public key, nonce and version in RLP, and some of the 100 to 300 bytes of padding. */
const BODY_BYTES = 171 + 150

/**
 * RLPx, by which Ethereum's execution clients speak (devp2p, `rlpx.md`, EIP-8): `auth`, its length of two bytes before
 * it. To whoever does not know the key all of it but length and 0x04 is random.
 */
export const devp2pOpening: Opening = {
  transport: 'tcp',
  randomLength: POINT_BYTES + IV_BYTES + BODY_BYTES + MAC_BYTES,
  encode(random) {
    const cut = cutter(random)
    const length = 1 + random.length
    return joined([length >> 8, length & 0xff, UNCOMPRESSED], cut(random.length))
  },
}
