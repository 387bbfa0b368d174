import type { Answer } from '../model/answer.ts'
import type { Verdict } from '../model/diagnosis.ts'
import type { Address, EndpointName, Transport } from '../model/endpoint.ts'
import type { Behavior, FilteringBehavior, MappingBehavior } from '../model/nat.ts'
import type { ObstacleId, WarningId } from '../model/obstacle.ts'

/**
 * A small internet, as a topology file describes it (docs/topologies.md). It says how things behave, never how a
 * kernel is told to: the lab and the simulator read the same value. Every name in it has been checked to exist.
 */
export interface Topology {
  readonly title: string
  readonly networks: readonly Network[]
  readonly hosts: readonly HostSpec[]
  readonly boxes: readonly Box[]
  readonly vantages: readonly VantageSpec[]
  readonly links: readonly Link[]
  readonly truth: readonly Truth[]
}

/** A segment on which everybody hears everybody. Prefixes are canonical (`192.168.1.0/24`); at least one is there. */
export interface Network {
  readonly name: string
  readonly ipv4: string | null
  readonly ipv6: string | null
}

export interface HostSpec {
  readonly name: string
  readonly network: string
  /** Those given; a family of the network without one gets an address from `layOut`. */
  readonly addresses: readonly Address[]
  /** False: the host has no default route. */
  readonly defaultRoute: boolean
  /** Who answers its questions about names; null: nobody does. */
  readonly resolver: Address | null
  readonly listeners: readonly ListenerSpec[]
  readonly firewall: Firewall | null
  /**
   * A network whose hosts (containers, guests, VPN clients) have this host for their way out; left out or null: none.
   * Nobody else has a route to it: what shall get in or out is translated by the host's own `firewall`.
   */
  readonly inside?: string | null
  /** Does its kernel pass packets of others on? Left out: where it has an `inside`. */
  readonly forwarding?: boolean
}

/**
 * A program that holds a port. `echo` sends back what it gets; `greet` speaks as a libp2p node does (TCP: a multistream
 * header at once; UDP: QUIC Version Negotiation to an Initial of unknown version); `silent` takes everything and says
 * nothing; `nxdomain` (UDP) is a resolver that knows no name.
 */
export interface ListenerSpec {
  readonly transport: Transport
  readonly port: number
  readonly address: 'any' | 'loopback' | Address
  readonly behavior: ListenerBehavior
  /** UDP: sends a datagram there from its port at once and then every 5 s, as a node that has peers does. */
  readonly contacts: readonly { readonly host: string; readonly port: number }[]
}

export const LISTENER_BEHAVIORS = ['echo', 'greet', 'silent', 'nxdomain'] as const
export type ListenerBehavior = (typeof LISTENER_BEHAVIORS)[number]

/** Rules of the host, in the language of `nft -f` or of `iptables-restore`. */
export interface Firewall {
  readonly language: 'nft' | 'iptables'
  readonly text: string
}

/**
 * Something between two networks. `inside` is the customer's side. Routers and carriers translate IPv4 where `nat` says
 * so; providers filter. The kinds differ in who can reach them: a customer can change a `router`, nobody the others.
 */
export interface Box {
  readonly name: string
  readonly kind: 'router' | 'carrier' | 'provider'
  readonly inside: string
  readonly outside: string
  /** Addresses on the outside given in the file. */
  readonly addresses: readonly Address[]
  readonly nat: Nat | null
  /**
   * What it does to packets from outside that it does not translate (IPv6; IPv4 without `nat`). `stateful`: those that
   * no inside host asked for are dropped. `open`: everything passes.
   */
  readonly firewall: 'stateful' | 'open'
  readonly forwards: readonly Forward[]
  /** Gets whatever no forward and no mapping took; null when there is none. */
  readonly dmz: string | null
  readonly portMapping: readonly PortMappingProtocol[]
  /** Does it serve `portMapping` to the outside too, as a faulty router does? Left out: no. */
  readonly portMappingOutside?: boolean
  /** Does it serve an administration page on TCP 80 of its inside addresses? */
  readonly page: boolean
  readonly filters: readonly Filter[]
}

/** Where a router with `portMappingOutside` is heard from outside, in IPv4: SSDP, NAT-PMP with PCP, and UPnP's device. */
export const SERVED_OUTSIDE = { udp: [1900, 5351], tcp: [5000] } as const

export type PortMappingProtocol = 'upnp' | 'nat-pmp' | 'pcp'
export const PORT_MAPPING_PROTOCOLS = ['upnp', 'nat-pmp', 'pcp'] as const

/** Behavior of the IPv4 translation, in the words of RFC 4787. */
export interface Nat {
  readonly mapping: Behavior
  readonly filtering: Behavior
  /** Only ever true with endpoint-independent mapping. */
  readonly portPreservation: boolean
  readonly hairpinning: boolean
  /**
   * With address-dependent filtering: what a sent packet opens. `mapping`: the mapping that it used (RFC 4787 §5).
   * `host`: every port of the host that sent it, as routers do that remember addresses alone.
   */
  readonly remembers: 'mapping' | 'host'
  /** How a new mapping gets its port; left out or null: as `portPreservation` says, in the way that is usual with `mapping`. */
  readonly ports?: PortChoice | null
  /** Does an even port get an even one, and an odd one an odd one (RFC 4787 §4.2.2)? Left out: as it happens. */
  readonly portParity?: boolean
  /** Of several IPv4 addresses outside: one host always gets the same (§4.1), or any. Left out or null: all get the first. */
  readonly pooling?: 'paired' | 'arbitrary' | null
  /** Whose packets keep a UDP mapping alive (§4.3): only those from inside, or, also when left out, of both sides. */
  readonly refresh?: 'both' | 'outbound'
  readonly udpTimeoutSeconds: number
  /** Of UDP that nobody answered yet; left out or null: the same. */
  readonly udpUnansweredTimeoutSeconds?: number | null
  readonly tcpTimeoutSeconds: number
  /** Of TCP whose handshake is not complete, of TCP that ends, and of echoes; left out or null: Linux's own. */
  readonly tcpOpeningTimeoutSeconds?: number | null
  readonly tcpClosingTimeoutSeconds?: number | null
  readonly icmpTimeoutSeconds?: number | null
  /** Connections that it remembers at the same time; one more is not let through. Left out or null: as many as there are. */
  readonly mostConnections?: number | null
}

/**
 * `preserved`: the port inside where it is free, else another. `overloaded`: the port inside even where another host has
 * it. `changed`: another one, told by the port inside. `contiguous`: the next after the last one given. `random`.
 */
export const PORT_CHOICES = ['preserved', 'overloaded', 'changed', 'contiguous', 'random'] as const
export type PortChoice = (typeof PORT_CHOICES)[number]

/** `to` is a host or a box (then its outside address) on the inside network. */
export interface Forward {
  readonly transports: readonly Transport[]
  readonly port: number
  readonly to: { readonly name: string; readonly port: number }
}

/** Where a portal sends browsers, and the port that its program holds on the provider's box. */
export const PORTAL_PAGE = 'http://login.example/'
export const PORTAL_PORT = 8880

/**
 * What a provider does to packets it should carry. Judged is the packet that opens a flow; with `everyPacket` or `payload`
 * every one. `reset` tells both ends of a TCP connection that it is over; `syn-proxy` completes every TCP handshake itself
 * and only then asks the inside host; `portal` answers connections itself, in
 * the place of whoever was meant, and sends browsers to `PORTAL_PAGE`; `throttle` drops what comes faster than `kilobitsPerSecond`; `truncate` cuts IPv4 datagrams, and lets them on.
 */
export interface Filter {
  readonly direction: 'in' | 'out'
  /** `any`: every packet of IP, ICMP too. */
  readonly transports: readonly Transport[] | 'any'
  /** Destination ports. */
  readonly ports: 'any' | { readonly only: readonly number[] } | { readonly except: readonly number[] }
  /** Bytes that the payload of UDP or TCP begins with, in each packet by itself; left out or null: whatever it is. */
  readonly payload?: Uint8Array | null
  readonly action: 'drop' | 'reject' | 'reset' | 'syn-proxy' | 'portal' | 'throttle' | 'truncate'
  readonly everyPacket: boolean
  /** With `payload`: only the first packet of a flow that carries anything, either way, is looked at. Left out: no. */
  readonly firstPacket?: boolean
  /** With `payload`: once it was found, all of the flow meets the action, both ways. Left out: no. */
  readonly wholeFlow?: boolean
  /** Of a `throttle`, IP headers counted: of each flow and direction where `payload` picks flows, else of each transport. */
  readonly kilobitsPerSecond?: number | null
  /** So much of its payload a `truncate` leaves of each UDP datagram over IPv4. */
  readonly payloadBytes?: number | null
}

/** A host that dials for others. `dead: 'refused'`: up, with nothing on the port; `dead: 'silent'`: answers nothing at all. */
export interface VantageSpec {
  readonly name: string
  readonly network: string
  readonly kind: 'peerway' | 'stun'
  readonly address: Address
  readonly alternateAddress: Address | null
  readonly port: number
  readonly token: string | null
  readonly dead: 'refused' | 'silent' | null
}

/** The cable of `from` to `to`, both ways. Delay is one way; loss is of each packet, each way. */
export interface Link {
  readonly from: string
  readonly to: string
  readonly delayMs: number
  /** Up to so much more delay, drawn for each packet, in order but for `reorderPercent` of them, which overtake. Left out: 0. */
  readonly jitterMs?: number
  readonly reorderPercent?: number
  readonly lossPercent: number
  /** Longest IP packet that it takes; left out: 1500. */
  readonly mtu?: number
}

/** What `check` must say when run on `on`, and what happens to a stranger in truth. */
export interface Truth {
  readonly on: string
  /** Arguments of `peerway check`. */
  readonly check: readonly string[]
  readonly verdict: Verdict
  readonly exit: number
  readonly endpoints: ReadonlyMap<EndpointName, Answer>
  /** What a stranger meets where `endpoints` cannot know it; else the same. */
  readonly stranger: ReadonlyMap<EndpointName, Answer>
  /** Obstacles that must be stated as proven, each with the endpoints it stops. */
  readonly obstacles: ReadonlyMap<ObstacleId, readonly EndpointName[]>
  /** Obstacles that may be stated, but only as likely: the evidence to be had does not decide. */
  readonly atMostLikely: readonly ObstacleId[]
  /** Exactly these are to be stated; null: not compared. */
  readonly warnings: readonly WarningId[] | null
  /** Keys left out are not compared. */
  readonly nat: {
    readonly layers?: number
    readonly mapping?: MappingBehavior
    readonly filtering?: FilteringBehavior
  }
}
