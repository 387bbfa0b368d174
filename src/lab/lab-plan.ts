import { type Address, familyOf } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import {
  hostAround,
  type Layout,
  layOut,
  outermostNetwork,
  passesOn,
  passingHosts,
  routesOn,
} from '../topology/layout.ts'
import type { Box, HostSpec, Link, Topology, VantageSpec } from '../topology/topology.ts'
import { beyondKernel, natTimeouts } from './nat-settings.ts'
import { providerRules } from './provider-rules.ts'
import { routerRules } from './router-rules.ts'

/** Everything that has to be made, as values: nothing here touches the system. */
export interface LabPlan {
  readonly namespaces: readonly NamespacePlan[]
  readonly networks: readonly string[]
  readonly cables: readonly Cable[]
}

/** One host, vantage or box: its interfaces come as cables; the rest is done from within. */
export interface NamespacePlan {
  readonly name: string
  /** The host whose guest it is, which sees its processes; null: nobody does. */
  readonly around: string | null
  /** Settings below `/proc/sys`, `path` to value. */
  readonly sysctls: readonly Sysctl[]
  /** Lines of `ip -batch`. */
  readonly ip: readonly string[]
  /** Text for `nft -f`; empty when there are no rules. */
  readonly nft: string
  /** Text for `iptables-restore`; empty when there are none. */
  readonly iptables: string
}

/** From an interface of somebody to a network. Delay is one way. */
export interface Cable {
  readonly namespace: string
  readonly interface: string
  readonly network: string
  readonly delayMs: number
  readonly jitterMs: number
  readonly reorderPercent: number
  readonly lossPercent: number
  readonly mtu: number
}

export const ETHERNET_MTU = 1500

export type Sysctl = readonly [path: string, value: string]

/**
 * Settings of one interface, that the machine's own defaults may spoil. `all` too, as the kernel takes the stricter of
 * both. Duplicate address detection is off: until it ends, a second late, a router cannot ask for its neighbours.
 */
function settingsOf(...interfaces: readonly string[]): readonly Sysctl[] {
  return ['all', ...interfaces].flatMap((name): readonly Sysctl[] => [
    [`net/ipv4/conf/${name}/rp_filter`, '0'],
    [`net/ipv4/conf/${name}/send_redirects`, '0'],
    [`net/ipv6/conf/${name}/accept_ra`, '0'],
    [`net/ipv6/conf/${name}/accept_dad`, '0'],
    [`net/ipv6/conf/${name}/dad_transmits`, '0'],
  ])
}

/** PeerwayError `not-available`, a line for each, for what this kernel cannot be made to do; the simulator can. */
export function planLab(topology: Topology): LabPlan {
  const beyond = topology.boxes.flatMap(({ name, nat }) => (nat === null ? [] : beyondKernel(name, nat)))
  if (beyond.length > 0)
    throw new PeerwayError('not-available', errorText('error.lab-kernel', { problems: beyond.join('\n') }))
  const layout = layOut(topology)
  return {
    namespaces: [
      ...topology.hosts.map((host) => planHost(topology, layout, host)),
      ...topology.vantages.map((vantage) => planVantage(topology, layout, vantage)),
      ...topology.boxes.map((box) => planBox(topology, layout, box)),
    ],
    networks: topology.networks.map((network) => network.name),
    cables: [
      ...[...topology.hosts, ...topology.vantages].map(({ name, network }) => cable(topology, name, 'eth0', network)),
      ...passingHosts(topology).map(({ name, inside }) => cable(topology, name, 'inside', inside)),
      ...topology.boxes.flatMap((box) => [
        cable(topology, box.name, 'inside', box.inside),
        cable(topology, box.name, 'outside', box.outside),
      ]),
    ],
  }
}

/**
 * Who is asked about names by somebody: who the file names, else an address that nobody has, so that the machine's own
 * resolver is never asked from inside a lab.
 */
export function resolverOf(topology: Topology, name: string): Address | undefined {
  const given = topology.hosts.find((host) => host.name === name)?.resolver ?? null
  if (given !== null) return given
  const outermost = outermostNetwork(topology)
  return outermost?.ipv4?.replace(/\.[0-9]+\/.*$/, '.253')
}

function cable(topology: Topology, namespace: string, name: string, network: string): Cable {
  const link = topology.links.find((each: Link) => each.from === namespace && each.to === network)
  const { delayMs = 0, jitterMs = 0, reorderPercent = 0, lossPercent = 0, mtu = ETHERNET_MTU } = link ?? {}
  return { namespace, interface: name, network, delayMs, jitterMs, reorderPercent, lossPercent, mtu }
}

function planHost(topology: Topology, layout: Layout, host: HostSpec): NamespacePlan {
  const addresses = layout.hosts.get(host.name)!
  const routes = host.defaultRoute ? routeLines(topology, layout, host.network, host.name, addresses) : []
  const { inside = null } = host
  const forwarding = passesOn(host) ? '1' : '0'
  return {
    name: host.name,
    around: hostAround(topology, host.network)?.name ?? null,
    sysctls: [
      ...settingsOf('eth0', ...(inside === null ? [] : ['inside'])),
      ['net/ipv4/ip_forward', forwarding],
      ['net/ipv6/conf/all/forwarding', forwarding],
    ],
    ip: [
      'link set lo up',
      ...interfaceLines(topology, host.name, 'eth0', host.network, addresses),
      ...(inside === null
        ? []
        : interfaceLines(topology, host.name, 'inside', inside, layout.hostInsides.get(host.name)!)),
      ...routes,
    ],
    nft: host.firewall?.language === 'nft' ? host.firewall.text : '',
    iptables: host.firewall?.language === 'iptables' ? host.firewall.text : '',
  }
}

function planVantage(topology: Topology, layout: Layout, vantage: VantageSpec): NamespacePlan {
  const { name, network, dead } = vantage
  const addresses = layout.hosts.get(name)!
  return {
    name,
    around: null,
    sysctls: settingsOf('eth0'),
    ip: [
      'link set lo up',
      ...interfaceLines(topology, name, 'eth0', network, addresses),
      ...routeLines(topology, layout, network, name, addresses),
    ],
    nft: dead === 'silent' ? SILENCE : '',
    iptables: '',
  }
}

const SILENCE = `table inet peerway-dead {
  chain input {
    type filter hook input priority filter; policy drop
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
  }
}`

function planBox(topology: Topology, layout: Layout, box: Box): NamespacePlan {
  const { inside, outside } = layout.boxes.get(box.name)!
  const target = (name: string) => ipv4(layout.hosts.get(name) ?? layout.boxes.get(name)?.outside ?? [])!
  // A SYN proxy must see as invalid what it did not track from its first packet on.
  const strict: readonly Sysctl[] = box.filters.some((filter) => filter.action === 'syn-proxy')
    ? [['net/netfilter/nf_conntrack_tcp_loose', '0']]
    : []
  return {
    name: box.name,
    around: null,
    sysctls: [
      ...settingsOf('inside', 'outside'),
      ['net/ipv4/ip_forward', '1'],
      ['net/ipv6/conf/all/forwarding', '1'],
      // Answers to a traceroute come from the side on which it came in, and are not rationed.
      ['net/ipv4/icmp_ratelimit', '0'],
      ['net/ipv6/icmp/ratelimit', '0'],
      ...(box.nat === null ? [] : natTimeouts(box.nat)),
      ...strict,
    ],
    ip: [
      'link set lo up',
      ...interfaceLines(topology, box.name, 'inside', box.inside, inside),
      ...interfaceLines(topology, box.name, 'outside', box.outside, outside),
      ...routeLines(topology, layout, box.outside, box.name, outside),
      ...routeLines(topology, layout, box.inside, box.name, inside),
    ],
    nft:
      box.kind === 'provider'
        ? providerRules(box)
        : routerRules(box, { outside: ipv4(outside) ?? null, inside: ipv4(inside) ?? null, target }),
    iptables: '',
  }
}

function interfaceLines(
  topology: Topology,
  owner: string,
  name: string,
  network: string,
  addresses: readonly Address[],
): string[] {
  const { ipv4: prefix4, ipv6: prefix6 } = topology.networks.find((each) => each.name === network)!
  const length = (address: Address) => (familyOf(address) === 'ipv4' ? prefix4 : prefix6)!.split('/')[1]
  const { mtu } = cable(topology, owner, name, network)
  return [
    ...(mtu === ETHERNET_MTU ? [] : [`link set ${name} mtu ${mtu}`]),
    ...addresses.map((address) => `addr add ${address}/${length(address)} dev ${name}`),
    `link set ${name} up`,
  ]
}

/** Only of the families in which it has an address itself: the kernel refuses others. */
function routeLines(
  topology: Topology,
  layout: Layout,
  network: string,
  self: string,
  own: readonly Address[],
): string[] {
  return routesOn(topology, layout, network, self)
    .filter(({ family }) => own.some((address) => familyOf(address) === family))
    .map(({ prefix, via }) => `route add ${prefix ?? 'default'} via ${via}`)
}

function ipv4(addresses: readonly Address[]): Address | undefined {
  return addresses.find((address) => familyOf(address) === 'ipv4')
}
