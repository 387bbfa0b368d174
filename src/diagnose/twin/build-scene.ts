import type { NatSummary } from '../../model/diagnosis.ts'
import type { Address, EndpointKey } from '../../model/endpoint.ts'
import type { Obstacle } from '../../model/obstacle.ts'
import type { Box, Filter, Forward, HostSpec, ListenerSpec, Nat, Topology } from '../../topology/topology.ts'
import { firewallText } from './host-firewall.ts'
import { prefixesFor } from './prefixes.ts'
import { NODE, PROVIDER, RELAY_PORT, type Scene, STRANGER } from './scene.ts'
import { type StopName, stopOf } from './stops.ts'
import type { WayBox } from './way.ts'
import type { Closed } from './worlds.ts'

/** What the networks of one endpoint are built from. */
export interface SceneParts {
  readonly endpoint: EndpointKey
  /** This host's address in the endpoint's family, and where strangers dial it; null where not known. */
  readonly source: Address | null
  readonly external: Address | null
  readonly nat: NatSummary
  /** From this host outwards. */
  readonly way: readonly WayBox[]
  /** What is stated of the endpoint. */
  readonly obstacles: readonly Obstacle[]
}

const BEYOND = 'beyond'

/** How a router that sends the port to another host comes to do so, which decides what would mend it. */
export const MISLEADING = ['forward', 'dmz'] as const
type Misleading = (typeof MISLEADING)[number]

/**
 * The network in which just these stops are closed. It is about one endpoint: other ports may fare otherwise, and theirs
 * are other networks.
 */
export function buildScene(parts: SceneParts, closed: Closed, misleading: Misleading = 'forward'): Scene {
  const { endpoint, way, source } = parts
  const names = [...way.map(({ name }) => name), PROVIDER, ...(closed.has(BEYOND) ? [BEYOND] : [])]
  const networks = [...names.map((name) => `inside-${name}`), 'internet']
  const outermost = way.findLastIndex(({ translates }) => translates)
  const external = outermost < 0 ? null : { address: parts.external, network: outermost + 1 }
  const prefixes = prefixesFor(endpoint.family, networks.length, source, external)
  const boxes = names.map((name, index): Box => {
    const isOutermost = index === outermost && parts.external !== null && prefixes[index + 1]?.isGiven
    return {
      ...PLAIN_BOX,
      name,
      inside: networks[index]!,
      outside: networks[index + 1]!,
      addresses: isOutermost ? [parts.external!] : [],
      ...(way[index] === undefined
        ? outerBox(parts, name, closed)
        : customersBox(parts, way[index], index === 0 ? NODE : names[index - 1]!, closed, misleading)),
    }
  })
  const topology: Topology = {
    title: 'The network that explains the evidence',
    networks: networks.map((name, index) => {
      const { prefix } = prefixes[index]!
      return { name, ipv4: null, ipv6: null, [endpoint.family]: prefix }
    }),
    hosts: [node(parts, closed, networks[0]!), ...neighbours(parts, networks), stranger()],
    boxes,
    vantages: [],
    links: [],
    truth: [],
  }
  return { topology, endpoint, reach: 'direct' }
}

const PLAIN_BOX = {
  kind: 'router',
  nat: null,
  firewall: 'open',
  forwards: [],
  dmz: null,
  portMapping: [],
  page: false,
  filters: [],
} as const satisfies Partial<Box>

type Behavior = Pick<Box, 'kind'> & Partial<Pick<Box, 'nat' | 'firewall' | 'forwards' | 'dmz' | 'filters'>>

function outerBox(parts: SceneParts, name: string, closed: Closed): Behavior {
  return name === BEYOND
    ? { kind: 'router', firewall: 'stateful' }
    : { kind: 'provider', filters: providerFilters(parts, closed) }
}

function customersBox(
  parts: SceneParts,
  { name, translates }: WayBox,
  inwards: string,
  closed: Closed,
  misleading: Misleading,
): Behavior {
  const kind = name === 'carrier' ? name : 'router'
  const isClosed = closed.has(name)
  if (!translates) return { kind, firewall: isClosed ? 'stateful' : 'open' }
  const nat = natOf(parts.nat)
  const isMisled = isClosed && isForwardedElsewhere(parts, name)
  if (isMisled && misleading === 'dmz') return { kind, nat, dmz: neighbourOf(name) }
  const to = isMisled ? neighbourOf(name) : isClosed ? null : inwards
  const { transport, port } = parts.endpoint
  const forwards: readonly Forward[] = to === null ? [] : [{ transports: [transport], port, to: { name: to, port } }]
  return { kind, nat, forwards }
}

/** As measured; what is not known is as most routers are. */
function natOf({ mapping, filtering, hairpinning, portPreservation }: NatSummary): Nat {
  const isIndependent = mapping === 'endpoint-independent' || mapping === 'unknown' || mapping === 'none'
  return {
    mapping: isIndependent ? 'endpoint-independent' : mapping,
    filtering: !isIndependent || filtering === 'unknown' ? 'address-and-port-dependent' : filtering,
    portPreservation: isIndependent && portPreservation !== 'no',
    hairpinning: hairpinning === 'yes',
    remembers: 'mapping',
    udpTimeoutSeconds: 300,
    tcpTimeoutSeconds: 7440,
  }
}

// ---------------------------------------------------------------------------------------------- the provider

const EVERYTHING = { transports: 'any', ports: 'any', action: 'drop', everyPacket: true } as const

function providerFilters({ endpoint, obstacles }: SceneParts, closed: Closed): readonly Filter[] {
  const { transport, port } = endpoint
  const wholeTransport = obstacles.some(({ id }) => id === `provider-blocks-inbound-${transport}`)
  const blocked = { transports: [transport], action: 'drop' } as const
  const rows: readonly (readonly [StopName, ...Filter[]])[] = [
    ['line', { ...EVERYTHING, direction: 'in' }, { ...EVERYTHING, direction: 'out' }],
    ['provider', { ...blocked, direction: 'in', ports: wholeTransport ? 'any' : { only: [port] }, everyPacket: false }],
    ['provider-answers', { ...blocked, direction: 'out', ports: 'any', everyPacket: true }],
  ]
  return rows.flatMap(([name, ...filters]) => (closed.has(name) ? filters : []))
}

// ---------------------------------------------------------------------------------------------- hosts

const PLAIN_HOST = { addresses: [], defaultRoute: true, resolver: null, listeners: [], firewall: null } as const

function node(parts: SceneParts, closed: Closed, network: string): HostSpec {
  const { endpoint, source, obstacles } = parts
  const isOnLoopback = obstacles.some(({ id }) => id === 'listening-on-loopback')
  const address = !closed.has('process') ? 'any' : isOnLoopback ? 'loopback' : null
  const listeners = address === null ? [] : [listener(endpoint, address)]
  const text = firewallText(endpoint, {
    entry: closed.has('host-entry'),
    forwarding: closed.has('host-forwarding'),
    answers: closed.has('host-answers'),
  })
  return {
    ...PLAIN_HOST,
    name: NODE,
    network,
    addresses: source === null ? [] : [source],
    listeners,
    firewall: text === null ? null : { language: 'nft', text },
  }
}

/** A program that answers whatever it is sent. */
export function listener(
  { transport, port }: Pick<EndpointKey, 'transport' | 'port'>,
  address: ListenerSpec['address'],
): ListenerSpec {
  return { transport, port, address, behavior: 'echo', contacts: [] }
}

/** Where a wrong forwarding leads: somebody who does not answer, so that an answer is the node's own. */
function neighbours(parts: SceneParts, networks: readonly string[]): readonly HostSpec[] {
  return parts.way.flatMap(({ name }, index) => {
    if (!isForwardedElsewhere(parts, name)) return []
    return [{ ...PLAIN_HOST, name: neighbourOf(name), network: networks[index]! }]
  })
}

function isForwardedElsewhere({ obstacles }: SceneParts, box: string): boolean {
  return obstacles.some((each) => each.id === 'router-forward-elsewhere' && stopOf(each) === box)
}

function neighbourOf(box: string): string {
  return `beside-${box}`
}

/** Dials, and is a server that takes others' connections in as well. */
function stranger(): HostSpec {
  const listeners = [listener({ transport: 'tcp', port: RELAY_PORT }, 'any')]
  return { ...PLAIN_HOST, name: STRANGER, network: 'internet', listeners }
}
