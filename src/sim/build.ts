import type { Host } from '../host/host.ts'
import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { type Layout, layOut, outermostNetwork, passesOn, passingHosts, routesOn } from '../topology/layout.ts'
import type { Box, HostSpec, ListenerSpec, Topology, VantageSpec } from '../topology/topology.ts'
import { type AddressId, ANY } from './address-book.ts'
import { listFirewall } from './firewall/read-firewall.ts'
import { replaceRules } from './firewall/replace-rules.ts'
import { providerGuard, routerGuard } from './guards-of.ts'
import { holdListener } from './guests/hold-listener.ts'
import { holdPage } from './guests/hold-page.ts'
import { holdStunServer } from './guests/hold-stun-server.ts'
import type { CableSpec } from './interface.ts'
import { Machine } from './machine.ts'
import { holdPortMapping } from './port-mapping/hold-port-mapping.ts'
import { Segment } from './segment.ts'
import { openSimHost } from './sim-host/sim-host.ts'
import { World } from './world.ts'

/** A topology as a world in which programs can run. */
export interface SimulatedTopology {
  readonly world: World
  readonly machines: ReadonlyMap<string, Machine>
  readonly segments: ReadonlyMap<string, Segment>
  /** The Host of a machine; always the same one. PeerwayError `bad-input` for a name that nobody has. */
  host(name: string): Host
}

/** What a cable of a local network takes by itself; without it nothing would take any time. */
const WIRE_MS = 0.01
const ETHERNET_MTU = 1500

/**
 * Builds the small internet of a topology file in a world of its own. Nothing runs yet: `startVantages` begins what its
 * hosts run. PeerwayError `bad-input` for a host firewall that the simulator cannot follow.
 */
export function buildTopology(topology: Topology, seed: number): SimulatedTopology {
  const world = new World(seed)
  const layout = layOut(topology)
  const segments = new Map(
    topology.networks.map(({ name, ipv4, ipv6 }, index) => {
      return [
        name,
        new Segment(
          world,
          name,
          index,
          [ipv4, ipv6].filter((prefix) => prefix !== null),
        ),
      ] as const
    }),
  )
  const site = { world, topology, layout, segments }
  const machines = new Map<string, Machine>()
  for (const host of topology.hosts) machines.set(host.name, buildHost(site, host))
  for (const vantage of topology.vantages) machines.set(vantage.name, buildVantage(site, vantage))
  for (const box of topology.boxes) machines.set(box.name, buildBox(site, box))
  for (const host of passingHosts(topology)) {
    const guests = topology.hosts.filter(({ network }) => network === host.inside)
    machines.get(host.name)!.guests.push(...guests.map(({ name }) => machines.get(name)!))
  }
  for (const host of topology.hosts) holdListeners(site, machines.get(host.name)!, host)
  for (const vantage of topology.vantages) holdStun(machines.get(vantage.name)!, vantage)
  const hosts = new Map<string, Host>()
  const host = (name: string): Host => {
    const machine = machines.get(name)
    if (machine === undefined) {
      throw new PeerwayError(
        'bad-input',
        errorText('error.host-unknown', { name, names: [...machines.keys()].join(', ') }),
      )
    }
    const opened = hosts.get(name) ?? openSimHost(machine, { resolver: resolverOf(topology, name) })
    hosts.set(name, opened)
    return opened
  }
  return { world, machines, segments, host }
}

interface Site {
  readonly world: World
  readonly topology: Topology
  readonly layout: Layout
  readonly segments: ReadonlyMap<string, Segment>
}

function buildHost(site: Site, host: HostSpec): Machine {
  const machine = new Machine(site.world, host.name, { rationsErrors: true, forwards: passesOn(host) })
  const addresses = site.layout.hosts.get(host.name)!
  plug(site, machine, 'eth0', host.network, addresses)
  if (host.inside != null) plug(site, machine, 'inside', host.inside, site.layout.hostInsides.get(host.name)!)
  if (host.defaultRoute) route(site, machine, [[host.network, addresses]])
  if (host.firewall !== null) replaceRules(machine, listFirewall(host.firewall, host.name))
  return machine
}

function buildVantage(site: Site, vantage: VantageSpec): Machine {
  const machine = new Machine(site.world, vantage.name, { silent: vantage.dead === 'silent', rationsErrors: true })
  const addresses = site.layout.hosts.get(vantage.name)!
  plug(site, machine, 'eth0', vantage.network, addresses)
  route(site, machine, [[vantage.network, addresses]])
  return machine
}

function buildBox(site: Site, box: Box): Machine {
  const machine = new Machine(site.world, box.name, { forwards: true })
  const addresses = site.layout.boxes.get(box.name)!
  const inside = plug(site, machine, 'inside', box.inside, addresses.inside)
  const outside = plug(site, machine, 'outside', box.outside, addresses.outside)
  route(site, machine, [
    [box.outside, addresses.outside],
    [box.inside, addresses.inside],
  ])
  if (box.page) holdPage(machine, inside.addresses)
  if (box.kind === 'provider') {
    machine.guard = providerGuard(machine, inside, box)
    return machine
  }
  const guard = routerGuard(machine, inside, outside, box, (name) => idOfTarget(site, name))
  machine.guard = guard
  const outsideServed = box.portMappingOutside ? outside.addresses.filter((id) => !site.world.addresses.isIpv6(id)) : []
  const served = [...inside.addresses, ...outsideServed]
  holdPortMapping({ machine, guard, inside, outside, served }, box.portMapping)
  return machine
}

function plug(site: Site, machine: Machine, name: string, network: string, addresses: readonly Address[]) {
  const { ipv4, ipv6 } = site.topology.networks.find((each) => each.name === network)!
  const lengthOf = (address: Address) => Number((familyOf(address) === 'ipv4' ? ipv4 : ipv6)!.split('/')[1])
  const ids = addresses.map((address) => [site.world.addresses.id(address), lengthOf(address)] as const)
  return machine.attach(name, site.segments.get(network)!, ids, cableOf(site.topology, machine.name, network))
}

function cableOf(topology: Topology, name: string, network: string): CableSpec {
  const link = topology.links.find((each) => each.from === name && each.to === network)
  const { delayMs = 0, jitterMs = 0, reorderPercent = 0, lossPercent = 0, mtu = ETHERNET_MTU } = link ?? {}
  return { delayMs: WIRE_MS + delayMs, jitterMs, reorderPercent, lossPercent, mtu }
}

/** Only in the families in which it has an address there itself, as the kernel takes no others. */
function route(site: Site, machine: Machine, sides: readonly (readonly [string, readonly Address[]])[]): void {
  const { topology, layout, world } = site
  const routes = sides.flatMap(([network, own]) =>
    routesOn(topology, layout, network, machine.name).filter(({ family }) =>
      own.some((each) => familyOf(each) === family),
    ),
  )
  machine.routes.replace(
    routes.map(({ prefix, family, via }) => ({ prefix, isIpv6: family === 'ipv6', via: world.addresses.id(via) })),
  )
}

function idOfTarget({ world, layout }: Site, name: string): AddressId {
  const addresses = layout.hosts.get(name) ?? layout.boxes.get(name)?.outside ?? []
  return world.addresses.id(addresses.find((address) => familyOf(address) === 'ipv4')!)
}

function holdListeners(site: Site, machine: Machine, host: HostSpec): void {
  const own = site.layout.hosts.get(host.name)!
  for (const listener of host.listeners) {
    const contacts = listener.contacts.map((peer) => ({
      address: site.world.addresses.id(contactAddress(site.layout, peer.host, own)),
      port: peer.port,
    }))
    for (const address of boundTo(site.world, listener)) holdListener(machine, { ...listener, address, contacts })
  }
}

function boundTo(world: World, { address }: ListenerSpec): readonly AddressId[] {
  if (address === 'any') return [ANY]
  const addresses = address === 'loopback' ? ['127.0.0.1', '::1'] : [address]
  return addresses.map((each) => world.addresses.id(each))
}

/** A contact is spoken to in IPv4 where both have it. */
function contactAddress(layout: Layout, name: string, own: readonly Address[]): Address {
  const theirs = layout.hosts.get(name)!
  const has = (addresses: readonly Address[], family: Family) => addresses.some((each) => familyOf(each) === family)
  const family = (['ipv4', 'ipv6'] as const).find((each) => has(own, each) && has(theirs, each))
  return theirs.find((address) => familyOf(address) === family) ?? theirs[0]!
}

function holdStun(machine: Machine, vantage: VantageSpec): void {
  if (vantage.kind !== 'stun' || vantage.dead !== null) return
  const addresses = [vantage.address, vantage.alternateAddress].filter((each) => each !== null)
  const ids = addresses.map((address) => machine.world.addresses.id(address))
  holdStunServer(machine, ids, vantage.port)
}

/** Who answers a host's questions about names: whom the file names, else an address that nobody has. As in the lab. */
function resolverOf(topology: Topology, name: string): Address | undefined {
  const given = topology.hosts.find((host) => host.name === name)?.resolver ?? null
  if (given !== null) return given
  const outermost = outermostNetwork(topology)
  return outermost?.ipv4?.replace(/\.[0-9]+\/.*$/, '.253')
}
