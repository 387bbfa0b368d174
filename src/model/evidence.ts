import type { Answer } from './answer.ts'
import type { Address, Endpoint, Family, PortSpec, Transport } from './endpoint.ts'
import type { Message } from './message.ts'
import type { Behavior } from './nat.ts'

/**
 * One observed fact. `value` is what was seen, never what it means: meaning is made in `diagnose/` alone.
 *
 * `id` is unique in a report (`e1`, `e2`, ...), `atMs` is `host.clock.nowMs()` when the answer, or its absence, was in.
 * The sentence that people read is made from the value by `report/evidence-text.ts`.
 */
export interface EvidenceOf<Probe extends string, Value> {
  readonly id: string
  readonly probe: Probe
  readonly atMs: number
  readonly value: Value
}

export type Evidence =
  | EvidenceOf<'addresses', AddressesFact>
  | EvidenceOf<'listeners', ListenersFact>
  | EvidenceOf<'rule-sources', RuleSourcesFact>
  | EvidenceOf<'host-rules', HostRulesFact>
  | EvidenceOf<'vantage', VantageFact>
  | EvidenceOf<'external-address', ExternalAddressFact>
  | EvidenceOf<'local-answer', LocalAnswerFact>
  | EvidenceOf<'dial-back', DialBackFact>
  | EvidenceOf<'datagrams-read', DatagramsReadFact>
  | EvidenceOf<'mapping', MappingFact>
  | EvidenceOf<'filtering', FilteringFact>
  | EvidenceOf<'hairpinning', HairpinningFact>
  | EvidenceOf<'port-preservation', PortPreservationFact>
  | EvidenceOf<'outbound', OutboundFact>
  | EvidenceOf<'own-rules', OwnRulesFact>
  | EvidenceOf<'client-rules', ClientRulesFact>
  | EvidenceOf<'interception', InterceptionFact>
  | EvidenceOf<'protocol-exchange', ProtocolExchangeFact>
  | EvidenceOf<'protocol-answer', ProtocolAnswerFact>
  | EvidenceOf<'protocol-rate', ProtocolRateFact>
  | EvidenceOf<'filter-hop', FilterHopFact>
  | EvidenceOf<'flow-rules', FlowRulesFact>
  | EvidenceOf<'path-mtu', PathMtuFact>
  | EvidenceOf<'hops', HopsFact>
  | EvidenceOf<'inbound-hops', InboundHopsFact>
  | EvidenceOf<'external-owner', ExternalOwnerFact>
  | EvidenceOf<'router-page', RouterPageFact>
  | EvidenceOf<'gateways', GatewaysFact>
  | EvidenceOf<'outer-gateways', OuterGatewaysFact>
  | EvidenceOf<'internet', InternetFact>
  | EvidenceOf<'idle-flows', IdleFlowsFact>
  | EvidenceOf<'idle-tcp', IdleTcpFact>
  | EvidenceOf<'containers', ContainersFact>
  | EvidenceOf<'node', NodeFact>
  | EvidenceOf<'node-addresses', NodeAddressesFact>
  | EvidenceOf<'node-peers', NodePeersFact>
  | EvidenceOf<'node-opinion', NodeOpinion>
  | EvidenceOf<'router-control', RouterControlFact>

export type ProbeName = Evidence['probe']
export type FactOf<P extends ProbeName> = Extract<Evidence, { probe: P }>['value']

// ---------------------------------------------------------------------------------------------- this host

export interface LocalAddress {
  readonly interface: string
  readonly address: Address
  readonly family: Family
  readonly prefixLength: number
}

export interface DefaultRoute {
  readonly family: Family
  /** Null on a point-to-point link. */
  readonly gateway: Address | null
  readonly interface: string
  readonly metric: number
  /** Ethernet address of the gateway from the neighbour table; null when not known. */
  readonly gatewayMac: string | null
}

/** Loopback is left out. `source` is the address that the kernel chooses towards the Internet, per family. */
export interface AddressesFact {
  readonly addresses: readonly LocalAddress[]
  readonly defaultRoutes: readonly DefaultRoute[]
  readonly source: { readonly ipv4: Address | null; readonly ipv6: Address | null }
}

export interface ListeningSocket {
  readonly transport: Transport
  /** The bound address; `0.0.0.0` and `::` are any. */
  readonly address: Address
  readonly port: number
  /** Families whose packets it gets: an IPv6 any-socket without IPV6_V6ONLY gets both. */
  readonly families: readonly Family[]
  readonly process: string | null
  readonly pid: number | null
  /** Null in the host's own network namespace; else a name for the namespace that holds the socket. */
  readonly namespace: string | null
  /** The namespace goes out through this host: its default gateway is one of our addresses. */
  readonly isGuest?: boolean
  /** Docker's proxy holds it, and passes on to here what comes; it completes handshakes whoever answers there. */
  readonly passesTo?: Endpoint
}

/** Who listens on one port and transport, for one family. */
export interface ListenersFact extends PortSpec {
  readonly family: Family
  /** `loopback-only`: the host has such sockets, and all are bound to loopback addresses. */
  readonly state: 'listening' | 'loopback-only' | 'elsewhere-only' | 'none' | 'unknown'
  readonly sockets: readonly ListeningSocket[]
  /** Were other network namespaces (containers) looked into? */
  readonly namespacesSeen: 'all' | 'own'
  /** Does a destination NAT of this host take the port elsewhere? `unknown` without permission to read rules. */
  readonly redirected: Answer
}

/**
 * Does the node that holds a UDP port answer a stranger's first packets when this very host sends them? Only then does
 * silence towards a stranger outside say anything.
 */
export interface LocalAnswerFact extends PortSpec {
  readonly family: Family
  readonly answer: Answer
}

// ---------------------------------------------------------------------------------------------- containers

/** What the engines of containers (Docker, Podman) on this host say, and what `/proc` shows of the containers. */
export interface ContainersFact {
  /** Empty where no engine has a socket on this host. */
  readonly engines: readonly EngineFact[]
  /** Running containers, all in all. */
  readonly running: number
  /** Of those, the ones that a port asked for has to do with: published, or listened on inside. The rest is nobody's business. */
  readonly containers: readonly Container[]
}

export interface EngineFact {
  readonly socket: string
  /** `unreadable`: something answered, and not as an engine does. */
  readonly access: 'read' | 'not-permitted' | 'not-available' | 'unreadable'
  /** What it would need, or what was wrong, in English; null when read. */
  readonly detail: string | null
  /** The same for people, where it is a sentence of ours. */
  readonly told?: Message
}

export interface Container {
  /** The first 12 of its hexadecimal digits. */
  readonly id: string
  readonly name: string
  readonly image: string
  /** The program that manages it. */
  readonly engine: 'docker' | 'podman'
  /** Where it was made by a compose file. */
  readonly compose: { readonly service: string; readonly file: string | null } | null
  /** In the engine's words: `bridge`, `host`, `none`, `container:ID`, a network's name. */
  readonly networkMode: string
  readonly networks: readonly ContainerNetwork[]
  /** Is this host the gateway of one of its networks? Only then this host passes packets on to it. */
  readonly isBehindHost: boolean
  readonly published: readonly PublishedPort[]
  /** Its first process; null where the engine did not tell. */
  readonly pid: number | null
  /** Who listens inside on its published ports and those asked for; null where that could not be looked into. */
  readonly listening: readonly InsideSocket[] | null
}

export interface ContainerNetwork {
  readonly name: string
  /** `bridge`, `macvlan`, `ipvlan`, `overlay`, ...; null where the engine did not tell. */
  readonly driver: string | null
  readonly addresses: readonly Address[]
}

/** `address` is one of this host; `0.0.0.0` and `::` are all of a family. */
export interface PublishedPort extends PortSpec {
  readonly address: Address
  readonly hostPort: number
}

export type InsideSocket = Pick<ListeningSocket, 'transport' | 'address' | 'port' | 'families'>

// ---------------------------------------------------------------------------------------------- the node itself

/**
 * `refused`: it answers, and wants to be told who asks. `unreadable`: something answers, and not as such a node does.
 * `not-permitted`: this host does not let us ask. `not-asked`: there was nothing to ask.
 */
export type NodeAccess = 'answered' | 'refused' | 'silent' | 'unreadable' | 'not-permitted' | 'not-asked'

/** Ports from `first` to `last`, both counted. */
export interface PortRange {
  readonly transport: Transport
  readonly first: number
  readonly last: number
}

/** Clients of a node on this host, whose packets its kernel passes on to the Internet and back. */
export interface NodeClients {
  /** What the names of their interfaces begin with. */
  readonly interfaces: string
  /** Where their addresses are from. */
  readonly network: string
  /** For every client the node appends a rule to chain FORWARD of iptables that accepts its packets. */
  readonly accepts: boolean
}

/** A node on this host, and what came of asking it. */
export interface NodeFact {
  readonly kind: string
  /** `answer`: whose process it is is hidden from us, and it answers as this kind does. `option`: the user says so, and nothing of it was seen. */
  readonly foundBy: 'process' | 'container' | 'answer' | 'option'
  readonly process: string | null
  readonly container: string | null
  readonly version: string | null
  /** Where it was asked: a URL or a file, without secrets; null: nowhere. */
  readonly asked: string | null
  readonly access: NodeAccess
  /** The ports that strangers shall reach, as this host has them. `defaults`: as such a node has them when it is left as installed. */
  readonly ports: readonly PortSpec[]
  readonly portsFrom: 'node' | 'sockets' | 'defaults' | 'none'
  /** It listens on ports out of these, and only while a client is with it; absent for one whose ports stay open. */
  readonly onDemand?: PortRange
  /** Of `ports`, those that its container does not publish; told of such a node alone, for others' sockets show it. */
  readonly unpublished?: readonly PortSpec[]
  /** The kernel's setting that lets it pass on what its clients send; absent for one that passes nothing on. */
  readonly forwarding?: { readonly setting: string; readonly on: Answer } & NodeClients
  /** Ports of administration that more than this host's own programs may reach, as this host has them. */
  readonly adminPorts: readonly NodeAdminPort[]
  /** Other kinds of node that were found here. */
  readonly others: readonly string[]
}

/** `boundTo`: where it listens on this host, or where a container's is published. */
export interface NodeAdminPort {
  readonly port: number
  readonly service: string
  readonly boundTo: readonly Address[]
  readonly isPublished: boolean
}

/** Where a node can be dialled, as it says itself. `isDirect`: false where a relay is dialled in its place. */
export interface NodeAddress extends PortSpec {
  /** Null where it is told by name. */
  readonly address: Address | null
  readonly name: string | null
  readonly isDirect: boolean
}

/**
 * `configured`: what its settings will make it announce after its next start; null where they do not tell. `isComplete`:
 * it announces nothing else, such as what each peer sees of it.
 */
export interface NodeAddressesFact {
  readonly announced: readonly NodeAddress[]
  readonly configured: readonly NodeAddress[] | null
  readonly isComplete: boolean
}

export interface PeerRange {
  readonly min: number
  readonly max: number
}

export interface NodePeersFact {
  /** Which half, where one program is several nodes. */
  readonly part: string | null
  readonly peers: number
  /** Those of them that dialled the node; null where it does not tell. */
  readonly inbound: number | null
  /**
   * Of those the ones that came from the Internet, directly, to a port of this transport and family; null where the node
   * does not tell where they came from. This host may have spoken to them before.
   */
  readonly fromOutside:
    | readonly {
        readonly transport: Transport
        readonly family: Family
        readonly peers: number
      }[]
    | null
  readonly wanted: PeerRange | null
  /** So many it dials by itself. */
  readonly outboundQuota: number | null
  readonly from: 'api' | 'metrics' | 'log'
}

/** What the node itself thinks of its reachability, over which transport and family; null: in general. */
export interface NodeOpinion {
  readonly transport: Transport | null
  readonly family: Family | null
  readonly answer: Answer
  /** In its own word, printable and at most 128 characters. */
  readonly words: string
  /** The same where the words are ours: a sentence in no language yet. */
  readonly told?: Message
}

// ---------------------------------------------------------------------------------------------- this host's rules

/** Could this host's packet filter be read, and where does it come from when the host starts? */
export interface RuleSourcesFact {
  /** `unreadable`: the programs listed something that is no rule set. */
  readonly access: 'read' | 'not-permitted' | 'not-available' | 'unreadable'
  /** What it would need, or what was wrong, in the words of the program that said so; null when read. */
  readonly detail: string | null
  /** The same for people, where it is a sentence of ours. */
  readonly told?: Message
  readonly atBoot: readonly BootSource[]
}

/** Something found on this host that may load rules at boot. */
export interface BootSource {
  readonly name: 'nftables' | 'netfilter-persistent' | 'iptables' | 'ufw' | 'firewalld' | 'docker'
  /** The file that gave it away: its rules or its settings. */
  readonly file: string
  /** Will it be started at boot? */
  readonly enabled: Answer
}

/** Where in the rules something was decided. `rule` is null for a chain's policy. */
export interface RulePlace {
  readonly backend: 'nft' | 'legacy'
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly hook: string
  readonly rule: string | null
}

/** What becomes of a packet, or of several that differ only in who the stranger is, if all fare alike. */
export interface RuleFate {
  readonly kind: 'accept' | 'drop' | 'reject' | 'unroutable' | 'unknown'
  /** Who decided, or could not be judged; null where no rule had a word in it. */
  readonly at: RulePlace | null
  /** When `unknown`: what could not be judged. */
  readonly expression: string | null
}

/** The rules of this host, followed for one endpoint. Nothing is sent. */
export interface HostRulesFact extends PortSpec {
  readonly family: Family
  /** A stranger's first packet, as it comes in by the interface towards the Internet. */
  readonly inbound: RuleFate
  /** Are some strangers let in and others stopped, by who they are? Then `inbound` is unknown. */
  readonly picksStrangers: boolean
  /** Those who dialled, or may have, and what becomes of their first packet and of the answer to it. */
  readonly diallers: readonly DiallerFate[]
  /** Is it for a process of this host, or passed on? Null where it is stopped before that is decided, or may be stopped after it. */
  readonly path: 'input' | 'forward' | null
  /** Where a rule takes it; null where its destination stays, or is not known. */
  readonly translatedTo: Endpoint | null
  /** A guest of this host is seen to listen there. */
  readonly guestListens?: true
  /** The kernel's setting that decides whether packets are passed on, where this one must be, or is stopped before. */
  readonly forwarding: { readonly setting: string; readonly on: Answer } | null
  /** The answer to it. */
  readonly answer: RuleFate
  /** A first packet of this host's own to a peer. */
  readonly outbound: RuleFate
}

/** A dial shows what becomes of strangers only where the rules treat the dialler as they treat strangers. */
export interface DiallerFate {
  readonly address: Address
  readonly inbound: RuleFate
  readonly answer: RuleFate
}

// ---------------------------------------------------------------------------------------------- vantages

/**
 * What came of contacting one vantage in one family. `peerway` speaks the control protocol, `stun` only answers STUN
 * Bindings. `observed` is our address and port as the vantage saw the control connection; `dialSources` are the addresses
 * it can dial from, other than the one we contacted. `token` says whether it can sign grants for another vantage.
 */
export interface VantageFact {
  readonly name: string
  readonly family: Family
  readonly address: Address | null
  readonly port: number
  readonly origin: 'user' | 'public-list'
  readonly kind: 'peerway' | 'stun' | 'unknown'
  readonly control: ContactOutcome
  readonly stun: 'answered' | 'error-answer' | 'garbage' | 'silent' | 'send-not-permitted' | 'not-asked'
  readonly observed: Endpoint | null
  readonly local: Endpoint | null
  readonly rttMs: number | null
  readonly dialSources: readonly Address[]
  readonly canGrant: boolean
}

/** `not-a-vantage`: something accepted TCP and spoke no protocol of ours within the time. */
export type ContactOutcome =
  | 'answered'
  | 'refused'
  | 'reset'
  | 'timed-out'
  | 'unreachable'
  | 'not-permitted'
  | 'not-a-vantage'
  | 'violated-protocol'
  | 'name-not-found'
  | 'not-asked'

/** STUN told `mapped` for a socket bound to `local` (never a wildcard, so that "no NAT" can be seen). */
export interface ExternalAddressFact {
  readonly family: Family
  readonly server: Endpoint
  readonly vantage: string
  readonly local: Endpoint
  readonly mapped: Endpoint
  readonly rttMs: number
}

// ---------------------------------------------------------------------------------------------- dial-back

/**
 * `endpoint`: a port asked for. `comparison`: another port, that peerway itself holds open on this host for the time of
 * the dial, so that "every port" and "this port" can be told apart.
 * `vacant`: a port that nobody listens on, so that whatever completes handshakes for everybody gives itself away.
 * `admin`: a port of the node's administration, which nobody outside should reach.
 */
export type DialPurpose = 'endpoint' | 'comparison' | 'vacant' | 'admin'

export type DialOutcome =
  | 'connected' // TCP handshake completed
  | 'answered' // UDP: the vantage saw a datagram come back
  | 'refused' // RST, or ICMP port unreachable
  | 'unreachable' // any other ICMP error
  | 'silent' // the vantage dialled, several times, and nothing came
  | 'not-dialled' // no vantage dialled: no evidence at all; `refusal` says why

/** What of the dial reached this host, seen on this host. */
export interface Arrival {
  /** Did packets of the dial reach an interface of this host? */
  readonly wire: Answer
  /** Did they pass the host's input (or, redirected, forward) filters? */
  readonly passed: Answer
  /**
   * `counters`: own nftables counters, before and after the filters. `connection-table`: the kernel's table showed the
   * vantage's connection. `held-socket`: peerway held the port and got the nonce there. `none`: nothing could look.
   */
  readonly how: 'counters' | 'connection-table' | 'held-socket' | 'none'
  /** Source address as this host saw it; differs from the vantage's where a router rewrites sources. */
  readonly source: Address | null
  /** New flows to the port from any source while the dial ran (counters only); null when not counted. */
  readonly anySourcePackets: number | null
  /** Packets of the dialling address that opened flows to ports nobody dialled (counters only); null when not counted. */
  readonly strayPackets: number | null
}

export interface DialBackFact extends PortSpec {
  readonly family: Family
  readonly purpose: DialPurpose
  readonly vantage: string
  /** The address dialled: this host as the vantage sees it. */
  readonly target: Endpoint | null
  readonly source: Endpoint | null
  /** True when this host has never sent anything to `source.address`, as far as its memory goes. */
  readonly sourceClean: boolean
  /** The address of this host from which its routes would send to `source`; null where they do not tell. */
  readonly answersFrom: Address | null
  readonly outcome: DialOutcome
  readonly refusal: string | null
  readonly attempts: number
  readonly rttMs: number | null
  /** Who holds the port on this host while the dial runs. */
  readonly holder: 'node' | 'peerway' | 'nobody'
  /** What spoke back: a protocol's name where the answer was recognised, `nonce` where it was our own holder. */
  readonly greeting: string | null
  readonly arrival: Arrival
}

/**
 * A UDP port that was answered for was dialled once more, alone, and the datagrams that programs of this host read
 * meanwhile were counted. None, and an answer all the same: it was another machine that answered.
 */
export interface DatagramsReadFact extends PortSpec {
  readonly family: Family
  readonly answered: boolean
  readonly read: number
}

// ---------------------------------------------------------------------------------------------- NAT behavior

export type InconclusiveReason =
  | 'no-reply'
  | 'one-address' // the server has no second address
  | 'one-port' // the server has no second port
  | 'change-request-ignored' // the server answered from where it was asked
  | 'contacted-before' // a router may remember the server's other address from an earlier run
  | 'error-answer'
  | 'no-server'
  | 'not-permitted'

export interface MappingFact {
  readonly family: Family
  readonly behavior: Behavior | 'none' | 'unknown'
  /** When `unknown`: why, and what is known all the same. */
  readonly reason: InconclusiveReason | null
  readonly local: Endpoint | null
  readonly bindings: readonly { readonly server: Endpoint; readonly mapped: Endpoint }[]
}

export interface FilteringFact {
  readonly family: Family
  readonly behavior: Behavior | 'unknown'
  readonly reason: InconclusiveReason | null
  readonly server: Endpoint | null
}

export interface HairpinningFact {
  readonly family: Family
  readonly answer: Answer
  readonly mapped: Endpoint | null
}

export interface PortPreservationFact {
  readonly family: Family
  readonly answer: Answer
  readonly pairs: readonly { readonly localPort: number; readonly mappedPort: number }[]
}

// ---------------------------------------------------------------------------------------------- the way out

/**
 * One outbound question. `arrived` is what the far side saw, where it can say so; silence from a closed port proves
 * nothing, so `listening` says whether the far side is known to have listened. TCP that is answered without anything having
 * arrived was answered by somebody else.
 */
export interface OutboundFact extends PortSpec {
  readonly family: Family
  readonly server: Address
  readonly listening: Answer
  readonly outcome: 'answered' | 'refused' | 'unreachable' | 'silent' | 'not-permitted'
  readonly arrived: Answer
  /** Something came there, but only from addresses that did not ask: of somebody else, or of ours by another address. */
  readonly fromOthers: boolean
}

/**
 * Somebody on the way completed TCP handshakes in another's place. `nobody`: of addresses that nobody has. `closed`: of ports
 * of a vantage that nobody opened, where it may be before the vantage as well.
 */
export interface InterceptionFact {
  readonly family: Family
  readonly whose: 'nobody' | 'closed'
  readonly asked: readonly {
    readonly address: Address
    readonly port: number
    readonly outcome: 'connected' | 'not-connected'
    /** What was answered to a request for a web page; null where nothing, or none was made. `location` is printable. */
    readonly page: { readonly status: number; readonly location: string | null } | null
  }[]
}

/** The rules of this host, followed for the first packet of an outbound question that nothing of reached `server`. */
export interface OwnRulesFact extends PortSpec {
  readonly family: Family
  readonly server: Address
  readonly fate: RuleFate
}

/** The rules of this host, followed for what a client of the node sends to the Internet, and for what comes back. */
export interface ClientRulesFact {
  readonly interface: string
  readonly client: Address
  /** Is there such a client now? Else it stands for one that may come, and what the node does for it is not done yet. */
  readonly isThere: boolean
  readonly outwards: RuleFate
  readonly back: RuleFate
}

/** Flows of one kind of an exchange, added up. */
export interface ExchangeTally {
  readonly tries: number
  /** TCP: the handshake was completed. UDP: something was sent. */
  readonly established: number
  /** Flows whose bytes came to the other end whole; null where it did not tell. */
  readonly arrived: number | null
  /** The same, cut short. */
  readonly partly: number
  /** The answer came back whole to who opened the flow. */
  readonly returned: number
  /** Its beginning alone did. */
  readonly cutBack: number
  /** Flows that a reset ended, as who opened them saw it. Neither end of an exchange sends one. */
  readonly resets: number
}

/**
 * Flows in which one end says what a protocol begins with, and the other answers with these bytes inverted, beside
 * flows of the same shape that mean nothing. All went to one `port`, mixed, each several times.
 */
export interface ProtocolExchangeFact extends PortSpec {
  readonly family: Family
  readonly protocol: string
  readonly vantage: string
  /** Who opened the flows. `host`: `port` is the vantage's. `vantage`: peerway held it on this host. */
  readonly opener: 'host' | 'vantage'
  /** Inwards: a port asked for, or any other. */
  readonly purpose: DialPurpose
  /** Is it a protocol of the kind of node that was named? */
  readonly ofNode: boolean
  /** Who opened the flow spoke the protocol, and the answer meant nothing. */
  readonly spoken: ExchangeTally
  /** The answer alone was the protocol. */
  readonly answered: ExchangeTally
  /** Neither was. */
  readonly neutral: ExchangeTally
  /**
   * Where who opened the flows is this host, and its bytes were stopped: are they stopped in the middle of a flow too, behind
   * neutral ones (`later`), and is what follows them (`rest`; null where that cannot be seen)? Null where it was not asked.
   */
  readonly memory: { readonly later: FilterMemoryTally; readonly rest: FilterMemoryTally | null } | null
}

export interface FilterMemoryTally {
  readonly tries: number
  readonly passed: number
}

/** What the node answered to the first bytes of a protocol: to this very host, and to a vantage that dialled. */
export interface ProtocolAnswerFact extends PortSpec {
  readonly family: Family
  readonly protocol: string
  readonly vantage: string
  /** At least 1. */
  readonly localBytes: number
  readonly tries: number
  readonly established: number
  /** As many bytes came to the vantage as the node says here. */
  readonly answered: number
  readonly resets: number
}

/**
 * Packets to a port of the vantage whose TTL ended on the way, with the first bytes of a protocol that did not come
 * through, and with bytes of the same shape that mean nothing. Each hop was tried several times with both.
 */
export interface FilterHopFact extends PortSpec {
  readonly family: Family
  readonly protocol: string
  readonly vantage: string
  /** `passed`: the hop said that a packet ended there; `neutral`, that nearly all did. `reset`: the connection was broken off. */
  readonly hops: readonly {
    readonly ttl: number
    readonly spoken: 'passed' | 'silent' | 'reset'
    readonly neutral: 'passed' | 'silent'
  }[]
}

/**
 * How fast flows from this host to one `port` of a vantage gave back what they were sent, in kilobits a second, one after the
 * other in mixed order; 10,000 stands for whatever is faster. They differ in what they begin with, as in a `ProtocolExchangeFact`.
 */
export interface ProtocolRateFact extends PortSpec {
  readonly family: Family
  readonly protocol: string
  readonly vantage: string
  readonly ofNode: boolean
  readonly spoken: readonly number[]
  readonly answered: readonly number[]
  readonly neutral: readonly number[]
}

/** The rules of this host, followed for packets in the middle of the flows of an exchange. Nothing is sent. */
export interface FlowRulesFact extends PortSpec {
  readonly family: Family
  readonly opener: 'host' | 'vantage'
  readonly out: RuleFate
  readonly in: RuleFate
}

/** UDP packets that must not be cut, of several sizes, to a vantage that gives them back. */
export interface PathMtuFact {
  readonly family: Family
  readonly vantage: string
  /**
   * `bytes`: of the whole IP packet. `returned`: there and back. `arrived`: there alone. `lost`: never, whatever was tried.
   * `not-sent`: this host would not send it whole, for it knows of a narrower cable.
   */
  readonly sizes: readonly {
    readonly bytes: number
    readonly outcome: 'returned' | 'arrived' | 'lost' | 'not-sent' | 'unknown'
  }[]
}

export interface Hop {
  readonly ttl: number
  readonly answer: 'time-exceeded' | 'echo-reply' | 'unreachable' | 'silent'
  readonly address: Address | null
  readonly rttMs: number | null
}

/** Echo requests towards `toward` with TTL 1, 2, ...; up to the first answer of the target itself. */
export interface HopsFact {
  readonly family: Family
  readonly toward: Address
  readonly hops: readonly Hop[]
}

/** The vantage's own TTL-limited echo towards this host's external address. */
export interface InboundHopsFact extends HopsFact {
  readonly vantage: string
  /**
   * So many routers stand between the vantage and this host, as datagrams on a flow of ours with one TTL after another show;
   * null where that was not asked, or is not clear.
   */
  readonly routers: number | null
}

/**
 * Echo requests from inside towards our own external address. The box that owns it answers at its own distance; a box
 * that says "time exceeded" does not own it. This places the outermost translator without asking any router.
 */
export interface ExternalOwnerFact extends HopsFact {}

/** Does a box on the path let this host open its administration page (TCP 80)? Then the customer can reach it. */
export interface RouterPageFact {
  readonly family: Family
  readonly address: Address
  readonly ttl: number
  readonly port: number
  readonly outcome: 'http' | 'connected' | 'refused' | 'silent' | 'unreachable'
}

export const GATEWAY_PROTOCOLS = ['pcp', 'nat-pmp', 'upnp'] as const
export type GatewayProtocol = (typeof GATEWAY_PROTOCOLS)[number]

/**
 * What one gateway said when asked whether it speaks a protocol by which ports are opened. Nothing was opened by asking.
 * `refuses`: it knows the protocol and will not serve. `other-version`: it speaks another version, or another protocol,
 * there. `closed`: it says that nobody listens. `not-asked`: this host could not.
 */
export interface GatewayAnswer {
  readonly protocol: GatewayProtocol
  readonly outcome:
    | 'speaks'
    | 'refuses'
    | 'other-version'
    | 'closed'
    | 'silent'
    | 'garbage'
    | 'not-permitted'
    | 'not-asked'
  /** The gateway's address outside, in its own words; null where it told none, or one that cannot be. May be private. */
  readonly externalAddress: Address | null
  /** It says that it has no address outside, as many do whose address there is private. Left out: it does not say so. */
  readonly hasNoExternal?: true
  /** PCP: our packets come to it from another address than this host's (RFC 6887 §8.2). Left out: it does not say so. */
  readonly seesAnotherAddress?: true
  /** Since it last forgot what it had opened; null where the protocol has none. */
  readonly epochSeconds: number | null
  /** Manufacturer and model, printable, at most 128 characters. */
  readonly model: string | null
  /** Why it refuses: the protocol's own code and words, printable and bounded. */
  readonly detail: string | null
}

/**
 * A URL that was named for a gateway's UPnP and not followed. `elsewhere`: it leads to another address than the one that
 * named it. `name`: its host is no literal address. `not-a-gateway`: who named it is no gateway of this host.
 */
export interface RefusedLocation {
  /** Who named it. */
  readonly from: Address
  /** Printable, at most 128 characters. */
  readonly url: string
  readonly why: 'malformed' | 'scheme' | 'userinfo' | 'name' | 'elsewhere' | 'redirect' | 'not-a-gateway'
}

/** A port that a gateway's table shows as open, whoever asked for it. `description` is printable, at most 128 characters. */
export interface GatewayMapping {
  readonly transport: Transport
  readonly externalPort: number
  readonly internal: Endpoint
  readonly description: string
}

/** The gateways of this host's default routes, in their order, each asked in every protocol of its family. */
export interface GatewaysFact {
  readonly gateways: readonly {
    readonly family: Family
    readonly address: Address
    readonly answers: readonly GatewayAnswer[]
    /** The beginning of its table, at most 64 mappings; null where it shows none (UPnP alone does). */
    readonly mappings: readonly GatewayMapping[] | null
    /** At most 8. */
    readonly refusedLocations: readonly RefusedLocation[]
  }[]
}

/** Routers beyond this host's own gateway that showed themselves in the hops with an address of a home or a carrier, IPv4 alone. */
export interface OuterGatewaysFact {
  readonly gateways: readonly {
    readonly address: Address
    readonly ttl: number
    readonly answers: readonly GatewayAnswer[]
  }[]
}

/**
 * What came back when a vantage (from `source`) put the questions by which hosts inside open ports to this host's external
 * address, which another box owns. There is no such fact where nothing came back.
 */
export interface RouterControlFact {
  readonly family: Family
  readonly vantage: string
  readonly source: Address
  readonly target: Address
  readonly answers: readonly RouterControlAnswer[]
}

export interface RouterControlAnswer extends PortSpec {
  /** `upnp`: it described itself, over TCP. */
  readonly protocol: 'ssdp' | 'nat-pmp' | 'upnp'
  /**
   * The gateway that says the same of itself inside: its own unique name, or its address outside and the time since it
   * started. Null where none does, as when a host behind the router answered.
   */
  readonly sameAs: Address | null
}

/** Servers asked beside the vantages, so that silence of one is not taken for silence of all. */
export interface InternetFact {
  readonly asked: readonly {
    readonly what: 'resolver' | 'vantage' | 'stun-server'
    readonly server: string
    readonly family: Family
    readonly tries: number
    readonly outcome: 'answered' | 'rejected' | 'silent' | 'not-permitted'
  }[]
}

// ---------------------------------------------------------------------------------------------- deep

/**
 * UDP flows of this host to a vantage, each left idle for some seconds until the vantage sent on it. What arrived shows that
 * every box on the way still knew the flow. `hopsOut` and `hopsBack`: routers on the way, by the TTLs with which datagrams
 * came through; null where none did.
 */
export interface IdleFlowsFact {
  readonly family: Family
  readonly server: Endpoint
  readonly hopsOut: number | null
  readonly hopsBack: number | null
  readonly windows: readonly IdleWindow[]
}

/**
 * TCP connections to the vantage on which nothing was said for so many seconds, and on which it spoke then: `livedSeconds` where that
 * came, `diedSeconds` where it did not, each with the time for which it went on trying.
 */
export interface IdleTcpFact {
  readonly family: Family
  readonly server: Endpoint
  readonly livedSeconds: readonly number[]
  readonly diedSeconds: readonly number[]
}

/**
 * Flows of which a part of the way was kept busy meanwhile. Hops count from this host, which is 0; its first router is 1.
 * `livedSeconds`: idleness after which a datagram arrived. `diedSeconds`: after which none of six did, of one flow each.
 */
export interface IdleWindow {
  /** As far as this hop datagrams of this host came; 0: none were sent; 255: as far as the vantage. */
  readonly keptUpTo: number
  /** As far as this hop, from their side, those of the vantage; null: none were sent; 0: as far as this host. */
  readonly keptFrom: number | null
  readonly livedSeconds: readonly number[]
  readonly diedSeconds: readonly number[]
}
