import type { Address, Family, PortSpec, Transport } from '../model/endpoint.ts'
import type {
  NodeAccess,
  NodeAddressesFact,
  NodeClients,
  NodeOpinion,
  PeerRange,
  PortRange,
} from '../model/evidence.ts'
import type { ProtocolName } from '../wire/first-packet/protocols.ts'
import type { Announcing } from './announce.ts'
import type { NodePlace } from './place.ts'
import type { Reconfiguring } from './reconfiguring.ts'

/**
 * One kind of node: everything that peerway knows about it. A file each in this folder, all of this shape; `kinds.ts`
 * lists them. Asking goes through `NodePlace` alone, and what comes back is read by pure functions.
 */
export interface NodeKind {
  readonly name: string
  /** Names of its processes as the kernel keeps them: at most 15 characters. */
  readonly processes: readonly string[]
  /** The names of its container images, without registry and tag; null where none are known. */
  readonly images: Pick<RegExp, 'test'> | null
  /** On which strangers must reach it when it is left as installed. Null: it has no permanent port. */
  readonly ports: readonly PortSpec[] | null
  /** TCP ports that nobody outside may ever reach, as installed. */
  readonly adminPorts: readonly AdminPort[]
  /** Only with such sockets a process of that name is a node, where not every one is. */
  readonly isNode?: (sockets: readonly NodeSocket[]) => boolean
  /** What its peers say first: what a filter on the way may look for. */
  readonly protocols: readonly ProtocolName[]
  /** How it is made to announce an address; absent where it cannot be told to. */
  readonly announcing?: Announcing
  /** How it is told to do otherwise; absent where nothing is known of that. */
  readonly reconfiguring?: Reconfiguring
  /** What is known of it without asking, because its user has told. */
  readonly known?: Partial<NodeTold>
  /** Asks it. Bounded; whatever it answers, or does not, is a value. */
  readonly ask: (place: NodePlace) => Promise<NodeTold>
}

/** `service`: what answers there, in the kind's own word: `rpc`, `api`, `metrics`. */
export interface AdminPort {
  readonly port: number
  readonly service: string
}

/** Who listens where, as it looks from where the node lives: on this host, or inside its container. */
export interface NodeSocket {
  readonly transport: Transport
  readonly address: Address
  readonly port: number
  readonly families: readonly Family[]
}

/** What a node told; empty where it told nothing. Ports are those of where it lives. */
export interface NodeTold {
  readonly access: NodeAccess
  /** Where it was asked: a URL or a file, without secrets; null: nowhere. */
  readonly asked: string | null
  readonly version: string | null
  /** The ports that strangers shall reach; null where it did not tell. */
  readonly ports: readonly PortSpec[] | null
  /** Where its ports are open only while a client is with it; null where they stay open. */
  readonly onDemand: PortRange | null
  /** Whose packets it has this host's kernel pass on; null where it passes on none, or does so itself. */
  readonly clients: NodeClients | null
  /** Ports of administration that it names itself, beside those as installed. */
  readonly adminPorts: readonly AdminPort[]
  readonly peers: readonly PeersTold[]
  readonly addresses: NodeAddressesFact | null
  readonly opinions: readonly NodeOpinion[]
}

export interface PeersTold {
  /** Which half, where one program is several nodes. */
  readonly part: string | null
  readonly peers: number
  readonly inbound: number | null
  /** Where those that came in came from, directly; null where it does not tell. */
  readonly inboundFrom: readonly { readonly transport: Transport; readonly address: Address }[] | null
  readonly wanted: PeerRange | null
  /** So many it dials by itself: with no more than that, nobody may have come in. */
  readonly outboundQuota: number | null
  readonly from: 'api' | 'metrics' | 'log'
}

const NOTHING: NodeTold = {
  access: 'not-asked',
  asked: null,
  version: null,
  ports: null,
  onDemand: null,
  clients: null,
  adminPorts: [],
  peers: [],
  addresses: null,
  opinions: [],
}

/** What is known beside nothing. */
export function told(known: Partial<NodeTold>): NodeTold {
  return { ...NOTHING, ...known }
}

export function tcp(port: number): PortSpec {
  return { transport: 'tcp', port }
}

export function udp(port: number): PortSpec {
  return { transport: 'udp', port }
}
