import { type Address, type Family, familyOf } from '../model/endpoint.ts'
import { addressBytes, formatAddress } from '../model/ip.ts'
import type { Box, HostSpec, Network, Topology } from './topology.ts'

/** Which addresses everybody has, those given and those chosen. */
export interface Layout {
  /** Of hosts and vantages. */
  readonly hosts: ReadonlyMap<string, readonly Address[]>
  /** Of hosts, on the networks of their guests. */
  readonly hostInsides: ReadonlyMap<string, readonly Address[]>
  readonly boxes: ReadonlyMap<string, { readonly inside: readonly Address[]; readonly outside: readonly Address[] }>
}

export interface Route {
  /** Null for the default route. */
  readonly prefix: string | null
  readonly family: Family
  readonly via: Address
}

type Shape = Pick<Topology, 'networks' | 'hosts' | 'boxes' | 'vantages'>

/**
 * Gives an address to everybody who has none, always the same ones for the same file: the box or host whose inside a
 * network is has number 1 in it, outsides count from 2, hosts from 10.
 */
export function layOut(topology: Shape): Layout {
  const taken = new Set<Address>([
    ...topology.hosts.flatMap((host) => host.addresses),
    ...topology.boxes.flatMap((box) => box.addresses),
    ...topology.vantages.flatMap((vantage) => [vantage.address, vantage.alternateAddress ?? vantage.address]),
  ])
  const network = (name: string) => topology.networks.find((candidate) => candidate.name === name)!
  const complete = (given: readonly Address[], name: string, first: number): Address[] => {
    const chosen = families(network(name))
      .filter(([family]) => !given.some((address) => familyOf(address) === family))
      .map(([, prefix]) => firstFree(prefix, first, taken))
    for (const address of chosen) taken.add(address)
    return [...given, ...chosen]
  }
  const insides = topology.boxes.map((box) => complete([], box.inside, 1))
  const hostInsides = passingHosts(topology).map(({ name, inside }) => [name, complete([], inside, 1)] as const)
  const boxes = topology.boxes.map((box, index) => {
    return [box.name, { inside: insides[index]!, outside: complete(box.addresses, box.outside, 2) }] as const
  })
  const hosts = topology.hosts.map((host) => [host.name, complete(host.addresses, host.network, 10)] as const)
  const vantages = topology.vantages.map(({ name, address, alternateAddress }) => {
    return [name, alternateAddress === null ? [address] : [address, alternateAddress]] as const
  })
  return {
    boxes: new Map(boxes),
    hosts: new Map<string, readonly Address[]>([...hosts, ...vantages]),
    hostInsides: new Map(hostInsides),
  }
}

/** The box that carries a network's packets to the rest of the world; undefined for the outermost network, and for guests'. */
export function gatewayOf(topology: Shape, network: string): Box | undefined {
  return topology.boxes.find((box) => box.inside === network)
}

/** The IPv4 network that nobody leads out of. */
export function outermostNetwork(topology: Shape): Network | undefined {
  return topology.networks.find(
    ({ name, ipv4 }) => ipv4 !== null && !gatewayOf(topology, name) && !hostAround(topology, name),
  )
}

/** Hosts that others go out through. */
export function passingHosts(topology: Pick<Shape, 'hosts'>): readonly (HostSpec & { readonly inside: string })[] {
  return topology.hosts.flatMap((host) => (host.inside == null ? [] : [{ ...host, inside: host.inside }]))
}

/** The host whose guest somebody on a network is. */
export function hostAround(topology: Pick<Shape, 'hosts'>, network: string): HostSpec | undefined {
  return topology.hosts.find((host) => host.inside === network)
}

/** Does this host's kernel pass on packets of others? */
export function passesOn({ inside, forwarding }: HostSpec): boolean {
  return forwarding ?? inside != null
}

/** Routes of somebody on `network`: to everything that boxes there lead inwards to, and the default outwards. */
export function routesOn(topology: Shape, layout: Layout, network: string, self: string): readonly Route[] {
  const routes: Route[] = []
  const gateway = gatewayOf(topology, network) ?? hostAround(topology, network)
  for (const family of ['ipv4', 'ipv6'] as const) {
    const via =
      gateway === undefined || gateway.name === self ? undefined : of(family, insideAddresses(layout, gateway.name))
    if (via !== undefined) routes.push({ prefix: null, family, via })
    for (const box of topology.boxes.filter((each) => each.outside === network && each.name !== self)) {
      const inward = of(family, layout.boxes.get(box.name)!.outside)
      if (inward === undefined) continue
      routes.push(...exposed(topology, box, family).map((prefix) => ({ prefix, family, via: inward })))
    }
  }
  return routes
}

function insideAddresses(layout: Layout, name: string): readonly Address[] {
  return layout.boxes.get(name)?.inside ?? layout.hostInsides.get(name) ?? []
}

/** Prefixes behind a box that can be addressed from its outside: none where it translates. */
function exposed(topology: Shape, box: Box, family: Family): readonly string[] {
  if (family === 'ipv4' && box.nat !== null) return []
  const inside = topology.networks.find((network) => network.name === box.inside)!
  const deeper = topology.boxes.filter((each) => each.outside === box.inside)
  return [inside[family], ...deeper.flatMap((each) => exposed(topology, each, family))].filter(
    (prefix) => prefix !== null,
  )
}

/** The boxes from a host outwards, nearest first. */
export function wayOut(topology: Shape, host: string): readonly Box[] {
  const way: Box[] = []
  let network = topology.hosts.find((each) => each.name === outermostHost(topology, host))?.network
  for (let box = network && gatewayOf(topology, network); box; box = gatewayOf(topology, network)) {
    way.push(box)
    network = box.outside
  }
  return way
}

/** Where strangers dial a host: the outside address of its outermost translator, or its own; a guest: as its host. */
export function externalAddress(topology: Shape, layout: Layout, name: string, family: Family): Address | undefined {
  const host = outermostHost(topology, name)
  const translators = family === 'ipv4' ? wayOut(topology, host).filter((box) => box.nat !== null) : []
  const outermost = translators.at(-1)
  const addresses = outermost === undefined ? layout.hosts.get(host) : layout.boxes.get(outermost.name)?.outside
  return of(family, addresses ?? [])
}

/** Of a guest, the host that it goes out through; else itself. */
function outermostHost(topology: Shape, name: string): string {
  const network = topology.hosts.find((each) => each.name === name)?.network
  const around = network === undefined ? undefined : hostAround(topology, network)
  return around === undefined ? name : outermostHost(topology, around.name)
}

export function families(network: Network): readonly (readonly [Family, string])[] {
  const both = [['ipv4', network.ipv4] as const, ['ipv6', network.ipv6] as const]
  return both.flatMap(([family, prefix]) => (prefix === null ? [] : [[family, prefix] as const]))
}

function of(family: Family, addresses: readonly Address[]): Address | undefined {
  return addresses.find((address) => familyOf(address) === family)
}

function firstFree(prefix: string, first: number, taken: ReadonlySet<Address>): Address {
  for (let number = first; ; number++) {
    const bytes = addressBytes(prefix.split('/')[0]!)
    bytes[bytes.length - 1]! += number % 256
    bytes[bytes.length - 2]! += Math.floor(number / 256)
    const candidate = formatAddress(bytes)
    if (!taken.has(candidate)) return candidate
  }
}
