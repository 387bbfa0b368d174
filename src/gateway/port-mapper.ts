import type { Address, Endpoint, Transport } from '../model/endpoint.ts'

/** How a host asks its gateway to let strangers in, the best first: UPnP last, as it is often broken and unsafe. */
export const MAPPER_PROTOCOLS = ['pcp', 'nat-pmp', 'igd2', 'igd1'] as const
export type MapperProtocol = (typeof MAPPER_PROTOCOLS)[number]

/** What to ask for. `internal` is this host's own address and port, never another's. */
export interface MappingRequest {
  readonly transport: Transport
  readonly internal: Endpoint
  /** Wished for; the gateway may assign another. */
  readonly suggestedPort: number
  /** 1 to 2^32 - 1; the gateway may grant less, or (UPnP) for ever. */
  readonly lifetimeSeconds: number
  /** Who made it and why, where the protocol has room for it: at most 64 characters of printable ASCII. */
  readonly description: string
  /**
   * 24 hexadecimal digits, drawn by whoever asks and written down before: PCP's mapping nonce, so that a request repeated
   * after a crash is the same one, and what it made can be deleted. The other protocols have no use for it.
   */
  readonly nonce: string
}

/**
 * A port mapping that a gateway granted; over IPv6 a pinhole, whose external endpoint is the internal one. Plain data,
 * and whole: the journal keeps it, and renewal and deletion need nothing else.
 */
export interface PortMapping {
  readonly protocol: MapperProtocol
  /** The address of the gateway that granted it. */
  readonly gateway: Address
  readonly transport: Transport
  readonly internal: Endpoint
  readonly externalPort: number
  /** As the gateway tells it; null where it told none, or one that cannot be. May be private: then another NAT follows. */
  readonly externalAddress: Address | null
  /** As granted; null: until somebody deletes it. */
  readonly lifetimeSeconds: number | null
  /** When it was granted, `host.clock.nowMs()`. */
  readonly grantedAtMs: number
  /** Seconds since the gateway last lost its state, as it told with the grant, a clock that ours may jump against; null where the protocol has no such count. */
  readonly epochSeconds: number | null
  /** PCP: the mapping nonce, 24 hexadecimal digits. IGD 2 pinhole: its unique id. Null elsewhere. */
  readonly token: string | null
  readonly description: string
}

/**
 * Why a gateway would not. `in-use`: another host has that external port. `not-authorized`: its policy, or its switch.
 * `no-resources`: a full table, or a quota. `no-external-address`: it has no connection, or no public address, itself.
 * `unsupported`: it knows the protocol, and not this.
 */
export type MapRefusal = 'in-use' | 'not-authorized' | 'no-resources' | 'no-external-address' | 'unsupported' | 'other'

export type MapResult =
  /**
   * `lostState`: the gateway has forgotten what it granted before this answer (its epoch tells, where the protocol has
   * one), so all other mappings of it have to be asked for anew.
   */
  | { readonly outcome: 'mapped'; readonly mapping: PortMapping; readonly lostState?: true }
  /** `detail`: the protocol's own code and words, printable and bounded, for people. */
  | { readonly outcome: 'refused'; readonly why: MapRefusal; readonly detail: string }
  | { readonly outcome: 'silent' | 'garbage' }

/**
 * `not-there`: it has ended before. `not-ours`: somebody else's mapping has its place by now; nothing was touched.
 * `undecided`: nobody can tell which of the two, or whether it is ours that is there; nothing was touched.
 */
export type UnmapResult = 'deleted' | 'not-there' | 'not-ours' | 'undecided' | 'refused' | 'silent' | 'garbage'

/** A mapping in a gateway's table, whoever made it, as far as its protocol tells. */
export interface ListedMapping {
  readonly transport: Transport
  readonly externalPort: number
  readonly internal: Endpoint
  readonly enabled: boolean
  /** Remaining, in seconds; null: for ever. */
  readonly lifetimeSeconds: number | null
  /** Printable, at most 128 characters. */
  readonly description: string
}

/** One gateway, spoken to by one protocol. Everything it answers is checked; nothing that it says makes these throw. */
export interface PortMapper {
  readonly protocol: MapperProtocol
  readonly gateway: Address
  /** Manufacturer and model, printable, at most 128 characters; null where the protocol does not tell. */
  readonly model: string | null
  /** Of the access line, as the gateway tells it at discovery; null where it tells none, or garbage. May be private. */
  readonly externalAddress: Address | null
  map(request: MappingRequest): Promise<MapResult>
  /** Makes it last longer: the same request with the same token and external port. */
  renew(mapping: PortMapping, lifetimeSeconds: number): Promise<MapResult>
  /** Deletes exactly this mapping; one of another host or program in its place is left alone. */
  unmap(mapping: PortMapping): Promise<UnmapResult>
  /** The whole table, at most 1024 of it; null where the protocol cannot list (PCP, NAT-PMP) or it fails. */
  list(): Promise<readonly ListedMapping[] | null>
}
