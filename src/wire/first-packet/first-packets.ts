import { bittorrentDht } from './bittorrent-dht.ts'
import type { FirstPacket } from './first-packet.ts'
import { openvpn } from './openvpn.ts'
import { quic } from './quic.ts'
import { stunBinding } from './stun-binding.ts'
import { utp } from './utp.ts'

/** What a stranger tries on a UDP port of which he does not know who holds it. 1286 bytes in all. */
export const FIRST_PACKETS: readonly FirstPacket[] = [quic, openvpn, bittorrentDht, utp, stunBinding]
