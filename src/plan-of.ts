import { parsePortSpecs, parseServerSpec } from './asked.ts'
import type { PortSpec } from './model/endpoint.ts'
import { errorText, PeerwayError } from './model/error.ts'
import type { ObservePlan } from './model/plan.ts'
import { isNodeKind, NODE_KINDS, type NodeKindName } from './nodes/kinds.ts'
import type { NodeKind } from './nodes/node-kind.ts'
import { protocolsOf } from './nodes/protocols.ts'
import { PUBLIC_STUN_SERVERS } from './public-stun-servers.ts'
import type { Language } from './report/render-message.ts'

/** What `check` shall find out. Every text is written as on the command line. */
export interface CheckOptions {
  /** `udp/4001`, `tcp/4001`, or `4001` for both. Without any: those of the node that runs here. */
  readonly ports?: readonly string[] | undefined
  /** The kind of node that runs here, or one of your own. Without it the node is looked for. */
  readonly node?: NodeKindName | NodeKind | undefined
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

/** Checks the options and makes them a plan. Pure. `PeerwayError` `bad-input` for a port, kind or server that is none. */
export function planOf(options: CheckOptions): ObservePlan {
  const { ports = [], node, vantages = [], stunServers = PUBLIC_STUN_SERVERS } = options
  const { deep = false, stateFolder = null, otherStateFolders = [] } = options
  return {
    ports: unique(ports.flatMap(parsePortSpecs)),
    vantages: vantages.map(parseServerSpec),
    publicStunServers: stunServers.map(parseServerSpec),
    deep,
    stateFolder,
    otherStateFolders,
    protocols: typeof node === 'string' ? protocolsOf(node) : [],
  }
}

/** `text` as a kind of node, undefined for undefined. `PeerwayError` `bad-input` with the kinds that there are. */
export function parseNodeKind(text: string | undefined): NodeKindName | undefined {
  if (text === undefined || isNodeKind(text)) return text
  const kinds = Object.keys(NODE_KINDS).join(', ')
  throw new PeerwayError('bad-input', errorText('error.node-kind', { text, kinds }))
}

/** The kind that `check` was told; null where it was told none. */
export function kindOf({ node }: CheckOptions): NodeKind | null {
  if (node === undefined) return null
  return typeof node === 'string' ? NODE_KINDS[node] : node
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
