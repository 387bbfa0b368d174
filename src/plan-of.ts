import { parsePortSpecs, parseServerSpec } from './asked.ts'
import type { PortSpec } from './model/endpoint.ts'
import { errorText, PeerwayError } from './model/error.ts'
import type { ObservePlan } from './model/plan.ts'
import { isNodeKind, NODE_KINDS, type NodeKindName } from './nodes/kinds.ts'
import { libp2pAt } from './nodes/libp2p.ts'
import { type GivenMultiaddr, parseGivenMultiaddr } from './nodes/multiaddr-given.ts'
import type { NodeKind } from './nodes/node-kind.ts'
import { type OwnKind, ownKind } from './nodes/own-kind.ts'
import { PUBLIC_STUN_SERVERS } from './public-stun-servers.ts'
import type { AskedNode } from './remedy/site.ts'
import type { Language } from './report/render-message.ts'

/** What `check` shall find out. Every text is written as on the command line. */
export interface CheckOptions {
  /** `udp/4001`, `tcp/4001`, or `4001` for both. Without any: those of the node that runs here. */
  readonly ports?: readonly string[] | undefined
  /** The kind of node that runs here, or one of your own: in code, or as a file describes it. Without it the node is looked for. */
  readonly node?: NodeKindName | NodeKind | OwnKind | undefined
  /** What a libp2p node tells its peers to dial, as multiaddrs. They are asked about where no ports are named. */
  readonly announced?: readonly string[] | undefined
  /** Vantages: `HOST`, `HOST:PORT`, `[IPV6]:PORT`; port 3478 where none is written. Without any nothing can be proven. */
  readonly vantages?: readonly string[] | undefined
  /** STUN servers to ask beside the vantages, RFC 5780 capable ones first; without it a list of public ones. */
  readonly stunServers?: readonly string[] | undefined
  /** Ask as well what takes minutes to find out. */
  readonly deep?: boolean | undefined
  /** Folder in which contacted addresses are remembered; null or absent: nothing is remembered. */
  readonly stateFolder?: string | null | undefined
  /** Such folders of other users of this host, who have contacted addresses too. They are only read. */
  readonly otherStateFolders?: readonly string[] | undefined
  /** Language of the sentences in the report; English without it. */
  readonly language?: Language | undefined
}

/** Checks the options and makes them a plan. Pure. `PeerwayError` `bad-input` for a port, kind, multiaddr or server that is none. */
export function planOf(options: CheckOptions): ObservePlan {
  const { ports = [], vantages = [], stunServers = PUBLIC_STUN_SERVERS } = options
  const { deep = false, stateFolder = null, otherStateFolders = [] } = options
  kindOf(options)
  return {
    ports: unique(ports.flatMap(parsePortSpecs)),
    vantages: vantages.map(parseServerSpec),
    publicStunServers: stunServers.map(parseServerSpec),
    deep,
    stateFolder,
    otherStateFolders,
  }
}

/** `text` as a kind of node, undefined for undefined. `PeerwayError` `bad-input` with the kinds that there are. */
export function parseNodeKind(text: string | undefined): NodeKindName | undefined {
  if (text === undefined || isNodeKind(text)) return text
  const kinds = Object.keys(NODE_KINDS).join(', ')
  throw new PeerwayError('bad-input', errorText('error.node-kind', { text, kinds }))
}

/** The kind that `check` was told; null where it was told none. */
export function kindOf({ node, announced = [] }: CheckOptions): NodeKind | null {
  if (announced.length > 0) {
    if (node !== undefined && node !== 'libp2p') throw new PeerwayError('bad-input', errorText('error.announce-kind'))
    return libp2pAt(announced.map(requireMultiaddr))
  }
  if (node === undefined) return null
  if (typeof node === 'string') return NODE_KINDS[node]
  return 'ask' in node ? node : ownKind(node)
}

/** How the kind was named on the command line, and the kind itself. */
export function askedNode(options: CheckOptions): AskedNode {
  const { node, announced = [] } = options
  const file = typeof node === 'object' && 'file' in node ? [node.file] : []
  const named = typeof node === 'string' ? [node] : file
  const flags = [...named.map((one) => `--node ${quoted(one)}`), ...announced.map((one) => `--announce ${one}`)]
  return { flags, kind: kindOf(options) }
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function requireMultiaddr(text: string): GivenMultiaddr {
  const given = parseGivenMultiaddr(text)
  if (typeof given === 'object' && 'place' in given) return given
  const problem =
    typeof given === 'object'
      ? errorText('error.of.multiaddr-part', { part: given.part })
      : errorText(given === 'relayed' ? 'error.of.multiaddr-relayed' : 'error.of.multiaddr-form')
  throw new PeerwayError('bad-input', errorText('error.multiaddr', { text, problem }))
}

/**
 * Why there is no port to ask about: no node was found here, or one that does not tell its ports. `PeerwayError`, for the
 * user has to name them.
 */
export function noPorts(kind: string | undefined): PeerwayError {
  if (kind !== undefined) {
    return new PeerwayError('bad-input', errorText('error.no-port', { kind }))
  }
  return new PeerwayError('bad-input', errorText('error.no-node'))
}

function unique(ports: readonly PortSpec[]): readonly PortSpec[] {
  return ports.filter(
    (one, index) => index === ports.findIndex((other) => other.port === one.port && other.transport === one.transport),
  )
}
