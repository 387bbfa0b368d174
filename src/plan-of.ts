import { parsePortSpecs, parseServerSpec } from './asked.ts'
import type { PortSpec } from './model/endpoint.ts'
import { PeerwayError } from './model/error.ts'
import type { ObservePlan } from './model/plan.ts'
import { isNodeKind, NODE_KINDS, type NodeKind } from './nodes/kinds.ts'
import { protocolsOf } from './nodes/protocols.ts'
import { PUBLIC_STUN_SERVERS } from './public-stun-servers.ts'
import type { Language } from './report/render-message.ts'

/** What `check` shall find out. Every text is written as on the command line. */
export interface CheckOptions {
  /** `udp/4001`, `tcp/4001`, or `4001` for both. Without any: the usual ports of `node`. */
  readonly ports?: readonly string[] | undefined
  /** The kind of node that runs here. */
  readonly node?: NodeKind | undefined
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
    ports: ports.length > 0 ? unique(ports.flatMap(parsePortSpecs)) : portsOf(node),
    vantages: vantages.map(parseServerSpec),
    publicStunServers: stunServers.map(parseServerSpec),
    deep,
    stateFolder,
    otherStateFolders,
    protocols: protocolsOf(node),
  }
}

/** `text` as a kind of node, undefined for undefined. `PeerwayError` `bad-input` with the kinds that there are. */
export function parseNodeKind(text: string | undefined): NodeKind | undefined {
  if (text === undefined || isNodeKind(text)) return text
  const kinds = Object.keys(NODE_KINDS).join(', ')
  throw new PeerwayError('bad-input', `"${text}" is no kind of node; there are: ${kinds}`)
}

function portsOf(node: NodeKind | undefined): readonly PortSpec[] {
  if (node === undefined) {
    const advice = 'name it with --port 4001 (udp/4001, tcp/4001), or your kind of node with --node ipfs'
    throw new PeerwayError('bad-input', `which port shall strangers reach? ${advice}`)
  }
  const ports = NODE_KINDS[node]
  if (ports === null) throw new PeerwayError('bad-input', `${node} has no port of its own: name yours with --port`)
  return ports
}

function unique(ports: readonly PortSpec[]): readonly PortSpec[] {
  return ports.filter(
    (one, index) => index === ports.findIndex((other) => other.port === one.port && other.transport === one.transport),
  )
}
