import type { Address, Endpoint, Family, Transport } from '../model/endpoint.ts'
import type { DefaultRoute, ListeningSocket, LocalAddress } from '../model/evidence.ts'
import type { RulesetTexts } from '../ruleset/read-ruleset.ts'
import type { Backend, TableFamily } from '../ruleset/ruleset.ts'

/**
 * Everything the program may do to a machine, as typed capabilities. There are two Hosts: the operating system's
 * (`host/os/`) and the simulator's. Below cli, watch and fleet nothing else reads a clock, waits, draws a random number
 * or opens a socket.
 *
 * What the network does (silence, refusal, garbage) is a return value. What this host cannot do is thrown as a
 * `PeerwayError` with code `not-permitted` or `not-available`. A wrong argument is a `RangeError` at once.
 */
export interface Host {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly udp: Udp
  readonly tcp: Tcp
  readonly icmp: Icmp
  readonly listeners: Listeners
  readonly netfilter: Netfilter
  readonly sysctl: Sysctl
  readonly files: Files
  readonly services: Services
}

export interface Clock {
  /** Milliseconds since 1970, as on the wall: for people and for files. May jump. */
  nowMs(): number
  /** Milliseconds since some moment; never jumps. All measuring and all deadlines use it. May have fractions. */
  monotonicMs(): number
  /** Resolves after `ms`, or at once when `signal` fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** `length` unpredictable bytes, 0 to 65536. */
  bytes(length: number): Uint8Array
}

// ---------------------------------------------------------------------------------------------- network

export interface Network {
  /** Every address of every interface that is up, loopback included. */
  addresses(): Promise<readonly LocalAddress[]>
  /** Default routes of both families, best first. Empty when there are none. `not-available` where no tool can tell. */
  defaultRoutes(): Promise<readonly DefaultRoute[]>
  /** The local address that the kernel would use towards `to`; undefined without a route. Sends nothing. */
  sourceTowards(to: Address): Promise<Address | undefined>
  /** Addresses of the configured resolvers. */
  resolvers(): Promise<readonly Endpoint[]>
  /** Addresses of a name, by the system's resolver. Empty when it has none, or does not answer within `timeoutMs`. */
  resolve(name: string, options: { readonly timeoutMs: number }): Promise<Resolution>
}

export type Resolution =
  | { readonly outcome: 'found'; readonly addresses: readonly Address[] }
  | { readonly outcome: 'not-found' | 'timed-out' | 'failed' }

// ---------------------------------------------------------------------------------------------- UDP

export interface Udp {
  /**
   * Opens a socket. Exactly one of `local` (an exact address, port 0 lets the system choose) and `toward` (binds to the
   * address that routes to that peer, system's port unless `port` is given). A wildcard address is refused with a RangeError, because
   * the destination of what arrives could then not be known.
   * `connect`: only this peer is heard, and ICMP errors about it are reported. `interface`: by which one
   * link-local peers and groups are reached. `busy`: a server's, with datagrams from many; the system may read and write it in batches.
   * `PeerwayError`: `busy` (port taken), `not-available` (address not local, no route, no such family), `not-permitted`.
   */
  open(options: UdpOptions): Promise<UdpSocket>
}

export type UdpOptions = (
  | { readonly local: Endpoint; readonly toward?: never; readonly port?: never }
  | { readonly toward: Endpoint; readonly port?: number; readonly local?: never }
) & {
  readonly connect?: Endpoint
  readonly interface?: string
  readonly busy?: boolean
  /** Of a connected IPv4 socket: shall it tell that a datagram's TTL ran out? Linux alone does, and only with koffi's package. */
  readonly hopErrors?: boolean
}

export type UdpSent = 'sent' | 'not-permitted' | 'unreachable' | 'too-big' | 'closed' | 'failed'

export interface Datagram {
  readonly kind: 'datagram'
  readonly from: Endpoint
  /** At most 65507 bytes. Owned by the receiver. */
  readonly data: Uint8Array
  readonly atMs: number
}

export interface UdpError {
  readonly kind: 'error'
  /**
   * Only on connected sockets: port unreachable, any other unreachable, administratively prohibited. `ttl-exceeded`: a
   * datagram of ours ended on the way, where `hopErrors` asked for that.
   */
  readonly code: 'refused' | 'unreachable' | 'prohibited' | 'ttl-exceeded'
  readonly atMs: number
}

export interface UdpSocket extends AsyncDisposable {
  readonly local: Endpoint
  /** Resolves when the kernel has it. `ttl` (1 to 255) is for this datagram alone. Never rejects. */
  send(data: Uint8Array, to: Endpoint, options?: { readonly ttl?: number }): Promise<UdpSent>
  /** The next event, in order of arrival, or undefined after `timeoutMs`. At most 512 events wait; then the newest are lost. */
  receive(timeoutMs: number): Promise<Datagram | UdpError | undefined>
  /** For servers: every event goes to `handler` at once and `receive` sees none. */
  onEvent(handler: (event: Datagram | UdpError) => void): void
  close(): Promise<void>
}

// ---------------------------------------------------------------------------------------------- TCP

export interface Tcp {
  /** One connection attempt; the kernel retransmits its SYN after a second, so callers that cannot wait start several. */
  connect(options: TcpConnectOptions): Promise<TcpConnectResult>
  /** Listens on an exact or a wildcard address. `::` takes IPv6 alone. `PeerwayError`: `busy`, `not-available`, `not-permitted`. */
  listen(options: TcpListenOptions): Promise<TcpListener>
}

export interface TcpConnectOptions {
  readonly to: Endpoint
  readonly local?: Endpoint
  /** By which one a link-local peer is reached. */
  readonly interface?: string
  readonly timeoutMs: number
  /** Gives the attempt up at once; the result is then `timed-out`. */
  readonly signal?: AbortSignal
}

export type TcpConnectResult =
  | { readonly outcome: 'connected'; readonly connection: TcpConnection; readonly rttMs: number }
  | { readonly outcome: TcpFailure; readonly afterMs: number }

/** `refused`: RST (or a port unreachable). `unreachable`: other ICMP errors, no route, no neighbour. */
export type TcpFailure =
  | 'refused'
  | 'reset'
  | 'timed-out'
  | 'unreachable'
  | 'not-permitted'
  | 'address-in-use'
  | 'address-not-available'

export interface TcpConnection extends AsyncDisposable {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** The next bytes (1 to 65536), or why there are none. Reading is what makes room: nothing is buffered beyond 64 KiB. */
  read(timeoutMs: number): Promise<TcpRead>
  /** Resolves when handed to the kernel; `closed` when the peer is gone, `stalled` after `timeoutMs` with a full window. */
  write(data: Uint8Array, timeoutMs: number): Promise<'written' | 'closed' | 'stalled'>
  /** FIN, then nothing more is read. */
  close(): Promise<void>
  /** RST. */
  reset(): void
}

export type TcpRead =
  | { readonly outcome: 'data'; readonly data: Uint8Array }
  | { readonly outcome: 'end' | 'reset' | 'timed-out' }

export interface TcpListenOptions {
  readonly local: Endpoint
  readonly onConnection: (connection: TcpConnection) => void
  /** Connections held at the same time; further ones are reset. */
  readonly maxConnections: number
}

export interface TcpListener extends AsyncDisposable {
  readonly local: Endpoint
  close(): Promise<void>
}

// ---------------------------------------------------------------------------------------------- ICMP

export interface Icmp {
  /** One echo request. `not-available` without a ping program, `not-permitted` where it may not be used. */
  echo(options: EchoOptions): Promise<EchoResult>
}

export interface EchoOptions {
  readonly to: Address
  /** 1 to 255; the system's default without it. */
  readonly ttl?: number
  readonly timeoutMs: number
}

export interface EchoResult {
  readonly answer: 'echo-reply' | 'time-exceeded' | 'unreachable' | 'silent'
  /** Who answered; null when silent. */
  readonly from: Address | null
  readonly rttMs: number | null
}

// ---------------------------------------------------------------------------------------------- listeners

export interface Listeners {
  /** Every listening TCP and every bound, unconnected UDP socket. `not-available` where the system does not tell. */
  list(): Promise<ListenerList>
  /** TCP connections of the host's own namespace whose local port is `port`, any state from SYN received on. */
  connections(port: number): Promise<readonly TcpFlow[]>
  /** Datagrams that programs of the host's own namespace have read so far, both families together. */
  datagramsRead(): Promise<number>
  /**
   * The network namespace that a process lives in, looked into from outside, as its own `/proc` tells. Undefined where
   * there is no such process, or nothing is told of it.
   */
  around(pid: number): Promise<ProcessNetwork | undefined>
}

export interface ProcessNetwork {
  /** What `list` calls the namespace; null for the host's own. */
  readonly namespace: string | null
  /** Its addresses, loopback included. */
  readonly addresses: readonly Address[]
  /** Who listens there, whichever process of it. */
  readonly sockets: readonly ListeningSocket[]
}

export interface ListenerList {
  readonly sockets: readonly ListeningSocket[]
  readonly namespacesSeen: 'all' | 'own'
}

export interface TcpFlow {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly state: string
}

// ---------------------------------------------------------------------------------------------- netfilter

export interface Netfilter {
  /**
   * All rules of this network namespace, as the programs of every backend print them: at most 32 MiB each. Changes
   * nothing. `not-permitted` without root; `not-available` where a backend has rules that no program here can list.
   */
  rulesets(): Promise<RulesetTexts>
  /**
   * Counters for the packets of some dials, before and after this host's filters, in a table of our own that
   * disappears with this process, even when it is killed. `not-permitted` without root, `not-available` without nft.
   */
  countArrivals(watches: readonly ArrivalWatch[]): Promise<ArrivalCounters>
  /**
   * Until it is closed, what these TCP connections of ours carry leaves with the TTL (hop limit) named, and counted is how
   * often a hop tells that it ended there. By rules for these flows alone, 1 to 64 of them, in a table of our own that
   * disappears with this process, even when it is killed. `not-permitted` without root, `not-available` where no such table can be had.
   */
  limitTtl(flows: readonly LimitedFlow[]): Promise<LimitedFlows>
  /**
   * Puts one rule into a chain of nftables, in one transaction: before the rule with the handle `before`, or at the
   * chain's end. `rule` is in nft's words, `comment` letters, digits, `:` and `-`.
   * `PeerwayError`: `busy` where the chain or that rule is not there (any more), `not-permitted`, `not-available`.
   */
  insertNftRule(chain: NftChain, rule: string, comment: string, before: number | null): Promise<void>
  /** Takes the rule with that handle out. `busy` where it is not there. */
  deleteNftRule(chain: NftChain, handle: number): Promise<void>
  /**
   * The same by iptables or ip6tables of that back end, whose lock is waited for: `before` is the number of a rule in
   * its chain, from 1, that may have moved since it was read. `rule` are arguments as `-S` lists them, comment and target included.
   */
  insertIptablesRule(chain: IptablesChain, rule: readonly string[], before: number | null): Promise<void>
  /** Takes out the first rule of exactly these words. `busy` where there is none. */
  deleteIptablesRule(chain: IptablesChain, rule: readonly string[]): Promise<void>
}

export interface NftChain {
  readonly family: TableFamily
  readonly table: string
  readonly chain: string
}

export interface IptablesChain {
  readonly backend: Backend
  readonly family: Family
  readonly table: string
  readonly chain: string
}

/** Counted: packets to `port`, from any of `sources`, and, apart, from anybody. */
export interface ArrivalWatch {
  readonly family: Family
  readonly transport: Transport
  readonly port: number
  readonly sources: readonly Address[]
}

export interface ArrivalCount {
  /** Packets of the sources seen as they came in from the wire (earliest hook there is). */
  readonly wire: number
  /** Packets of the sources that passed the last input hook, or, redirected to a guest, the last hook on the way out. */
  readonly passed: number
  /** Packets that open a flow (TCP SYN without ACK; any UDP) to the port from anybody, as they came in. */
  readonly anySourceOpening: number
  /** TCP packets of the sources that open a flow to a port that no watch names; 0 for UDP, where answers look the same. */
  readonly strayOpening: number
}

export interface LimitedFlow {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** 1 to 255. */
  readonly ttl: number
}

export interface LimitedFlows extends AsyncDisposable {
  /** How many ICMP errors (time exceeded) came about each flow, in order. */
  read(): Promise<readonly number[]>
  close(): Promise<void>
}

export interface ArrivalCounters extends AsyncDisposable {
  /** One count for each watch, in order. */
  read(): Promise<readonly ArrivalCount[]>
  close(): Promise<void>
}

// ---------------------------------------------------------------------------------------------- sysctl, files, services

export interface Sysctl {
  /** A value by its dotted name (`net.ipv4.ip_forward`); undefined where there is none. */
  read(name: string): Promise<string | undefined>
  /** Sets it until the next reboot. `value` is a whole number. `not-available` where there is no such setting. */
  write(name: string, value: string): Promise<void>
}

export interface Files {
  /**
   * Whole text of a file of at most `maxBytes`; undefined when it does not exist, or belongs to another user than the one
   * that the process `ownerOf` runs as.
   */
  read(path: string, options: { readonly maxBytes: number; readonly ownerOf?: number }): Promise<string | undefined>
  /**
   * Replaces or creates a file atomically (temporary file, fsync, rename, fsync of the folder), making its folder. A
   * file that is replaced keeps its owner and mode, and a link to it stays; a new one is for its owner alone.
   */
  replace(path: string, text: string): Promise<void>
  /** Removes a file, for good. Nothing happens where there is none. */
  remove(path: string): Promise<void>
  /** Removes what a `replace` of this file left beside it when it was killed. Nobody may be replacing it meanwhile. */
  tidy(path: string): Promise<void>
  /**
   * Holds a lock, a file at `path`, until it is disposed of; one whose process has ended, even by a kill, holds nothing
   * any more. `busy`, with `pid` among the facts, while another holds it.
   */
  lock(path: string): Promise<AsyncDisposable>
}

export interface Services {
  /** Runs a system's own tool by argument vector, never through a shell. `not-available` when there is none. */
  run(
    command: readonly string[],
    options: { readonly timeoutMs: number; readonly stdin?: string },
  ): Promise<CommandResult>
  /**
   * The engines of containers (Docker, Podman) that have a socket on this host, the likeliest first. None is asked
   * anything yet. `not-available` where there can be none.
   */
  engines(): Promise<readonly ContainerEngine[]>
}

export interface ContainerEngine {
  /** The path of its unix socket. */
  readonly socket: string
  /**
   * One GET request of the Docker Engine API. No redirect is followed, and nothing is changed by it. `not-available`
   * where nobody answers at the socket, `not-permitted` where this user may not ask.
   */
  get(path: string, options: { readonly timeoutMs: number }): Promise<EngineReply>
}

/** `garbled`: not HTTP, or cut off. `too-long`: more than 8 MiB; what came of it is thrown away. */
export type EngineReply =
  | { readonly outcome: 'answered'; readonly status: number; readonly body: string }
  | { readonly outcome: 'timed-out' | 'garbled' | 'too-long' }

export interface CommandResult {
  readonly exitCode: number
  /** At most 1 MiB each; the rest is cut. */
  readonly stdout: string
  readonly stderr: string
}
