import type { PortSpec } from '../model/endpoint.ts'
import type { GivenMultiaddr } from './multiaddr-given.ts'
import { type NodeKind, told } from './node-kind.ts'

/** Any program that speaks libp2p: it has no usual port and no common way to be asked, so its user has to tell. */
export const libp2p: NodeKind = {
  name: 'libp2p',
  processes: [],
  images: null,
  ports: null,
  adminPorts: [],
  protocols: ['multistream', 'quic'],
  ask: async () => told({}),
}

/** The same where it is known what it tells its peers to dial; without other ports those are the ones asked about. */
export function libp2pAt(announced: readonly GivenMultiaddr[]): NodeKind {
  const ports = announced.map(({ place: { transport, port } }): PortSpec => ({ transport, port }))
  const unique = [...new Map(ports.map((one) => [`${one.transport}/${one.port}`, one])).values()]
  const places = announced.map(({ place }) => place)
  return {
    ...libp2p,
    ports: unique,
    protocols: [...new Set(announced.flatMap(({ protocol }) => protocol ?? []))],
    known: { ports: unique, addresses: { announced: places, configured: null, isComplete: true } },
  }
}
