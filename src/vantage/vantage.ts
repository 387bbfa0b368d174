import type { Address, Endpoint, Family, PortSpec } from '../model/endpoint.ts'
import type { DialOutcome, Hop, VantageFact } from '../model/evidence.ts'
import type { DialPayload, FlowSend } from '../wire/control/messages.ts'

/**
 * Somebody outside who tells a node how it looks from there and dials it as a stranger would, in ONE address family.
 * A value of this type exists only after a successful contact; what came of the contact is in `fact`.
 *
 * Kinds differ in what they can do; what one cannot do is `null` here, so that nobody asks.
 */
export interface Vantage {
  readonly name: string
  readonly family: Family
  readonly fact: VantageFact
  /** Where its STUN server answers; null when it has none, or when it did not answer. */
  readonly stun: StunServer | null
  readonly rttMs: number
  /** Peerway vantages alone. */
  readonly control: VantageControl | null
  close(): Promise<void>
}

/** Addresses of an RFC 5780 server. A server with one address and one port has only `primary`. */
export interface StunServer {
  readonly primary: Endpoint
  /** From OTHER-ADDRESS: the other address and the other port; null when the server has no second address. */
  readonly other: Endpoint | null
  /** The second port on the first address; null when there is none. */
  readonly alternatePort: number | null
}

export interface VantageControl {
  /** This host's address as the vantage sees it: the only address that it will dial. */
  readonly observed: Endpoint
  /** Addresses it can dial from; the first are those that we have sent nothing to. */
  readonly dialSources: readonly Address[]
  readonly canGrant: boolean
  /** Does it know the payloads that make a router's own control speak? */
  readonly canAskRouter: boolean
  /** Can it speak protocols, and give bytes back inverted? Vantages before 0.2 cannot. */
  readonly canExchange: boolean
  /** Are its inverting ports good for as many bytes as it takes to measure a rate? */
  readonly canMeasureRates: boolean
  /** Asks to be dialled; resolves when the vantage has its answer. Never rejects. */
  dial(request: DialRequest): Promise<DialReport>
  /** Ends the connection that a `connected` report keeps open for us (the vantage ends it by itself after 3 s). */
  release(report: DialReport): void
  /** TTL-limited echo from the vantage towards us. Null when it cannot. */
  echo(options: { readonly maxTtl: number }): Promise<readonly Hop[] | null>
  /** Does it say something on a connection after a time of silence, when asked to (`speak`)? */
  readonly canSpeakLater: boolean
  /** Can it send on flows of ours, later and with TTLs of our choice? */
  readonly canSendOnFlows: boolean
  /**
   * Asks it to send on the flow that will be opened to its contacted address by datagrams with `nonce` (8 bytes;
   * wire/flow/). Returns how to call it off; null where it will not. Never rejects.
   */
  sendOnFlow(nonce: Uint8Array, sends: readonly FlowSend[]): Promise<(() => void) | null>
  /** Does the connection still stand? To ask is also what keeps it from falling idle, which ends it after 30 s. */
  isUp(): Promise<boolean>
  /** Opens ports at the vantage, for 15 s, for outbound questions; tells which it could open. */
  open(ports: readonly PortSpec[]): Promise<OpenedPorts | null>
  /** The same; what arrives there is given back with every bit turned. */
  openInverting(ports: readonly PortSpec[]): Promise<OpenedPorts | null>
}

export interface DialRequest extends PortSpec {
  /** Address to dial from, one of `dialSources`; or, through a grant, another vantage (`HOST:PORT` as the user gave it). */
  readonly from: { readonly source: Address } | { readonly vantage: Endpoint }
  /**
   * `stranger`: what a stranger would send first (UDP: the first packets of QUIC, OpenVPN, DHT, uTP and STUN in turn; TCP: nothing, then
   * a multistream header). `nonce`: we hold the port; the far side sends `nonce` and reports what came back. `protocol`: it
   * says what that protocol begins with, every byte turned by `mask`, 0 to 255; only where `canExchange`. The others are what a
   * router's own control answers, only where `canAskRouter`: SSDP, NAT-PMP, and the description of a UPnP device at `path`.
   */
  readonly payload: DialPayload
  /** Called once, as soon as a TCP dial is connected and before its greeting is known: now our connection table shows it. */
  readonly onConnected?: (source: Endpoint | null) => void
}

export interface DialReport {
  readonly outcome: DialOutcome
  /** Why nobody dialled; a code of docs/vantage.md, or `link-lost`, `timed-out`, `violated-protocol`. */
  readonly refusal: string | null
  readonly source: Endpoint | null
  readonly target: Endpoint | null
  readonly attempts: number
  readonly rttMs: number | null
  /** First bytes that came back, at most 64, of a router 2048. */
  readonly answer: Uint8Array | null
  /** Which of our first packets was answered, or which protocol the answer is; null when not recognised. */
  readonly greeting: string | null
  /** With a `protocol` alone: how many bytes came back, and how the far side left; else null. */
  readonly answerBytes: number | null
  readonly ended: 'open' | 'end' | 'reset' | null
}

/** What came of flows that began alike: `head` are their first bytes, `bytes` the most that one of them brought. */
export interface ReceivedFlows extends PortSpec {
  readonly head: Uint8Array
  /** TCP connections, or datagrams. */
  readonly count: number
  readonly bytes: number
}

export interface OpenedPortArrivals extends PortSpec {
  readonly count: number
  readonly strangers: number | null
}

export interface OpenedPorts {
  readonly address: Address
  readonly tcp: readonly number[]
  readonly udp: readonly number[]
  /**
   * What reached the opened ports until now: `count` from our address, `strangers` from those that did not ask, one of which
   * may be ours too; null where the vantage does not tell.
   */
  arrivals(): Promise<readonly OpenedPortArrivals[] | null>
  /** What the flows to them brought; only of ports that give back inverted. */
  flows(): Promise<readonly ReceivedFlows[] | null>
}
