/** IPv4 addresses, ports, marks and every other number up to 2^53; IPv6 addresses as bigint; interface names. */
export type Value = number | bigint | string

export type TableFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

/** Which program's rules: nftables, or the older tables in the kernel, which exist beside it. */
export type Backend = 'nft' | 'legacy'

/** All rules of a host, in the order in which the kernel lists them. Pure data. */
export interface Ruleset {
  readonly tables: readonly Table[]
  /** What the readers passed over, a line each: a table of a family that no IP packet meets, for example. */
  readonly notes: readonly string[]
}

export interface Table {
  readonly backend: Backend
  readonly family: TableFamily
  readonly name: string
  /** A table asleep is not walked. */
  readonly dormant: boolean
  /** A program that runs owns it: nobody else may change it. */
  readonly owned?: true
  readonly chains: readonly Chain[]
  readonly sets: readonly NamedSet[]
}

export interface Chain {
  readonly name: string
  /** Null for a chain that is only jumped to. */
  readonly base: BaseChain | null
  readonly rules: readonly Rule[]
}

export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route'
  readonly hook: Hook
  readonly priority: number
  readonly policy: 'accept' | 'drop'
  /** Of an ingress or egress chain; null when the listing does not tell (nft 1.0.6 does not). */
  readonly devices: readonly string[] | null
}

export interface Rule {
  /** As nft or iptables-save writes it, cut where it is very long. */
  readonly text: string
  /** nft's handle, or the line of the iptables-save text. */
  readonly handle: number
  readonly comment: string | null
  readonly statements: readonly Statement[]
}

/**
 * Done from left to right until one does not match or decides. What changes nothing for a packet (log, counter) is left
 * out. `text` is the statement as its program writes it.
 */
export type Statement = { readonly text: string } & Action

export type Action =
  | { readonly kind: 'match'; readonly keys: readonly Expression[]; readonly values: Values; readonly negated: boolean }
  /** `any`: at least one bit of the mask is set; otherwise none is. */
  | { readonly kind: 'match-bits'; readonly key: Expression; readonly mask: number; readonly any: boolean }
  /** A condition that nobody can judge from outside the kernel. */
  | { readonly kind: 'maybe' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** A verdict map. */
  | { readonly kind: 'choose'; readonly keys: readonly Expression[]; readonly values: Values }
  | { readonly kind: 'reject'; readonly rejection: Rejection }
  | { readonly kind: 'translate'; readonly translation: Translation }
  | { readonly kind: 'assign'; readonly field: FieldName; readonly value: Expression }
  | { readonly kind: 'untrack' }
  /** The rule adds to or takes from a set: what a later rule finds in it is not known any more. */
  | { readonly kind: 'touch'; readonly set: string }
  /** Whatever follows from it is not known: queue, tproxy, synproxy, a statement that nobody knows. */
  | { readonly kind: 'opaque' }

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }

/** How a sender is told. `icmpType` and `icmpCode` are those of its family's ICMP. */
export type Rejection =
  | { readonly kind: 'tcp-reset' }
  | { readonly kind: 'icmp'; readonly name: string; readonly ipv4: IcmpError | null; readonly ipv6: IcmpError | null }
  | { readonly kind: 'unknown' }

export interface IcmpError {
  readonly type: number
  readonly code: number
}

/** A statement of network address translation. No address: the one of the interface (masquerade, redirect), or unchanged. */
export interface Translation {
  readonly kind: 'dnat' | 'snat' | 'masquerade' | 'redirect'
  readonly family: 'ipv4' | 'ipv6' | null
  readonly address: Expression | Span | null
  readonly port: Expression | Span | null
  /** Network prefix rewriting (NETMAP), or ports chosen at random: the outcome is not known. */
  readonly unpredictable: boolean
}

/** From `low` to `high`, both included. */
export interface Span {
  readonly kind: 'span'
  readonly low: Value
  readonly high: Value
}

/** A value computed from the packet. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  /** `protocol`: there is no such field in packets of another IP protocol, and the rule does not match them. */
  | { readonly kind: 'field'; readonly field: FieldName; readonly protocol: number | null }
  | { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'lookup'; readonly keys: readonly Expression[]; readonly values: Values }
  | { readonly kind: 'unknown' }

export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>'

export type FieldName =
  | `${'ip' | 'ip6'}.${'saddr' | 'daddr'}`
  | 'ip.protocol'
  | 'ip.version'
  | 'ip.ttl'
  | 'ip6.hoplimit'
  | 'th.sport'
  | 'th.dport'
  | 'tcp.flags'
  | 'icmp.type'
  | 'icmp.code'
  | 'meta.l4proto'
  | 'meta.nfproto'
  | 'meta.protocol'
  | 'meta.iifname'
  | 'meta.oifname'
  | 'meta.mark'
  | 'meta.length'
  | 'meta.pkttype'
  | 'ct.state'
  | 'ct.state-with-nat'
  | 'ct.status'
  | 'ct.direction'
  | 'ct.mark'
  | `ct.original.${'ip' | 'ip6'}.${'saddr' | 'daddr'}`
  | `ct.original.${'sport' | 'dport'}`
  | `fib.${'saddr' | 'daddr'}.type`
  /** 1 when the packet's source would be answered by the interface that it came in by. */
  | 'fib.reverse-path'
  /** Is it a fragment, or does it carry an IPv6 extension header? Packets of a walk are and do neither: 0. */
  | 'ip.fragmented'
  | 'ip6.extension'

/** What a packet's fields are looked up in. */
export type Values = Elements | { readonly kind: 'named'; readonly set: string } | { readonly kind: 'unreadable' }

/** A set's definition. `elements` is null when its type or one of its elements was not understood. */
export interface NamedSet {
  readonly name: string
  readonly elements: Elements | null
}

/**
 * Elements of a set, by column: the element at `index` is, for each key, all values from `lows[index]` to
 * `highs[index]`. A million addresses take two arrays of numbers this way.
 */
export interface Elements {
  readonly kind: 'elements'
  readonly columns: readonly Column[]
  /** Of a map: one entry for each element. */
  readonly data: readonly Datum[] | null
  /** The catch-all element of a map, `true` for that of a set; null without one. */
  readonly otherwise: Datum | true | null
  /** Elements with a limit or a quota of their own: finding one decides nothing. */
  readonly conditional: ReadonlySet<number> | null
}

export interface Column {
  readonly lows: readonly Value[]
  readonly highs: readonly Value[]
}

/** What a map gives: a verdict, one value, several (an address and a port), or something not understood. */
export type Datum = Verdict | readonly Value[] | null
