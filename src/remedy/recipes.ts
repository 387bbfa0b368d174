import { stopOf } from '../diagnose/twin/stops.ts'
import type { TwinChange } from '../diagnose/twin/twin-change.ts'
import type { Answer } from '../model/answer.ts'
import type { EndpointVerdict } from '../model/diagnosis.ts'
import type { Family } from '../model/endpoint.ts'
import type { GatewayProtocol } from '../model/evidence.ts'
import { type Message, type MessageParams, message } from '../model/message.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import { isNodeKind, NODE_KINDS } from '../nodes/kinds.ts'
import { announceSettingOf, openPlaces } from './propose-node.ts'
import { publishSteps } from './publish-steps.ts'
import type { RemedyId } from './remedy-ids.ts'
import { addressIn, faces, internalOf, pageHost, portsOf, type Site } from './site.ts'

/** A remedy before it is offered to anybody. */
export interface Recipe {
  readonly id: RemedyId
  /** It is thought of where one of these stands in the way. */
  readonly against: readonly ObstacleId[]
  /** What its steps take away as well, where it stands in the way too. */
  readonly alsoClears?: readonly ObstacleId[]
  readonly offered?: (site: Site) => boolean
  /** What its steps come to in the network, for one endpoint. */
  readonly changes: (way: Way) => readonly TwinChange[]
  readonly steps: (site: Site) => readonly Message[]
  /** Can peerway do it by itself? Not without this. */
  readonly automatic?: (site: Site) => boolean
}

/** One endpoint's way in: the twin's boxes, from this host outwards, and the obstacles stated of the endpoint. */
export interface Way {
  readonly boxes: readonly string[]
  readonly obstacles: readonly Obstacle[]
}

const INNER_ROUTER = ['router-source-nat', 'router-forward-elsewhere'] as const
const INBOUND_BLOCKS = [
  'provider-blocks-inbound-port',
  'provider-blocks-inbound-udp',
  'provider-blocks-inbound-tcp',
] as const

/** What is done on this host itself; each clears one obstacle and is needed whatever else stands in the way. */
export const HOST_RECIPES: readonly Recipe[] = [
  {
    id: 'start-node',
    against: ['not-listening'],
    changes: () => [{ kind: 'listen' }],
    offered: (site) => addressIn(site, 'not-listening') === null,
    steps: ({ names }) => [message('step.start-node', { endpoints: names }), message('step.compare-port')],
  },
  {
    id: 'listen-on-all-addresses',
    against: ['listening-on-loopback', 'not-listening'],
    // A node that listens on another address of this host says so in the obstacle.
    offered: (site) => faces(site, 'listening-on-loopback') || addressIn(site, 'not-listening') !== null,
    changes: () => [{ kind: 'listen' }],
    steps: (site) => [message('step.change-listen-address', { address: listenedAt(site) })],
  },
  {
    id: 'publish-port',
    against: ['port-not-published'],
    changes: () => [{ kind: 'listen' }],
    steps: publishSteps,
  },
  {
    id: 'allow-in-host-firewall',
    against: ['host-firewall-drops-inbound'],
    changes: () => [{ kind: 'accept-on-host', direction: 'in' }],
    // Where its rules let strangers in there is nothing to allow.
    offered: ({ obstacles }) =>
      obstacles.some(({ id, text }) => id === 'host-firewall-drops-inbound' && text.params.unexplained === undefined),
    steps: (site) => [message('step.allow-in-host-firewall', { endpoints: site.names, ...firewallCommands(site) })],
    automatic: (site) => isRuleKnown(site, 'host-firewall-drops-inbound'),
  },
  {
    id: 'allow-forwarding-in-host-firewall',
    against: ['host-firewall-drops-forwarded'],
    changes: () => [{ kind: 'accept-on-host', direction: 'in' }],
    steps: () => [message('step.allow-forwarding')],
    automatic: (site) => isRuleKnown(site, 'host-firewall-drops-forwarded'),
  },
  {
    id: 'allow-outbound-in-host-firewall',
    against: ['host-firewall-drops-outbound'],
    changes: () => [{ kind: 'accept-on-host', direction: 'out' }],
    steps: () => [message('step.allow-outbound')],
    automatic: (site) => isRuleKnown(site, 'host-firewall-drops-outbound'),
  },
  {
    id: 'enable-ip-forwarding',
    against: ['ip-forwarding-disabled'],
    changes: () => [{ kind: 'switch-forwarding-on' }],
    steps: (site) => [message('step.enable-ip-forwarding', { command: sysctlCommand(site) })],
    automatic: () => true,
  },
  {
    id: 'announce-reachable-address',
    against: ['announces-unreachable-address'],
    changes: () => [],
    steps: announceSteps,
    automatic: (site) =>
      announceSettingOf(site.found) !== undefined &&
      openPlaces(site.obstacles.filter(({ certainty }) => certainty === 'proven')).length > 0,
  },
]

/** What is done between the stranger and this host. */
export const NETWORK_RECIPES: readonly Recipe[] = [
  {
    id: 'restore-internet',
    against: ['no-internet'],
    changes: () => [{ kind: 'mend-line' }],
    steps: (site) => [
      message('step.check-default-route'),
      message('step.check-cables', { address: site.gateway.ipv4 }),
      message('step.call-provider'),
    ],
  },
  {
    id: 'bridge-mode',
    against: ['double-nat'],
    alsoClears: INNER_ROUTER,
    changes: (way) => [...at(way, 'double-nat', 'take-away'), ...forwardOnOwn(way)],
    steps: (site) => [
      openOuter(site),
      message('step.enable-bridge'),
      message('step.no-bridge'),
      ...(site.behindRouter ? [innerForward(site)] : []),
    ],
  },
  {
    id: 'ask-provider-public-address',
    against: ['carrier-nat'],
    alsoClears: INNER_ROUTER,
    changes: (way) => [...at(way, 'carrier-nat', 'take-away'), ...forwardOnOwn(way)],
    steps: (site) => [message('step.ask-public-address'), ...(site.behindRouter ? [innerForward(site)] : [])],
  },
  {
    id: 'ask-provider-unblock',
    against: [
      ...INBOUND_BLOCKS,
      'provider-filters-protocol',
      'provider-blocks-outbound-udp',
      'provider-blocks-outbound-port',
    ],
    alsoClears: INNER_ROUTER,
    changes: (way) => [...LIFTED, ...(INNER_ROUTER.some((id) => stands(way, id)) ? forwardOnOwn(way) : [])],
    steps: (site) => [...unblockRequests(site), ...thenInner(site)],
  },
  {
    id: 'open-pinhole-pcp',
    against: ['router-filter-drops-inbound'],
    offered: (site) => isIpv6(site) && speaks(site, 'ipv6', 'pcp'),
    changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
    steps: (site) => [message('step.ask-pinhole', { protocol: 'PCP', ...askedOf(site, 'ipv6') })],
    automatic: () => true,
  },
  {
    id: 'allow-in-router-firewall-ipv6',
    against: ['router-filter-drops-inbound'],
    offered: isIpv6,
    changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
    steps: pinholeSteps,
  },
  {
    id: 'allow-in-router-firewall',
    against: ['router-filter-drops-inbound'],
    offered: (site) => site.endpoints.every(({ family }) => family === 'ipv4'),
    changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
    steps: pinholeSteps,
  },
  {
    id: 'correct-forwarding',
    against: ['router-forward-elsewhere'],
    changes: (way) => at(way, 'router-forward-elsewhere', 'forward'),
    steps: (site) => [openRouter(site), placed('step.correct-forwarding', site), fixedAddress(site)],
  },
  {
    id: 'map-port-pcp',
    against: INNER_ROUTER,
    offered: (site) => speaks(site, 'ipv4', 'pcp'),
    changes: forwardByRouter,
    steps: (site) => [message('step.ask-mapping', { protocol: 'PCP', ...askedOf(site, 'ipv4') })],
    automatic: () => true,
  },
  {
    id: 'map-port-nat-pmp',
    against: INNER_ROUTER,
    offered: (site) => speaks(site, 'ipv4', 'nat-pmp'),
    changes: forwardByRouter,
    steps: (site) => [message('step.ask-mapping', { protocol: 'NAT-PMP', ...askedOf(site, 'ipv4') })],
    automatic: () => true,
  },
  {
    id: 'forward-by-hand',
    against: ['router-source-nat'],
    changes: (way) => at(way, 'router-source-nat', 'forward'),
    steps: (site) => [openRouter(site), placed('step.add-forwarding', site), fixedAddress(site)],
  },
  {
    id: 'forward-on-both-routers',
    against: ['double-nat'],
    alsoClears: INNER_ROUTER,
    changes: (way) => [...at(way, 'double-nat', 'forward'), ...forwardOnOwn(way)],
    steps: (site) => [
      message('step.outer-forward', { ports: site.names, address: outerRouter(site) }),
      innerForward(site),
    ],
  },
  {
    id: 'dmz-host',
    against: ['router-source-nat'],
    changes: (way) => at(way, 'router-source-nat', 'set-dmz'),
    steps: (site) => [openRouter(site), placed('step.set-dmz', site), message('step.dmz-warning')],
  },
  {
    id: 'map-port-upnp',
    against: INNER_ROUTER,
    offered: (site) => speaks(site, 'ipv4', 'upnp'),
    changes: forwardByRouter,
    steps: (site) => [
      message('step.ask-mapping', { protocol: 'UPnP', ...askedOf(site, 'ipv4') }),
      message('step.upnp-warning'),
    ],
    automatic: () => true,
  },
  {
    id: 'open-pinhole-upnp',
    against: ['router-filter-drops-inbound'],
    offered: (site) => isIpv6(site) && speaks(site, 'ipv6', 'upnp'),
    changes: (way) => at(way, 'router-filter-drops-inbound', 'open-filter'),
    steps: (site) => [
      message('step.ask-pinhole', { protocol: 'UPnP', ...askedOf(site, 'ipv6') }),
      message('step.upnp-warning'),
    ],
    automatic: () => true,
  },
  {
    id: 'enable-upnp-in-router',
    against: ['router-source-nat'],
    offered: (site) => site.protocols.ipv4?.length === 0,
    changes: (way) => at(way, 'router-source-nat', 'forward'),
    steps: (site) => [openRouter(site), message('step.enable-mapping-protocol'), message('step.upnp-warning')],
  },
  {
    id: 'use-another-port',
    against: ['provider-blocks-inbound-port'],
    changes: () => [{ kind: 'use-another-port' }],
    steps: () => [message('step.change-port')],
  },
  {
    id: 'use-tcp',
    against: ['provider-blocks-inbound-udp', 'provider-blocks-outbound-udp'],
    offered: (site) => !answers(site, ({ transport }) => transport === 'tcp').includes('no'),
    changes: () => [{ kind: 'use-tcp' }],
    steps: () => [message('step.node-tcp')],
  },
  {
    id: 'use-ipv6',
    against: ['carrier-nat', 'double-nat'],
    alsoClears: INNER_ROUTER,
    // Where IPv6 was measured, it has its own obstacles, or needs no remedy.
    offered: (site) => answers(site, ({ family }) => family === 'ipv6').every((answer) => answer === 'unknown'),
    changes: () => [{ kind: 'translate-nowhere' }],
    steps: ({ source }) => [
      ...(source.ipv6 === null ? [message('step.enable-ipv6')] : []),
      message('step.use-ipv6-address', { internal: source.ipv6 }),
    ],
  },
  {
    id: 'hole-punching',
    against: ['carrier-nat', 'double-nat'],
    alsoClears: INNER_ROUTER,
    // A NAT that gives every peer another port hides the one to aim at.
    offered: (site) => site.mapping === 'endpoint-independent',
    changes: () => [{ kind: 'use-relay' }],
    steps: () => [message('step.punch-holes')],
  },
  {
    id: 'relay',
    against: ['carrier-nat', 'double-nat', ...INBOUND_BLOCKS, 'provider-filters-protocol'],
    alsoClears: INNER_ROUTER,
    changes: () => [{ kind: 'use-relay' }],
    steps: (site) => [message('step.rent-server'), message('step.forward-on-server', { ports: site.names })],
  },
]

function answers(site: Site, which: (endpoint: EndpointVerdict) => boolean): readonly Answer[] {
  return site.measured.filter(which).map(({ reachable }) => reachable)
}

function isIpv6({ endpoints }: Site): boolean {
  return endpoints.every(({ family }) => family === 'ipv6')
}

function speaks(site: Site, family: Family, protocol: GatewayProtocol): boolean {
  return site.protocols[family]?.includes(protocol) ?? false
}

/** The rule that decides is known, so that another can go before it. */
function isRuleKnown({ obstacles }: Site, id: ObstacleId): boolean {
  return obstacles.some((obstacle) => obstacle.id === id && obstacle.text.params.rule !== undefined)
}

// ---------------------------------------------------------------------------------------------- changes

const LIFTED: readonly TwinChange[] = [
  { kind: 'lift-filter', direction: 'in' },
  { kind: 'lift-filter', direction: 'out' },
]

function stands({ obstacles }: Way, id: ObstacleId): boolean {
  return obstacles.some((obstacle) => obstacle.id === id)
}

/** The change of the box that an obstacle speaks of; none where it does not stand. */
function at(
  { obstacles }: Way,
  id: ObstacleId,
  kind: 'forward' | 'set-dmz' | 'open-filter' | 'take-away',
): readonly TwinChange[] {
  const obstacle = obstacles.find((each) => each.id === id)
  const box = obstacle === undefined ? null : stopOf(obstacle)
  return box === null ? [] : [{ kind, box }]
}

/** A router that is asked forwards to this host; where it forwards the port to another, it does so from a port of its own choice. */
function forwardByRouter(way: Way): readonly TwinChange[] {
  return INNER_ROUTER.flatMap((id) => at(way, id, 'forward')).slice(0, 1)
}

/** This host's own router forwards, where it has one. */
function forwardOnOwn({ boxes }: Way): readonly TwinChange[] {
  const own = boxes.find((box) => box !== 'carrier')
  return own === undefined ? [] : [{ kind: 'forward', box: own }]
}

// ---------------------------------------------------------------------------------------------- steps

/** What a router is asked for, and who it is. */
function askedOf(site: Site, family: Family): MessageParams {
  const [internal, address] = [site.source[family], site.gateway[family]]
  return { ports: site.names, ...(internal && { internal }), ...(address && { address }) }
}

function listenedAt(site: Site): string | null {
  return addressIn(site, 'listening-on-loopback') ?? addressIn(site, 'not-listening')
}

function openRouter(site: Site): Message {
  return message('step.open-router-page', { address: pageHost(site.gateway.ipv4) })
}

function openOuter(site: Site): Message {
  return message('step.open-outer-router-page', { address: outerRouter(site) })
}

function outerRouter(site: Site): string | null {
  return pageHost(addressIn(site, 'double-nat'))
}

function pinholeSteps(site: Site): readonly Message[] {
  return [openRouter(site), placed('step.add-pinhole', site)]
}

function innerForward(site: Site): Message {
  return message('step.inner-forward', {
    ports: site.names,
    internal: internalOf(site),
    gateway: pageHost(site.gateway.ipv4),
  })
}

/** The inner router still has to forward, once what stands before it is gone. */
function thenInner(site: Site): readonly Message[] {
  return INNER_ROUTER.some((id) => faces(site, id)) ? [innerForward(site)] : []
}

function placed(
  id: 'step.add-forwarding' | 'step.correct-forwarding' | 'step.set-dmz' | 'step.add-pinhole',
  site: Site,
) {
  return message(id, { ports: site.names, internal: internalOf(site) })
}

function fixedAddress(site: Site): Message {
  return message('step.fixed-address', { internal: internalOf(site) })
}

function unblockRequests(site: Site): readonly Message[] {
  const requests: Message[] = []
  if (INBOUND_BLOCKS.some((id) => faces(site, id))) {
    requests.push(message('step.ask-unblock-port', { ports: site.names }))
  }
  if (faces(site, 'provider-filters-protocol')) {
    requests.push(message('step.ask-unblock-protocol', { endpoints: site.names }))
  }
  if (faces(site, 'provider-blocks-outbound-udp')) requests.push(message('step.ask-unblock-udp-out'))
  const ports = site.obstacles.find(({ id }) => id === 'provider-blocks-outbound-port')
  if (ports !== undefined) requests.push(message('step.ask-unblock-ports-out', { ports: ports.text.params.ports }))
  return requests
}

function firewallCommands(site: Site): { readonly ufw: string; readonly firewalld: string } {
  const ports = portsOf(site)
  const opened = ports.map((port) => `--add-port=${port}`).join(' ')
  return {
    ufw: ports.map((port) => `ufw allow ${port}`).join(' && '),
    firewalld: `firewall-cmd ${opened} && firewall-cmd --runtime-to-permanent`,
  }
}

function sysctlCommand(site: Site): string {
  const family = site.endpoints[0]?.family ?? 'ipv4'
  return `sysctl -w ${family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'}=1`
}

/** What the kind of node that runs here wants done; in general where that is not known. */
function announceSteps(site: Site): readonly Message[] {
  const kind = site.found?.kind
  const places = openPlaces(site.obstacles)
  const own = kind !== undefined && isNodeKind(kind) ? NODE_KINDS[kind].announcing?.steps(places) : undefined
  return own ?? [message('step.announce', { external: externalIn(site) }), message('step.restart-node')]
}

function externalIn(site: Site): string | number | undefined {
  return site.obstacles.find(({ id }) => id === 'announces-unreachable-address')?.text.params.external
}
