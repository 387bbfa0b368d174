import type { NodeKindName } from './kinds.ts'

/** What peers of each kind say first, by the names of `wire/first-packet/protocols.ts`: what a filter may look for. */
const PROTOCOLS: Readonly<Record<NodeKindName, readonly string[]>> = {
  // Both listen for WebSocket alone.
  phala: ['websocket'],
  khala: ['websocket'],
  substrate: ['multistream', 'websocket'],
  ipfs: ['multistream', 'quic'],
  mysterium: ['openvpn', 'wireguard', 'openvpn-tcp'],
  libp2p: ['multistream', 'quic'],
  ethereum: ['devp2p', 'multistream', 'quic'],
  bitcoin: ['bitcoin'],
  bittorrent: ['bittorrent', 'utp', 'bittorrent-dht'],
  syncthing: ['quic'],
  tor: [],
}

export function protocolsOf(kind: NodeKindName | undefined): readonly string[] {
  return kind === undefined ? [] : PROTOCOLS[kind]
}
