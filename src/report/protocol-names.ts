/** As their specifications write them; the same in every language. What is not here is shown as it is. */
export const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  multistream: 'libp2p (multistream)',
  noise: 'libp2p (Noise)',
  websocket: 'libp2p (WebSocket)',
  quic: 'QUIC',
  openvpn: 'OpenVPN',
  'openvpn-tcp': 'OpenVPN (TCP)',
  wireguard: 'WireGuard',
  bittorrent: 'BitTorrent',
  utp: 'uTP',
  'bittorrent-dht': 'BitTorrent DHT',
  devp2p: 'devp2p (RLPx)',
  bitcoin: 'Bitcoin',
}
