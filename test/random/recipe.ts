import fc from 'fast-check'
import type { Transport } from '../../src/model/endpoint.ts'
import type { Behavior } from '../../src/model/nat.ts'
import {
  type Filter,
  type ListenerBehavior,
  type Nat,
  PORT_CHOICES,
  type PortChoice,
} from '../../src/topology/topology.ts'
import { FIREWALLS, type FirewallName } from './firewalls.ts'

/**
 * A random network before it has names and addresses. Every part may be left out or made plainer without any other part
 * becoming wrong, so that fast-check can shrink it.
 */
export interface Recipe {
  /** Of the simulation's randomness. */
  readonly seed: number
  readonly ipv6: boolean
  /** The customer's own, from the node outwards. */
  readonly routers: readonly RouterRecipe[]
  readonly carrier: { readonly nat: NatRecipe; readonly shared: boolean } | null
  readonly filters: readonly FilterRecipe[]
  readonly firewall: FirewallName | null
  /** A container behind the node; null: none. */
  readonly guest: GuestRecipe | null
  readonly listeners: Readonly<Record<PortName, ListenerRecipe | null>>
  /** What another host of each home network listens with on all ports asked about; null: nothing. */
  readonly neighbour: ListenerBehavior | null
  readonly asked: readonly PortName[]
  readonly defaultRoute: boolean
  readonly resolver: boolean
  readonly vantage: VantageRecipe
  readonly line: LineRecipe
  readonly homeDelayMs: number
  /** Named as the kind of the node; null: none, and no protocol is tried. */
  readonly node: 'ipfs' | null
}

export const PORT_NAMES = ['udp/4001', 'tcp/4001', 'udp/4002', 'tcp/4002'] as const
export type PortName = (typeof PORT_NAMES)[number]

/** The guest listens on every port that somebody may ask about, or on none. */
export interface GuestRecipe {
  readonly style: 'nft-ip' | 'nft-inet' | 'nft-map' | 'iptables'
  readonly published: readonly PortName[]
  /** To another port of the guest? */
  readonly shifts: boolean
  readonly forward: 'none' | 'accepts' | 'drops' | 'rejects'
  readonly forwarding: boolean
  readonly listener: Exclude<ListenerBehavior, 'nxdomain'> | null
}

export interface LineRecipe {
  readonly delayMs: number
  readonly jitterMs: number
  readonly reorderPercent: number
  readonly lossPercent: number
  readonly mtu: number
}

export interface RouterRecipe {
  readonly nat: NatRecipe | null
  readonly firewall: 'stateful' | 'open'
  readonly forwards: readonly ForwardRecipe[]
  readonly dmz: 'inwards' | 'neighbour' | null
  readonly page: boolean
}

export interface NatRecipe {
  /** With endpoint-independent filtering mapping is so too, as the topology file wants it. */
  readonly behavior: readonly [mapping: Behavior, filtering: Behavior]
  readonly preserves: boolean
  readonly hairpinning: boolean
  readonly remembers: Nat['remembers']
  readonly udpTimeoutSeconds: number
  readonly udpUnansweredTimeoutSeconds: number | null
  /** Left to `preserves` when null, or where it does not go with the mapping. */
  readonly ports: PortChoice | null
  readonly portParity: boolean
  /** With two addresses outside, where it is the last box of the customer or a carrier's. */
  readonly pooling: Nat['pooling'] | null
  readonly refresh: Nat['refresh']
}

/** `inwards`: towards the node. */
export interface ForwardRecipe {
  readonly port: number
  readonly transport: Transport | 'both'
  readonly to: 'inwards' | 'neighbour'
  readonly toPort: number
}

export interface FilterRecipe {
  readonly direction: Filter['direction']
  readonly transport: Transport | 'both' | 'any'
  readonly ports: 'any' | 'one' | 'all-but-web'
  readonly payload: PayloadName | null
  readonly action: Filter['action']
  readonly everyPacket: boolean
}

export interface ListenerRecipe {
  readonly address: 'any' | 'loopback' | 'own-ipv4' | 'own-ipv6'
  readonly behavior: Exclude<ListenerBehavior, 'nxdomain'>
  readonly contacts: boolean
}

export interface VantageRecipe {
  readonly kind: 'peerway' | 'stun'
  readonly addresses: 1 | 2
  readonly port: 3478 | 443
  readonly dead: 'refused' | 'silent' | null
  /** A second vantage that shares a secret with the first. */
  readonly second: boolean
}

/** `usual` in so many percent of the networks; shrinking goes there. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T> {
  const weighted = [
    { arbitrary: fc.constant(usual), weight: percent },
    { arbitrary: others, weight: 100 - percent },
  ]
  return fc.oneof({ withCrossShrink: true }, ...weighted)
}

/** What protocols begin with, and what none does. */
export const PAYLOADS = {
  quic: { hex: 'c0' },
  multistream: { hex: '132f6d756c7469' },
  bittorrent: { text: 'd1:' },
  stun: { hex: '0001' },
  nobody: { text: 'no protocol begins so' },
} as const
export type PayloadName = keyof typeof PAYLOADS
const PAYLOAD_NAMES = Object.keys(PAYLOADS) as PayloadName[]

const BEHAVIORS: readonly NatRecipe['behavior'][] = [
  ['endpoint-independent', 'address-and-port-dependent'],
  ['endpoint-independent', 'address-dependent'],
  ['endpoint-independent', 'endpoint-independent'],
  ['address-dependent', 'address-and-port-dependent'],
  ['address-and-port-dependent', 'address-and-port-dependent'],
]

const nat: fc.Arbitrary<NatRecipe> = fc.record({
  behavior: fc.constantFrom(...BEHAVIORS),
  preserves: mostly(true, fc.constant(false), 67),
  hairpinning: fc.boolean(),
  remembers: fc.constantFrom('mapping', 'host'),
  udpTimeoutSeconds: fc.constantFrom(300, 30, 120),
  udpUnansweredTimeoutSeconds: mostly<number | null>(null, fc.constantFrom(20, 30), 75),
  ports: mostly<PortChoice | null>(null, fc.constantFrom(...PORT_CHOICES), 67),
  portParity: mostly(false, fc.constant(true), 90),
  pooling: mostly<NatRecipe['pooling']>(null, fc.constantFrom('paired', 'arbitrary'), 90),
  refresh: mostly<NatRecipe['refresh']>('both', fc.constant('outbound'), 75),
})

const forward: fc.Arbitrary<ForwardRecipe> = fc.record({
  port: fc.constantFrom(4001, 4002),
  transport: fc.constantFrom('both', 'udp', 'tcp'),
  to: mostly('inwards' as const, fc.constant('neighbour'), 75),
  toPort: mostly(0, fc.constantFrom(4001, 4002, 4003), 75),
})

const router: fc.Arbitrary<RouterRecipe> = fc.record({
  nat: mostly<NatRecipe | null>(null, nat, 17),
  firewall: mostly('stateful' as const, fc.constant('open'), 75),
  forwards: fc.array(forward, { maxLength: 3 }),
  dmz: mostly<RouterRecipe['dmz']>(null, fc.constantFrom('inwards', 'neighbour'), 86),
  page: fc.boolean(),
})

const filter: fc.Arbitrary<FilterRecipe> = fc.record({
  direction: fc.constantFrom('in', 'out'),
  transport: fc.constantFrom('udp', 'tcp', 'both', 'any'),
  ports: fc.constantFrom('any', 'one', 'all-but-web'),
  payload: mostly<PayloadName | null>(null, fc.constantFrom(...PAYLOAD_NAMES), 67),
  action: mostly('drop' as const, fc.constantFrom('reject', 'reset', 'syn-proxy'), 67),
  everyPacket: mostly(false, fc.constant(true), 75),
})

const listener: fc.Arbitrary<ListenerRecipe> = fc.record({
  address: mostly('any' as const, fc.constantFrom('loopback', 'own-ipv4', 'own-ipv6'), 80),
  behavior: fc.constantFrom('greet', 'echo', 'silent'),
  contacts: mostly(false, fc.constant(true), 67),
})

const guest: fc.Arbitrary<GuestRecipe> = fc.record({
  style: fc.constantFrom('nft-ip', 'nft-inet', 'nft-map', 'iptables'),
  published: fc.subarray([...PORT_NAMES]),
  shifts: mostly(false, fc.constant(true), 75),
  forward: mostly('none' as const, fc.constantFrom('accepts', 'drops', 'rejects'), 50),
  forwarding: mostly(true, fc.constant(false), 83),
  listener: mostly<GuestRecipe['listener']>('greet', fc.constantFrom('echo', 'silent', null), 67),
})

const listening = mostly<ListenerRecipe | null>(null, listener, 20)

export const recipe: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 1_000_000_000 })),
  ipv6: mostly(false, fc.constant(true), 75),
  routers: mostly<readonly RouterRecipe[]>([], fc.array(router, { minLength: 1, maxLength: 2 }), 23),
  carrier: mostly<Recipe['carrier']>(null, fc.record({ nat, shared: fc.boolean() }), 83),
  filters: mostly<readonly FilterRecipe[]>([], fc.array(filter, { minLength: 1, maxLength: 2 }), 60),
  firewall: mostly<FirewallName | null>(null, fc.constantFrom(...FIREWALLS.keys()), 75),
  guest: mostly<GuestRecipe | null>(null, guest, 75),
  listeners: fc.record({ 'udp/4001': listening, 'tcp/4001': listening, 'udp/4002': listening, 'tcp/4002': listening }),
  neighbour: mostly<ListenerBehavior | null>(null, fc.constantFrom('greet', 'echo', 'silent'), 50),
  asked: fc.uniqueArray(fc.constantFrom(...PORT_NAMES), { minLength: 1, maxLength: 4 }),
  defaultRoute: mostly(true, fc.constant(false), 98),
  resolver: mostly(true, fc.constant(false), 83),
  vantage: fc.record({
    kind: mostly('peerway' as const, fc.constant('stun'), 96),
    addresses: mostly(2 as const, fc.constant(1), 83),
    port: mostly(3478 as const, fc.constant(443), 80),
    dead: mostly<VantageRecipe['dead']>(null, fc.constantFrom('refused', 'silent'), 96),
    second: mostly(false, fc.constant(true), 86),
  }),
  line: fc.record({
    delayMs: mostly(0, fc.integer({ min: 1, max: 60 }), 50),
    jitterMs: mostly(0, fc.constantFrom(1, 10, 30), 80),
    reorderPercent: mostly(0, fc.constantFrom(5, 25), 50),
    lossPercent: mostly(0, fc.constantFrom(1, 3, 10), 83),
    mtu: mostly(1500, fc.constantFrom(1492, 1400, 1280), 83),
  }),
  homeDelayMs: mostly(0, fc.constant(1), 80),
  node: mostly<Recipe['node']>(null, fc.constant('ipfs'), 75),
})
