import { bittorrentDht } from './bittorrent-dht.ts'
import type { FirstPacket } from './first-packet.ts'
import { natPmpAddress } from './nat-pmp-address.ts'
import { openvpn } from './openvpn.ts'
import { quic } from './quic.ts'
import { SSDP_SEARCHES } from './ssdp-search.ts'
import { stunBinding } from './stun-binding.ts'
import { utp } from './utp.ts'

/** What a stranger tries on a UDP port of which he does not know who holds it. 1286 bytes in all. */
export const FIRST_PACKETS: readonly FirstPacket[] = [quic, openvpn, bittorrentDht, utp, stunBinding]

/** What makes a router's own services speak, by the kind of payload that asks for it; each on a port of its own. */
export const ROUTER_PACKETS = { ssdp: SSDP_SEARCHES, 'nat-pmp': [natPmpAddress] } as const satisfies Record<
  string,
  readonly FirstPacket[]
>
