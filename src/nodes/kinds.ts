import type { PortSpec } from '../model/endpoint.ts'

/**
 * The kinds of node that `--node` takes, each with the ports on which strangers must reach it when it is left as
 * installed. Null: this kind has no permanent port, so the user must name it.
 */
export const NODE_KINDS = {
  phala: [tcp(30333), tcp(30334)],
  khala: [tcp(30333), tcp(30334)],
  substrate: [tcp(30333)],
  ipfs: [tcp(4001), udp(4001)],
  mysterium: null,
  libp2p: null,
  ethereum: [tcp(30303), udp(30303), tcp(9000), udp(9000)],
  bitcoin: [tcp(8333)],
  bittorrent: [tcp(51413), udp(51413)],
  syncthing: [tcp(22000), udp(22000)],
  tor: [tcp(9001)],
} as const satisfies Record<string, readonly PortSpec[] | null>

export type NodeKind = keyof typeof NODE_KINDS

export function isNodeKind(text: string): text is NodeKind {
  return Object.hasOwn(NODE_KINDS, text)
}

function tcp(port: number): PortSpec {
  return { transport: 'tcp', port }
}

function udp(port: number): PortSpec {
  return { transport: 'udp', port }
}
