import type { EndpointKey, Transport } from '../../src/model/endpoint.ts'
import type { ObstacleId } from '../../src/model/obstacle.ts'
import { wayOut } from '../../src/topology/layout.ts'
import type { Box, Filter, HostSpec, Topology } from '../../src/topology/topology.ts'
import type { KnownFirewall } from './firewalls.ts'
import { isPublished, rulesOf } from './host-rules.ts'

/** What is so about one endpoint of the node, read off the topology file. */
export interface EndpointTruth {
  /** Does a stranger whom nobody there ever spoke to get an answer from the node? */
  readonly reachable: boolean
  /** All that stop the stranger: also those behind others, as if these were taken away. */
  readonly obstacles: ReadonlySet<ObstacleId>
  /**
   * The outermost translator, where it has no forwarding, or a filter stops the stranger before it: then nobody sees
   * whether it has. It counts as an obstacle until a forwarding is shown (docs: what proves what).
   */
  readonly hidden: ObstacleId | null
}

/**
 * Walks from a stranger to the node. This is written from docs/topologies.md alone, and shares nothing with the
 * simulator's boxes nor with the diagnosis, which are both judged by it.
 */
export function walkIn(topology: Topology, endpoint: EndpointKey): EndpointTruth {
  const { transport, family, port } = endpoint
  const node = topology.hosts.find(({ name }) => name === 'node')!
  const way = wayOut(topology, 'node')
  const obstacles = new Set<ObstacleId>()
  const outermost = way.findLast(({ nat }) => nat !== null)
  let hidden: ObstacleId | null = null
  let stoppedBefore = false
  let heading = port
  for (const box of [...way].reverse()) {
    for (const id of stoppedByFilters(box, transport, heading)) obstacles.add(id)
    if (box.kind === 'provider') continue
    if (family === 'ipv4' && box.nat !== null) {
      if (box === outermost) stoppedBefore = obstacles.size > 0
      const inwards = way[way.indexOf(box) - 1]?.name ?? 'node'
      const next = throughNat(topology, box, { transport, heading, inwards })
      // A forwarding to another host is none to this one: both names are right.
      if (typeof next === 'string') obstacles.add(translatorId(way, box))
      if (next === 'elsewhere') obstacles.add('router-forward-elsewhere')
      if (typeof next === 'number') heading = next
    } else if (box.firewall === 'stateful') obstacles.add('router-filter-drops-inbound')
  }
  // Only its own forwarding shows that a translator lets strangers in; a mapping that the node keeps alive does not last.
  const isForwarded = outermost?.forwards.some((each) => each.port === port && each.transports.includes(transport))
  const isOpened = isForwarded || outermost?.dmz !== null
  if (outermost !== undefined && (stoppedBefore || !isOpened)) hidden = translatorId(way, outermost)
  if (heading !== port) obstacles.add('router-forward-elsewhere')
  const isServed = atHost(topology, endpoint, obstacles)
  if (!node.defaultRoute) obstacles.add('no-internet')
  return { reachable: obstacles.size === 0 && isServed, obstacles, hidden }
}

/** Adds what stops the stranger at the node's host. Does somebody listen where the packet ends? */
function atHost(topology: Topology, endpoint: EndpointKey, obstacles: Set<ObstacleId>): boolean {
  const { transport, family, port } = endpoint
  const { firewall, guest } = rulesOf(topology)
  const drops = firewall?.dropsInbound(transport, family, port) === true
  if (isPublished(guest, transport, family, port)) {
    if (drops && firewall?.dropsBeforeRouting) obstacles.add('host-firewall-drops-inbound')
    if (guest!.forward === 'drops' || guest!.forward === 'rejects') {
      // Rules in the words of iptables are of IPv4 alone.
      if (family === 'ipv4' || guest!.style !== 'iptables') obstacles.add('host-firewall-drops-forwarded')
    }
    if (!guest!.forwarding) obstacles.add('ip-forwarding-disabled')
    return guest!.listener !== null
  }
  if (drops) obstacles.add('host-firewall-drops-inbound')
  if (firewall?.dropsOutbound(transport, family, port)) obstacles.add('host-firewall-drops-outbound')
  const node = topology.hosts.find(({ name }) => name === 'node')!
  const listener = listening(node.listeners, endpoint)
  const isGuests = guest !== null && guest.listener !== null && !guest.shifts
  const isUnpublished = isGuests && listener === 'not-listening' && !hasSocket(node.listeners, endpoint)
  if (listener !== 'yes') obstacles.add(isUnpublished ? 'port-not-published' : listener)
  return true
}

/** A socket of the host itself, on whatever address. */
function hasSocket(
  listeners: Topology['hosts'][number]['listeners'],
  { transport, family, port }: EndpointKey,
): boolean {
  return listeners.some(
    (each) =>
      each.transport === transport &&
      each.port === port &&
      (each.address === 'any' || each.address === 'loopback' || (family === 'ipv6') === each.address.includes(':')),
  )
}

export function firewallOf(topology: Topology): KnownFirewall | undefined {
  return rulesOf(topology).firewall
}

function listening(
  listeners: Topology['hosts'][number]['listeners'],
  { transport, family, port }: EndpointKey,
): 'yes' | 'not-listening' | 'listening-on-loopback' {
  const here = listeners.filter((each) => each.transport === transport && each.port === port)
  const isOurs = (address: string) => address === 'any' || (family === 'ipv6') === address.includes(':')
  if (here.some(({ address }) => address !== 'loopback' && isOurs(address))) return 'yes'
  return here.some(({ address }) => address === 'loopback') ? 'listening-on-loopback' : 'not-listening'
}

interface Arriving {
  readonly transport: Transport
  readonly heading: number
  /** The name of whom the node is behind. */
  readonly inwards: string
}

/** The port inside, where the packet goes on towards the node; `elsewhere`: to another host. */
function throughNat(topology: Topology, box: Box, { transport, heading, inwards }: Arriving): number | Miss {
  const forward = box.forwards.find((each) => each.port === heading && each.transports.includes(transport))
  const takes = (name: string | null) => name === inwards && !routesOnly(topology, name)
  if (forward !== undefined) return takes(forward.to.name) ? forward.to.port : 'elsewhere'
  const mapped = throughMapping(topology, box, transport, heading)
  if (mapped !== undefined) return mapped
  if (box.dmz === null) return 'stopped'
  return takes(box.dmz) ? heading : 'elsewhere'
}

/** Forwarded to a router that does not translate, a packet ends there. */
function routesOnly(topology: Topology, name: string): boolean {
  return topology.boxes.some((box) => box.name === name && box.nat === null)
}

type Miss = 'stopped' | 'elsewhere'

/** A node that speaks to its peers from its UDP port opens it for everybody where filtering is endpoint-independent. */
function throughMapping(topology: Topology, box: Box, transport: Transport, heading: number): number | undefined {
  if (transport !== 'udp' || box.nat?.filtering !== 'endpoint-independent') return undefined
  const node = topology.hosts.find(({ name }) => name === 'node')!
  if (!node.defaultRoute) return undefined
  const translators = wayOut(topology, 'node').filter(({ nat }) => nat !== null)
  const talking = node.listeners.filter(
    (each) => each.contacts.length > 0 && !firewallOf(topology)?.dropsOutbound('udp', 'ipv4', each.port),
  )
  for (const { port } of talking) {
    let internal = port
    // Ports of an inner NAT that maps by destination are drawn at random, and nobody dials them.
    for (const each of translators) {
      if (each.nat!.mapping !== 'endpoint-independent') break
      const { ports = null, portPreservation } = each.nat!
      if (ports === 'contiguous' || ports === 'random') break
      const external = portPreservation ? internal : internal ^ 0x2000
      if (each === box && external === heading) return internal
      internal = external
    }
  }
  return undefined
}

/** The first router that translates is the customer's first obstacle, whatever lies inside of it. */
function translatorId(way: readonly Box[], box: Box): ObstacleId {
  if (box.kind === 'carrier') return 'carrier-nat'
  return way.find(({ nat }) => nat !== null) === box ? 'router-source-nat' : 'double-nat'
}

function stoppedByFilters(box: Box, transport: Transport, heading: number): readonly ObstacleId[] {
  return box.filters.flatMap((filter): readonly ObstacleId[] => {
    // What stops some bytes alone is no obstacle to a port.
    if (filter.action === 'syn-proxy' || filter.payload) return []
    if (filter.transports !== 'any' && !filter.transports.includes(transport)) return []
    const { ports, direction, everyPacket } = filter
    if (direction === 'in') {
      if (!isAmong(ports, heading)) return []
      if (everyPacket && filter.transports === 'any') return ['no-internet']
      return inboundIds(filter, transport)
    }
    // The answer goes to the port that the stranger dialled from, which is none that filters name.
    if (!everyPacket || !isAmong(ports, STRANGERS_PORT)) return []
    if (filter.transports === 'any') return ['no-internet']
    return transport === 'udp'
      ? ['provider-blocks-outbound-udp', 'provider-blocks-outbound-port']
      : ['provider-blocks-outbound-port']
  })
}

const STRANGERS_PORT = 50_000

/** Where a few ports alone are let in, both names are true of those asked about: nobody tries all ports. */
function inboundIds({ ports }: Filter, transport: Transport): readonly ObstacleId[] {
  const all: ObstacleId = `provider-blocks-inbound-${transport}`
  if (ports === 'any') return [all]
  return 'only' in ports ? ['provider-blocks-inbound-port'] : [all, 'provider-blocks-inbound-port']
}

export function isAmong(ports: Filter['ports'], port: number): boolean {
  if (ports === 'any') return true
  return 'only' in ports ? ports.only.includes(port) : !ports.except.includes(port)
}

/** The same, and no node sends anything of its own accord. */
export function withoutContacts(topology: Topology): Topology {
  const quiet = (host: HostSpec) => ({
    ...host,
    listeners: host.listeners.map((each) => ({ ...each, contacts: [] })),
  })
  return { ...topology, hosts: topology.hosts.map(quiet) }
}
