import { bitcoinOpening } from './bitcoin-version.ts'
import { bittorrentDht } from './bittorrent-dht.ts'
import { bittorrentOpening } from './bittorrent-handshake.ts'
import { devp2pOpening } from './devp2p-auth.ts'
import type { FirstPacket } from './first-packet.ts'
import { multistreamOpening, noiseOpening, websocketOpening } from './libp2p-openings.ts'
import type { Opening } from './opening.ts'
import { openvpn } from './openvpn.ts'
import { openvpnTcpOpening } from './openvpn-tcp.ts'
import { quicOpening } from './quic-initial.ts'
import { utp } from './utp.ts'
import { wireguardOpening } from './wireguard.ts'

/** The protocols that filters are known to look for, by the names that the control protocol and the report use. */
export const OPENINGS = {
  multistream: multistreamOpening,
  noise: noiseOpening,
  websocket: websocketOpening,
  quic: quicOpening,
  openvpn: udp(openvpn),
  'openvpn-tcp': openvpnTcpOpening,
  wireguard: wireguardOpening,
  bittorrent: bittorrentOpening,
  utp: udp(utp),
  'bittorrent-dht': udp(bittorrentDht),
  devp2p: devp2pOpening,
  bitcoin: bitcoinOpening,
} as const satisfies Record<string, Opening>

export type ProtocolName = keyof typeof OPENINGS

export const PROTOCOL_NAMES = Object.keys(OPENINGS) as readonly ProtocolName[]

export function isProtocolName(text: string): text is ProtocolName {
  return Object.hasOwn(OPENINGS, text)
}

/** Bytes of the same shape that mean nothing: each one turned by `mask`. Turned twice they are as before. */
export function masked(bytes: Uint8Array, mask: number): Uint8Array {
  const turned = new Uint8Array(bytes.length)
  for (let index = 0; index < bytes.length; index++) turned[index] = bytes[index]! ^ mask
  return turned
}

/** Every bit turned: as an answer it makes a protocol of what means nothing, and the other way round. */
export const INVERTED = 0xff

function udp({ randomLength, encode }: FirstPacket): Opening {
  return { transport: 'udp', randomLength, encode }
}
