import type { Address, Family } from '../model/endpoint.ts'

/**
 * One packet before its first hook, whole and without IPv6 extension headers. What is left out is not known, and rules
 * that ask for it cannot be judged.
 */
export interface Packet {
  readonly family: Family
  readonly source: Address
  readonly destination: Address
  /** IP protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6. */
  readonly protocol: number
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** The flag byte of TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly tcpFlags?: number
  readonly icmpType?: number
  readonly icmpCode?: number
  /** By name; null for a packet that this host made itself. */
  readonly inInterface: string | null
  /** Where a packet that this host made itself leaves; ignored for the others, which `WalkContext.route` sends on. */
  readonly outInterface?: string | null
  /** 0 when left out: no packet arrives with a mark. */
  readonly mark?: number
  readonly ttl?: number
  /** Of the whole IP packet. */
  readonly lengthBytes?: number
  readonly packetType?: 'host' | 'broadcast' | 'multicast' | 'other'
}

export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked'

/** Where one end of a connection really is, once translated. */
export interface Translated {
  readonly address: Address
  readonly port?: number
}

/**
 * What connection tracking knows of the packet's connection. A new connection has everything by definition; of an older
 * one, what is left out is not known.
 */
export interface Connection {
  readonly state: ConnectionState
  /** `original` when left out. */
  readonly direction?: 'original' | 'reply'
  readonly mark?: number
  /** Is either end translated? Follows from the walk itself for a new connection. */
  readonly sourceTranslated?: boolean
  readonly destinationTranslated?: boolean
  /** What the kernel rewrites in this very packet because an earlier one of the connection was; left out for the first one. */
  readonly rewrite?: { readonly source?: Translated; readonly destination?: Translated }
  /** Addresses and ports of the connection's first packet, as it came in. */
  readonly original?: Pick<Packet, 'source' | 'destination' | 'sourcePort' | 'destinationPort'>
}

/** What routing does with a packet. `unknown` ends the walk undecided. */
export type Route = 'local' | 'unreachable' | 'unknown' | { readonly out: string }

export type AddressType =
  | 'unspec'
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'

/** The host around the rules. Every function must answer the same for the same question during one walk. */
export interface WalkContext {
  /** The routing decision for a packet that came in, or, after output changed its destination or mark, that leaves. */
  readonly route: (packet: Packet) => Route
  /** A new connection when left out. */
  readonly connection?: Connection
  /** The type of an address in the routing table; undefined when not known. */
  readonly addressType?: (address: Address) => AddressType | undefined
  /** The address that masquerading and redirecting take from an interface; undefined when not known. */
  readonly primaryAddress?: (interfaceName: string, family: Family) => Address | undefined
  /** Would an answer to the packet's source leave by the interface that it came in by? Undefined when not known. */
  readonly passesReversePath?: (packet: Packet) => boolean | undefined
  /** The port of a bridge by which the packet came in or will leave; the hooks of family bridge are walked for such. */
  readonly bridgePort?: (bridge: string) => string | undefined
}
