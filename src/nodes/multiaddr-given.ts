import type { NodeAddress } from '../model/evidence.ts'
import type { ProtocolName } from '../wire/first-packet/protocols.ts'
import { parseMultiaddr } from './multiaddr.ts'

/** A multiaddr that a person gave: where to dial, and what is spoken there first. */
export interface GivenMultiaddr {
  readonly place: NodeAddress
  /** Null where what is spoken first is encrypted as on any web server, so that nothing tells it from that. */
  readonly protocol: ProtocolName | null
}

/** `no-place`: no address or name with a port in front. `relayed`: the way to a relay. Else the part that is not understood. */
export type MultiaddrFault = 'no-place' | 'relayed' | { readonly part: string }

const BASE = '[A-Za-z0-9_=-]{8,128}'
const PEER = `(?:/p2p/[1-9A-HJ-NP-Za-km-z]{20,64})?`

/** What may stand behind the port (https://github.com/multiformats/multiaddr/blob/master/protocols.csv, and libp2p's specs). */
const WAYS: readonly (readonly [transport: 'tcp' | 'udp', rest: RegExp, protocol: ProtocolName | null])[] = [
  ['tcp', new RegExp(`^${PEER}$`), 'multistream'],
  ['tcp', new RegExp(`^/ws${PEER}$`), 'websocket'],
  ['tcp', new RegExp(`^/(?:wss|tls(?:/sni/[A-Za-z0-9.-]{1,253})?/ws)${PEER}$`), null],
  ['udp', new RegExp(`^/quic(?:-v1)?(?:/webtransport(?:/certhash/${BASE}){0,4})?${PEER}$`), 'quic'],
  ['udp', new RegExp(`^/webrtc-direct(?:/certhash/${BASE}){0,4}${PEER}$`), null],
]

/** Reads a multiaddr to its end; what a node tells of itself is read more kindly, by `parseMultiaddr`. Pure. */
export function parseGivenMultiaddr(text: string): GivenMultiaddr | MultiaddrFault {
  const place = parseMultiaddr(text)
  if (place === undefined) return 'no-place'
  if (!place.isDirect) return 'relayed'
  const rest = /^\/[^/]+\/[^/]+\/[^/]+\/[^/]+(.*)$/s.exec(text)![1]!
  const way = WAYS.find(([transport, pattern]) => transport === place.transport && pattern.test(rest))
  return way === undefined
    ? { part: rest === '' ? `/${place.transport}/${place.port}` : rest }
    : { place, protocol: way[2] }
}
