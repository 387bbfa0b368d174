import { stringify } from 'yaml'
import type { NodeKindName } from '../../src/nodes/kinds.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { GUEST_NETWORK, GUEST_NETWORK_6, guestPort, nodeFirewall } from './host-rules.ts'
import { type ForwardRecipe, type NatRecipe, PAYLOADS, PORT_NAMES, type Recipe, type RouterRecipe } from './recipe.ts'

/** A random network as a topology file, and what `check` shall be asked there. */
export interface RandomNetwork {
  readonly yaml: string
  readonly topology: Topology
  readonly ports: readonly string[]
  readonly vantages: readonly string[]
  /** The kind of node that is named; then its protocols are tried. */
  readonly node: NodeKindName | undefined
}

/** Builds the topology file of a recipe by its text, so that a failure can be written down and run by anybody. */
export function networkOf(recipe: Recipe): RandomNetwork {
  const vantages = vantageFlags(recipe)
  const yaml = stringify({
    topology: 1,
    title: `A random network (seed ${recipe.seed})`,
    networks: networks(recipe),
    hosts: hosts(recipe),
    routers: Object.fromEntries(
      recipe.routers.map((each, index) => [`router${index + 1}`, router(recipe, each, index)]),
    ),
    ...(recipe.carrier && {
      carriers: {
        carrier: { inside: 'access', outside: 'core', ...pool(recipe.carrier.nat), nat: nat(recipe.carrier.nat) },
      },
    }),
    providers: { isp: { inside: recipe.carrier ? 'core' : 'access', outside: 'internet', filters: filters(recipe) } },
    vantages: vantagesOf(recipe),
    links: links(recipe),
  })
  const parsed = parseTopology(yaml, 'random.yaml')
  if (!parsed.ok) throw new Error(`a random network has mistakes: ${JSON.stringify(parsed.problems)}\n${yaml}`)
  return { yaml, topology: parsed.topology, ports: recipe.asked, vantages, node: recipe.node ?? undefined }
}

/** Networks of the customer: the one of the node is 1, the access line comes behind the last router. */
function customerNetwork({ routers }: Recipe, index: number): string {
  return index < routers.length ? `home${index + 1}` : 'access'
}

/** Does anything from this router on translate? */
function translated({ carrier, routers }: Recipe, index: number): boolean {
  return carrier !== null || routers.slice(index).some((each) => each.nat !== null)
}

function networks(recipe: Recipe): Record<string, object> {
  const { routers, carrier, ipv6 } = recipe
  const six = (number: number) => (ipv6 ? { ipv6: `2001:db8:${number}::/64` } : {})
  const homes = routers.map((_, index) => [
    `home${index + 1}`,
    {
      ipv4: translated(recipe, index) ? `192.168.${index + 1}.0/24` : `203.0.113.${64 * (index + 1)}/26`,
      ...six(index + 10),
    },
  ])
  // A host with a private address and no router of its own cannot tell the provider's box from one.
  const shared = carrier?.shared || routers.length === 0
  const access = carrier === null ? '203.0.113.0/26' : shared ? '100.64.0.0/10' : '10.20.0.0/16'
  return {
    internet: { ipv4: '198.51.100.0/24', ...six(1) },
    ...(carrier && { core: { ipv4: '203.0.113.0/26', ...six(2) } }),
    access: { ipv4: access, ...six(3) },
    ...Object.fromEntries(homes),
    ...(recipe.guest && { bridge: { ipv4: GUEST_NETWORK, ...(ipv6 && { ipv6: GUEST_NETWORK_6 }) } }),
  }
}

function hosts(recipe: Recipe): Record<string, object> {
  const resolver = '198.51.100.53'
  const firewall = nodeFirewall(recipe.firewall, recipe.guest)
  const neighbours = recipe.routers.map((_, index) => [
    `neighbour${index + 1}`,
    {
      network: customerNetwork(recipe, index),
      listeners: recipe.neighbour === null ? [] : [4001, 4002].map((port) => ({ port, behavior: recipe.neighbour })),
    },
  ])
  return {
    node: {
      network: customerNetwork(recipe, 0),
      resolver,
      ...(recipe.defaultRoute ? {} : { defaultRoute: false }),
      listeners: listeners(recipe),
      ...(firewall && { firewall }),
      ...(recipe.guest && { inside: 'bridge', ...(recipe.guest.forwarding ? {} : { forwarding: false }) }),
    },
    ...(recipe.guest && { guest: guest(recipe.guest) }),
    ...Object.fromEntries(neighbours),
    ...(recipe.resolver && {
      resolver: {
        network: 'internet',
        address: resolver,
        listeners: [{ port: 53, transport: 'udp', behavior: 'nxdomain' }],
      },
    }),
    peer: { network: 'internet', listeners: [{ port: 4001 }] },
    stranger: { network: 'internet' },
  }
}

function guest(given: NonNullable<Recipe['guest']>): object {
  const ports = [4001, 4002].map((port) => guestPort(given, port))
  const { listener } = given
  return { network: 'bridge', listeners: listener === null ? [] : ports.map((port) => ({ port, behavior: listener })) }
}

function listeners(recipe: Recipe): readonly object[] {
  const { ipv4, ipv6 } = networks(recipe)[customerNetwork(recipe, 0)] as { ipv4: string; ipv6?: string }
  // Hosts are numbered from 10 on, the node first: see `layOut`.
  const own4 = ipv4.replace(/([0-9]+)\/.*/, (_, last) => String(Number(last) + 10))
  const own6 = ipv6?.replace('::/64', '::a') ?? own4
  return PORT_NAMES.flatMap((name) => {
    const given = recipe.listeners[name]
    if (given === null) return []
    const [transport, port] = name.split('/')
    const addresses = { any: 'any', loopback: 'loopback', 'own-ipv4': own4, 'own-ipv6': own6 }
    // Where a box draws from its addresses, strangers find what the node keeps open at one that a dial need not try.
    const talks = given.contacts && transport === 'udp' && given.address === 'any' && !drawsAddresses(recipe)
    const contacts = talks ? { contacts: ['peer:4001'] } : {}
    return [{ port: Number(port), transport, address: addresses[given.address], behavior: given.behavior, ...contacts }]
  })
}

function router(recipe: Recipe, each: RouterRecipe, index: number): object {
  const inwards = index === 0 ? 'node' : `router${index}`
  const names = { inwards, neighbour: `neighbour${index + 1}` }
  const forwards = each.nat === null ? [] : withoutRivals(each.forwards)
  // Known limits: two ports asked about whose dials change places look alike to who counts packets by port, and
  // nobody counts datagrams that stray to a port which nobody asked about.
  const oneAsked = new Set(recipe.asked.map((name) => name.split('/')[1])).size === 1
  const portInside = ({ port, toPort, transport }: ForwardRecipe) => {
    if (toPort === 0 || transport !== 'tcp') return port
    return oneAsked ? toPort : 4003
  }
  return {
    inside: customerNetwork(recipe, index),
    outside: customerNetwork(recipe, index + 1),
    ...(each.nat && customerNetwork(recipe, index + 1) === 'access' && !recipe.carrier && pool(each.nat)),
    ...(each.nat && { nat: nat(each.nat) }),
    firewall: each.firewall,
    forwards: forwards.map((forward) => {
      const { port, transport, to } = forward
      return { port, transport, to: `${names[to]}:${portInside(forward)}` }
    }),
    ...(each.nat && each.dmz && { dmz: names[each.dmz] }),
    page: each.page,
  }
}

/** A router takes each port of a transport to one place. */
function withoutRivals(forwards: readonly ForwardRecipe[]): readonly ForwardRecipe[] {
  return forwards.filter(
    (each, index) =>
      !forwards
        .slice(0, index)
        .some(({ port, transport }) => port === each.port && [each.transport, 'both'].includes(transport)) &&
      !(each.transport === 'both' && forwards.slice(0, index).some(({ port }) => port === each.port)),
  )
}

function drawsAddresses({ routers, carrier }: Recipe): boolean {
  return [...routers.map((each) => each.nat), carrier?.nat].some((each) => each?.pooling === 'arbitrary')
}

/** Addresses of the network outside, where it has public ones. */
function pool({ pooling }: NatRecipe): object {
  return pooling === null ? {} : { address: ['203.0.113.50', '203.0.113.51'] }
}

function nat(recipe: NatRecipe) {
  const { behavior, preserves, hairpinning, remembers, udpTimeoutSeconds, udpUnansweredTimeoutSeconds } = recipe
  const { portParity, pooling, refresh } = recipe
  const [mapping, filtering] = behavior
  const isIndependent = mapping === 'endpoint-independent'
  const ports = isIndependent || recipe.ports === 'contiguous' || recipe.ports === 'random' ? recipe.ports : null
  return {
    mapping,
    filtering,
    ...(ports !== null && { ports }),
    ...(ports === null && isIndependent && !preserves && { portPreservation: false }),
    ...(hairpinning && { hairpinning }),
    ...(filtering === 'address-dependent' && { remembers }),
    ...(portParity && { portParity }),
    ...(pooling && { pooling }),
    ...(refresh === 'outbound' && { refresh }),
    udpTimeoutSeconds,
    ...(udpUnansweredTimeoutSeconds !== null && { udpUnansweredTimeoutSeconds }),
  }
}

function filters({ filters }: Recipe): readonly object[] {
  return filters.map(({ direction, transport: wanted, ports, payload: named, action: asked, everyPacket }) => {
    const proxies = asked === 'syn-proxy' && direction === 'in'
    const action = asked === 'syn-proxy' && !proxies ? 'drop' : asked
    const transport = proxies || asked === 'reset' ? 'tcp' : wanted
    const payload = named !== null && transport !== 'any' && !proxies ? { payload: { ...PAYLOADS[named] } } : {}
    const chosen = ports === 'one' ? { ports: [4001] } : ports === 'all-but-web' ? { exceptPorts: [80, 443] } : {}
    const every = everyPacket && !proxies
    const where = transport === 'any' ? {} : chosen
    return { direction, transport, ...where, ...payload, action, ...(every && { everyPacket }) }
  })
}

function vantagesOf({ vantage, ipv6 }: Recipe): Record<string, object> {
  const { kind, addresses, port, dead, second } = vantage
  const token = second ? { token: 'a-secret-of-both' } : {}
  const common = { network: 'internet', kind, port, ...(dead && { dead }) }
  const alternate = (address: string) => (addresses === 2 ? { alternateAddress: address } : {})
  return {
    vantage: { ...common, address: '198.51.100.20', ...alternate('198.51.100.21'), ...token },
    ...(second && { second: { network: 'internet', address: '198.51.100.40', ...token } }),
    ...(ipv6 && { vantage6: { ...common, address: '2001:db8:1::20', ...alternate('2001:db8:1::21') } }),
  }
}

function vantageFlags({ vantage: { port, second }, ipv6 }: Recipe): readonly string[] {
  return [`198.51.100.20:${port}`, ...(second ? ['198.51.100.40'] : []), ...(ipv6 ? [`[2001:db8:1::20]:${port}`] : [])]
}

/** The access line is what the outermost box of the customer, or the node itself, is connected by. */
function links(recipe: Recipe): readonly object[] {
  const { routers, line, homeDelayMs } = recipe
  const last = routers.length === 0 ? 'node' : `router${routers.length}`
  const { reorderPercent, ...rest } = line
  const given = { ...rest, ...(line.jitterMs > 0 && { reorderPercent }) }
  const told = Object.entries(given).filter(([key, value]) => value !== (key === 'mtu' ? 1500 : 0))
  const access = told.length === 0 ? [] : [{ from: last, to: 'access', ...Object.fromEntries(told) }]
  const home = homeDelayMs > 0 && routers.length > 0 ? [{ from: 'node', to: 'home1', delayMs: homeDelayMs }] : []
  return [...access, ...home]
}
