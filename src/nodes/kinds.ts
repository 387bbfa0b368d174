import { ipfs } from './ipfs.ts'
import { type NodeKind, tcp, told, udp } from './node-kind.ts'

/**
 * The kinds of node that `--node` takes. Where several run on one host, the first of them is the one that is asked about.
 */
const KINDS = {
  phala: unasked('phala', [tcp(30333), tcp(30334)]),
  khala: unasked('khala', [tcp(30333), tcp(30334)]),
  substrate: unasked('substrate', [tcp(30333)]),
  ipfs,
  mysterium: unasked('mysterium', null),
  libp2p: unasked('libp2p', null),
  ethereum: unasked('ethereum', [tcp(30303), udp(30303), tcp(9000), udp(9000)]),
  bitcoin: unasked('bitcoin', [tcp(8333)]),
  bittorrent: unasked('bittorrent', [tcp(51413), udp(51413)]),
  syncthing: unasked('syncthing', [tcp(22000), udp(22000)]),
  tor: unasked('tor', [tcp(9001)]),
} satisfies Record<string, NodeKind>

export type NodeKindName = keyof typeof KINDS

export const NODE_KINDS: Readonly<Record<NodeKindName, NodeKind>> = KINDS

export const ALL_KINDS: readonly NodeKind[] = Object.values(NODE_KINDS)

export function isNodeKind(text: string): text is NodeKindName {
  return Object.hasOwn(NODE_KINDS, text)
}

function unasked(name: string, ports: NodeKind['ports']): NodeKind {
  return { name, processes: [], images: null, ports, adminPorts: [], ask: async () => told({}) }
}
