import type { Answer } from '../model/answer.ts'
import type { EndpointVerdict } from '../model/diagnosis.ts'
import { type Message, message } from '../model/message.ts'
import type { ObstacleId } from '../model/obstacle.ts'
import type { RemedyId } from './remedy-ids.ts'
import { addressIn, faces, internalOf, pageHost, portsOf, type Site } from './site.ts'

/** A remedy before it is offered to anybody. */
export interface Recipe {
  readonly id: RemedyId
  /** It is thought of where one of these stands in the way ... */
  readonly against: readonly ObstacleId[]
  /** ... and offered only if nothing else of the network does but these, for otherwise it would not open the way. */
  readonly alsoClears?: readonly ObstacleId[]
  readonly offered?: (site: Site) => boolean
  readonly steps: (site: Site) => readonly Message[]
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
    offered: (site) => addressIn(site, 'not-listening') === null,
    steps: ({ names }) => [message('step.start-node', { endpoints: names }), message('step.compare-port')],
  },
  {
    id: 'listen-on-all-addresses',
    against: ['listening-on-loopback', 'not-listening'],
    // A node that listens on another address of this host says so in the obstacle.
    offered: (site) => faces(site, 'listening-on-loopback') || addressIn(site, 'not-listening') !== null,
    steps: (site) => [message('step.change-listen-address', { address: listenedAt(site) })],
  },
  {
    id: 'publish-port',
    against: ['port-not-published'],
    steps: (site) => [message('step.publish-port', { flags: publishFlags(site) })],
  },
  {
    id: 'allow-in-host-firewall',
    against: ['host-firewall-drops-inbound'],
    // Where its rules let strangers in there is nothing to allow.
    offered: ({ obstacles }) => obstacles.some(({ text }) => text.params.unexplained === undefined),
    steps: (site) => [message('step.allow-in-host-firewall', { endpoints: site.names, ...firewallCommands(site) })],
  },
  {
    id: 'allow-forwarding-in-host-firewall',
    against: ['host-firewall-drops-forwarded'],
    steps: () => [message('step.allow-forwarding')],
  },
  {
    id: 'allow-outbound-in-host-firewall',
    against: ['host-firewall-drops-outbound'],
    steps: () => [message('step.allow-outbound')],
  },
  {
    id: 'enable-ip-forwarding',
    against: ['ip-forwarding-disabled'],
    steps: (site) => [message('step.enable-ip-forwarding', { command: sysctlCommand(site) })],
  },
  {
    id: 'announce-reachable-address',
    against: ['announces-unreachable-address'],
    steps: (site) => [message('step.announce', { external: externalIn(site) })],
  },
]

/** What is done between the stranger and this host; each is a whole plan for the obstacles of the network. */
export const NETWORK_RECIPES: readonly Recipe[] = [
  {
    id: 'restore-internet',
    against: ['no-internet'],
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
    steps: (site) => [openOuter(site), message('step.enable-bridge'), message('step.no-bridge'), ...thenInner(site)],
  },
  {
    id: 'ask-provider-public-address',
    against: ['carrier-nat'],
    alsoClears: INNER_ROUTER,
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
    steps: (site) => [...unblockRequests(site), ...thenInner(site)],
  },
  {
    id: 'allow-in-router-firewall-ipv6',
    against: ['router-filter-drops-inbound'],
    offered: (site) => site.endpoints.every(({ family }) => family === 'ipv6'),
    steps: pinholeSteps,
  },
  {
    id: 'allow-in-router-firewall',
    against: ['router-filter-drops-inbound'],
    offered: (site) => site.endpoints.every(({ family }) => family === 'ipv4'),
    steps: pinholeSteps,
  },
  {
    id: 'correct-forwarding',
    against: ['router-forward-elsewhere'],
    steps: (site) => [openRouter(site), placed('step.correct-forwarding', site), fixedAddress(site)],
  },
  {
    id: 'forward-by-hand',
    against: ['router-source-nat'],
    steps: (site) => [openRouter(site), placed('step.add-forwarding', site), fixedAddress(site)],
  },
  {
    id: 'forward-on-both-routers',
    against: ['double-nat'],
    alsoClears: INNER_ROUTER,
    steps: (site) => [
      message('step.outer-forward', { ports: site.names, address: outerRouter(site) }),
      innerForward(site),
    ],
  },
  {
    id: 'dmz-host',
    against: ['router-source-nat'],
    steps: (site) => [openRouter(site), placed('step.set-dmz', site), message('step.dmz-warning')],
  },
  {
    id: 'use-another-port',
    against: ['provider-blocks-inbound-port'],
    steps: () => [message('step.change-port')],
  },
  {
    id: 'use-tcp',
    against: ['provider-blocks-inbound-udp', 'provider-blocks-outbound-udp'],
    offered: (site) => !answers(site, ({ transport }) => transport === 'tcp').includes('no'),
    steps: () => [message('step.node-tcp')],
  },
  {
    id: 'use-ipv6',
    against: ['carrier-nat', 'double-nat'],
    alsoClears: INNER_ROUTER,
    // Where IPv6 was measured, it has its own obstacles, or needs no remedy.
    offered: (site) => answers(site, ({ family }) => family === 'ipv6').every((answer) => answer === 'unknown'),
    steps: ({ source }) => [
      ...(source.ipv6 === null ? [message('step.enable-ipv6')] : []),
      message('step.use-ipv6-address', { internal: source.ipv6 }),
    ],
  },
  {
    id: 'relay',
    against: ['carrier-nat', 'double-nat', ...INBOUND_BLOCKS, 'provider-filters-protocol'],
    alsoClears: INNER_ROUTER,
    steps: (site) => [message('step.rent-server'), message('step.forward-on-server', { ports: site.names })],
  },
]

function answers(site: Site, which: (endpoint: EndpointVerdict) => boolean): readonly Answer[] {
  return site.measured.filter(which).map(({ reachable }) => reachable)
}

// ---------------------------------------------------------------------------------------------- steps

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

function publishFlags(site: Site): string {
  return portsOf(site)
    .map((port) => `${port.split('/')[0]}:${port}`)
    .join(' -p ')
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

function externalIn(site: Site): string | number | undefined {
  return site.obstacles.find(({ id }) => id === 'announces-unreachable-address')?.text.params.external
}
