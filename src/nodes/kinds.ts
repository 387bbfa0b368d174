import { bitcoin } from './bitcoin.ts'
import { bittorrent } from './bittorrent.ts'
import { ethereum } from './ethereum.ts'
import { ipfs } from './ipfs.ts'
import { libp2p } from './libp2p.ts'
import { mysterium } from './mysterium.ts'
import type { NodeKind } from './node-kind.ts'
import { khala, phala } from './phala.ts'
import { substrate } from './substrate.ts'
import { syncthing } from './syncthing.ts'
import { tor } from './tor.ts'

/**
 * The kinds of node that `--node` takes. Where several run on one host, the first of them is the one that is asked about.
 */
const KINDS = {
  phala,
  khala,
  substrate,
  ipfs,
  mysterium,
  libp2p,
  ethereum,
  bitcoin,
  bittorrent,
  syncthing,
  tor,
} satisfies Record<string, NodeKind>

export type NodeKindName = keyof typeof KINDS

export const NODE_KINDS: Readonly<Record<NodeKindName, NodeKind>> = KINDS

export const ALL_KINDS: readonly NodeKind[] = Object.values(NODE_KINDS)

export function isNodeKind(text: string): text is NodeKindName {
  return Object.hasOwn(NODE_KINDS, text)
}
