import { joined } from '../bytes.ts'
import { ascii, cutter, type Opening } from './opening.ts'

const HASH_BYTES = 20
const PEER_ID_RANDOM_BYTES = 12

/** BitTorrent's handshake (BEP 3), with the extension protocol (BEP 10) and DHT (BEP 5) announced, as Transmission does. */
export const bittorrentOpening: Opening = {
  transport: 'tcp',
  randomLength: HASH_BYTES + PEER_ID_RANDOM_BYTES,
  encode(random) {
    const cut = cutter(random)
    const reserved = [0, 0, 0, 0, 0, 0x10, 0, 0x05]
    return joined(ascii('\x13BitTorrent protocol'), reserved, cut(HASH_BYTES), ascii('-TR3000-'), cut(12))
  },
}
