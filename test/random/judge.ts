import type { EndpointKey, EndpointName, Family } from '../../src/model/endpoint.ts'
import type { Behavior } from '../../src/model/nat.ts'
import type { ObstacleId } from '../../src/model/obstacle.ts'
import type { Report } from '../../src/report/report.ts'
import { wayOut } from '../../src/topology/layout.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { rulesOf } from './host-rules.ts'
import { type EndpointTruth, firewallOf, isAmong, walkIn, withoutContacts } from './stranger.ts'
import { anybodyAnswers } from './way-out.ts'

/** What is wrong with a report, and how many of its guesses are right. */
export interface Judgement {
  /** A sentence for each thing that is said and is not so. */
  readonly falseClaims: readonly string[]
  /** A sentence for each thing that could be proven and is not. */
  readonly missed: readonly string[]
  readonly likely: { readonly right: number; readonly wrong: number }
}

export function judgeReport(topology: Topology, report: Report): Judgement {
  const truths = new Map(report.endpoints.map((each) => [nameOf(each), walkIn(topology, each)] as const))
  const guesses = report.obstacles.filter(({ certainty }) => certainty === 'likely')
  const isRight = (each: Report['obstacles'][number]) => wrongAbout(topology, truths, each).length === 0
  const right = guesses.filter(isRight).length
  return {
    falseClaims: [
      ...report.endpoints.flatMap((each) => wrongAnswer(topology, each, truths.get(nameOf(each))!)),
      ...report.obstacles
        .filter(({ certainty }) => certainty === 'proven')
        .flatMap((each) => wrongAbout(topology, truths, each)),
      ...wrongNat(topology, report.nat),
      ...wrongPunching(topology, report),
    ],
    missed: missed(topology, report, truths),
    likely: { right, wrong: guesses.length - right },
  }
}

type Truths = ReadonlyMap<EndpointName, EndpointTruth>

function nameOf({ transport, family, port }: EndpointKey): EndpointName {
  return `${transport}/${family}/${port}`
}

function wrongAnswer(
  topology: Topology,
  endpoint: Report['endpoints'][number],
  { reachable, obstacles }: EndpointTruth,
): readonly string[] {
  const answer = endpoint.reachable
  if (answer === 'unknown' || (answer === 'yes') === reachable) return []
  // Who was spoken to before may pass where a stranger does not, and the caveat says so.
  // Whoever hears nothing at all says so; strangers may get in all the same where only what begins inside is stopped.
  if (answer === 'no' && !anybodyAnswers(topology, endpoint.family)) return []
  // Where what the node says is filtered, neutral bytes may get in and those who speak its protocol hear nothing: both is so.
  if (answer === 'no' && filtersProtocol(topology, endpoint.transport)) return []
  // What a node sends to keep its port open is lost like anything else, and until it is said again nobody gets in.
  if (answer === 'no' && losesContacts(topology) && !walkIn(withoutContacts(topology), endpoint).reachable) return []
  const hedged = endpoint.caveats.includes('address-dependent-filter-not-excluded')
  if (answer === 'yes' && hedged && remembersAddresses(topology)) return []
  return [`${nameOf(endpoint)}: said ${answer}, and a stranger is stopped by ${[...obstacles].join(', ') || 'nothing'}`]
}

function losesContacts(topology: Topology): boolean {
  return talks(topology) && topology.links.some(({ lossPercent }) => lossPercent > 0)
}

function filtersProtocol(topology: Topology, transport: EndpointKey['transport']): boolean {
  return wayOut(topology, 'node').some(({ filters }) =>
    filters.some(({ payload, transports }) => payload && transports.includes(transport)),
  )
}

function familyIn(endpoint: EndpointName): Family {
  return endpoint.includes('/ipv4/') ? 'ipv4' : 'ipv6'
}

function remembersAddresses(topology: Topology): boolean {
  return wayOut(topology, 'node').some(({ nat }) => nat?.filtering === 'address-dependent')
}

function wrongAbout(topology: Topology, truths: Truths, { id, endpoints }: Report['obstacles'][number]) {
  if (id === 'provider-filters-protocol') return wrongFilters(topology, endpoints)
  if (endpoints.length === 0) return isSoWithoutEndpoints(topology, id) ? [] : [`${id}: said of the host, and not so`]
  return endpoints.flatMap((endpoint) => {
    const { obstacles, hidden } = truths.get(endpoint)!
    if (obstacles.has(id) || hidden === id) return []
    // Where nothing of either transport comes past a customer's router it is called that router's filter, whoever did it.
    const isBlockedBefore = [...obstacles].some((one) => one.startsWith('provider-blocks-inbound'))
    if (id === 'router-filter-drops-inbound' && familyIn(endpoint) === 'ipv6' && isBlockedBefore) return []
    if (id === 'no-internet' && !anybodyAnswers(topology, familyIn(endpoint))) return []
    return [`${id}: said of ${endpoint}, and what stops a stranger is ${[...obstacles].join(', ') || 'nothing'}`]
  })
}

/** How the protocols of an IPFS node begin. */
const BEGINNINGS: Readonly<Record<EndpointKey['transport'], string>> = {
  tcp: Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n').toString('hex'),
  udp: 'c000000001',
}

/** A filter on what the protocol begins with; for an endpoint, one that its strangers or the answers to them meet. */
function wrongFilters(topology: Topology, endpoints: readonly EndpointName[]): readonly string[] {
  const filters = wayOut(topology, 'node').flatMap((box) => box.filters)
  const meant = (transport: EndpointKey['transport']) =>
    filters.filter(
      ({ payload, transports }) =>
        payload &&
        transports.includes(transport) &&
        BEGINNINGS[transport].startsWith(Buffer.from(payload).toString('hex')),
    )
  if (endpoints.length === 0) {
    return [...meant('tcp'), ...meant('udp')].length > 0
      ? []
      : ['provider-filters-protocol: said, and nobody looks for one']
  }
  return endpoints.flatMap((endpoint) => {
    const [transport, , port] = endpoint.split('/') as [EndpointKey['transport'], Family, string]
    const stops = meant(transport).some(({ direction, ports }) =>
      isAmong(ports, direction === 'in' ? Number(port) : 50_000),
    )
    return stops ? [] : [`provider-filters-protocol: said of ${endpoint}, and no filter stops its protocol`]
  })
}

function isSoWithoutEndpoints(topology: Topology, id: ObstacleId): boolean {
  const out = wayOut(topology, 'node').flatMap(({ filters }) => filters.filter(({ direction }) => direction === 'out'))
  if (id === 'provider-blocks-outbound-port') return out.length > 0
  if (id === 'provider-blocks-outbound-udp') {
    return out.some(
      ({ transports, ports }) => (transports === 'any' || transports.includes('udp')) && isAmong(ports, 50_000),
    )
  }
  const ports = [4001, 4002, 4003]
  const firewall = firewallOf(topology)
  return (
    id === 'host-firewall-drops-outbound' &&
    (firewall?.dropsOwn === true || ports.some((port) => firewall?.dropsOutbound('tcp', 'ipv4', port)))
  )
}

/** Peers cannot be met half-way where a port is taken for each of them, or where nothing of UDP gets out. */
function wrongPunching(topology: Topology, { warnings }: Report): readonly string[] {
  if (!warnings.some(({ id }) => id === 'hole-punching-impossible')) return []
  const takesPorts = wayOut(topology, 'node').some(({ nat }) => nat !== null && nat.mapping !== 'endpoint-independent')
  const isSo = takesPorts || isSoWithoutEndpoints(topology, 'provider-blocks-outbound-udp')
  return isSo ? [] : ['hole-punching-impossible: said, and every peer sees the same port']
}

const STRICTNESS: readonly Behavior[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent']

function wrongNat(topology: Topology, said: Report['nat']): readonly string[] {
  if (said === null) return []
  const boxes = wayOut(topology, 'node').filter(({ kind }) => kind !== 'provider')
  const nats = boxes.flatMap(({ nat }) => (nat === null ? [] : [nat]))
  const turned = nats.filter(({ portPreservation }) => !portPreservation).length % 2 === 1
  const drawn = nats.some(({ ports }) => ports === 'contiguous' || ports === 'random')
  const preserves = nats.every(({ mapping }) => mapping === 'endpoint-independent') && !turned && !drawn
  const truth = {
    layers: isRoutedByCarrier(topology) ? null : nats.length,
    mapping: nats.length === 0 ? 'none' : strictest(nats.map((nat) => nat.mapping)),
    filtering: filteringOf(topology),
    portPreservation: nats.length === 0 ? null : preserves ? 'yes' : 'no',
    hairpinning:
      boxes.length === 1 && nats.length === 1 && firewallOf(topology) === undefined
        ? nats[0]!.hairpinning
          ? 'yes'
          : 'no'
        : null,
  }
  return Object.entries(truth).flatMap(([key, value]) => {
    const answer = said[key as keyof typeof truth]
    if (answer === null || answer === 'unknown' || value === null || answer === value) return []
    return [`nat.${key}: said ${answer}, truth is ${value}`]
  })
}

/** No carrier gives 100.64.0.0/10 to customers whose private networks it routes: that is what that range is not for (RFC 6598). */
function isRoutedByCarrier(topology: Topology): boolean {
  const boxes = wayOut(topology, 'node').filter(({ kind }) => kind !== 'provider')
  const carrier = boxes.find(({ kind }) => kind === 'carrier')
  const prefix = topology.networks.find(({ name }) => name === carrier?.inside)?.ipv4
  const routers = boxes.filter(({ kind }) => kind === 'router')
  return prefix?.startsWith('100.64.') === true && routers.length > 0 && routers.every(({ nat }) => nat === null)
}

function strictest(behaviors: readonly Behavior[]): Behavior {
  return STRICTNESS[Math.max(...behaviors.map((each) => STRICTNESS.indexOf(each)))]!
}

/** How the one box of the customer filters UDP; null where others, or filters of the provider or the host, mix in. */
function filteringOf(topology: Topology): Behavior | null {
  const [box, ...others] = wayOut(topology, 'node').filter(({ kind }) => kind !== 'provider')
  const policies = wayOut(topology, 'node').flatMap(({ filters }) => filters)
  if (others.length > 0 || policies.length > 0 || firewallOf(topology) !== undefined) return null
  if (box === undefined) return 'endpoint-independent'
  if (box.nat === null) return box.firewall === 'stateful' ? 'address-and-port-dependent' : 'endpoint-independent'
  // Where ports change, what the router sends on by itself arrives at other ports than those that were mapped.
  if (!box.nat.portPreservation && (box.dmz === 'node' || box.nat.remembers === 'host')) return null
  // Everything that nobody asked for reaches a DMZ host.
  return box.dmz === 'node' ? 'endpoint-independent' : box.nat.filtering
}

/** Modest: where one thing alone stands in the way, a vantage can dial, and no packet is lost, it is found and proven. */
function missed(topology: Topology, report: Report, truths: Truths): readonly string[] {
  if (!isPlain(topology)) return []
  const proven = (id: ObstacleId, endpoint: EndpointName) =>
    report.obstacles.some((each) => each.id === id && each.certainty === 'proven' && each.endpoints.includes(endpoint))
  return report.endpoints.flatMap((endpoint) => {
    const name = nameOf(endpoint)
    const { reachable, obstacles } = truths.get(name)!
    const [only] = obstacles
    const gaps: string[] = []
    // Whether a guest answers strangers is not asked, and what peers send to the host's own port hides the dial.
    if (endpoint.transport === 'udp' && talks(topology) && rulesOf(topology).guest !== null) return gaps
    if (endpoint.reachable === 'unknown' && (reachable || obstacles.size === 1)) {
      gaps.push(`${name}: unknown, and in truth it is ${reachable ? 'reachable' : `stopped by ${only} alone`}`)
    }
    if (obstacles.size === 1 && isProvable(topology, only!, endpoint.family) && !proven(only!, name)) {
      gaps.push(`${only}: it alone stops ${name}, and is not proven`)
    }
    // Nobody else can hide what is, or is not, in this host's own list of sockets.
    for (const id of ['not-listening', 'listening-on-loopback'] as const) {
      if (obstacles.has(id) && !proven(id, name)) gaps.push(`${id}: so of ${name}, and not proven`)
    }
    return gaps
  })
}

/** A vantage of peerway's answers from an address of its own, and no link loses packets. */
function isPlain(topology: Topology): boolean {
  const clean = topology.vantages.every(
    (each) => each.kind === 'peerway' && each.dead === null && each.alternateAddress,
  )
  const out = wayOut(topology, 'node').flatMap(({ filters }) => filters)
  const open = out.every(
    ({ direction, everyPacket, payload, action }) =>
      direction === 'in' && !everyPacket && !payload && action === 'drop',
  )
  // Of a box that draws from its addresses, nobody knows whether the one dialled is this host's.
  const drawn = wayOut(topology, 'node').some(({ nat }) => nat?.pooling === 'arbitrary')
  const steady = topology.links.every(({ lossPercent, jitterMs = 0 }) => lossPercent === 0 && jitterMs === 0)
  return clean && open && !drawn && steady && firewallOf(topology)?.dropsOwn !== true
}

/** Packets of peers to the node's port hide whether those of a dial came. */
function talks(topology: Topology): boolean {
  return topology.hosts.some(({ listeners }) => listeners.some(({ contacts }) => contacts.length > 0))
}

/** Its own rules, settings and sockets show these to root. */
const OF_THE_HOST: ReadonlySet<ObstacleId> = new Set<ObstacleId>([
  'host-firewall-drops-inbound',
  'host-firewall-drops-forwarded',
  'ip-forwarding-disabled',
  'port-not-published',
])

function isProvable(topology: Topology, id: ObstacleId, family: Family): boolean {
  const way = wayOut(topology, 'node')
  const translators = way.filter(({ nat }) => nat !== null)
  if (id === 'carrier-nat')
    return translators.some((box) =>
      topology.networks.find(({ name }) => name === box.inside)?.ipv4?.startsWith('100.64.'),
    )
  // A router that sends anything to any other place may do the same with this port.
  const [router] = translators
  if (id === 'router-source-nat')
    return way.length === 2 && !talks(topology) && router?.dmz === null && router.forwards.length === 0
  if (OF_THE_HOST.has(id)) return true
  // Where echo requests are stopped as well, nothing tells a provider's filter from a router's.
  const spares = way.every(({ filters }) => filters.every(({ transports }) => transports !== 'any'))
  const seen = id === 'provider-blocks-inbound-tcp' || !talks(topology)
  return family === 'ipv4' && id.startsWith('provider-blocks-inbound-') && way.length === 1 && spares && seen
}
