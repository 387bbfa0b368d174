import { type Address, familyOf } from '../model/endpoint.ts'
import { errorText } from '../model/error.ts'
import { inPrefix } from '../model/ip.ts'
import { families, hostAround, layOut, passingHosts } from './layout.ts'
import { oneOf, type Place, type Reader } from './reader.ts'
import type { Box, HostSpec, Link, Network, VantageSpec } from './topology.ts'

type At<T> = T & { readonly at: Place }

/** The parsed sections, each thing with the place of its name. All names in them exist. */
interface Located {
  readonly networks: readonly At<Network>[]
  readonly hosts: readonly At<HostSpec>[]
  readonly boxes: readonly At<Box>[]
  readonly vantages: readonly At<VantageSpec>[]
  readonly links: readonly At<Link>[]
}

/** Every network has at most one way out, no way leads in a circle, and forwards lead to the inside. */
export function checkShape(reader: Reader, topology: Located): void {
  const ways = waysOut(topology)
  for (const way of ways) {
    const other = ways.find(({ inside }) => inside === way.inside)!
    if (other.name !== way.name) {
      const second = errorText('problem.second-way', { network: way.inside, other: other.name })
      reader.wrong(way.at, second, errorText('problem.one-inside'))
    }
  }
  if (reader.problems.length > 0) return
  for (const way of ways) {
    if (leadsBack(ways, way)) {
      reader.wrong(way.at, errorText('problem.circle', { name: way.name }), errorText('problem.way-out'))
    }
  }
  for (const box of topology.boxes) {
    const host = hostAround(topology, box.outside)?.name
    if (host !== undefined) {
      reader.wrong(box.at, errorText('problem.behind-host', { name: box.name, host }), errorText('problem.hosts-alone'))
    }
    const targets = [...box.forwards.map((forward) => forward.to.name), ...(box.dmz === null ? [] : [box.dmz])]
    for (const target of targets.filter((name) => !isInside(topology, box, name))) {
      const inside = errorText('problem.somebody-inside', { network: box.inside })
      reader.wrong(box.at, errorText('problem.forward-to', { name: target }), inside)
    }
  }
}

/** Everybody who is given an address gets one inside the network. */
export function checkRoom(reader: Reader, topology: Located): void {
  const layout = layOut(topology)
  const owners = [
    ...topology.hosts.map(({ name, network }) => ({ name, network, addresses: layout.hosts.get(name)! })),
    ...passingHosts(topology).map(({ name, inside }) => ({
      name,
      network: inside,
      addresses: layout.hostInsides.get(name)!,
    })),
    ...topology.boxes.map(({ name, outside }) => ({
      name,
      network: outside,
      addresses: layout.boxes.get(name)!.outside,
    })),
  ]
  for (const { name, network, addresses } of owners) {
    const { at, ipv4, ipv6 } = topology.networks.find((each) => each.name === network)!
    for (const address of addresses) {
      const prefix = familyOf(address) === 'ipv4' ? ipv4 : ipv6
      if (prefix === null || inPrefix(address, prefix)) continue
      reader.wrong(at, errorText('problem.no-room', { name }), errorText('problem.shorter-prefix', { prefix }))
    }
  }
}

/** Less than that and the kernel takes IPv6 off the interface. */
const IPV6_MTU = 1_280

/** Every link is a cable that is there, and is described once. */
export function checkLinks(reader: Reader, topology: Located): void {
  const seen = new Set<string>()
  for (const { from, to, at, mtu } of topology.links) {
    const networks = [
      ...[...topology.hosts, ...topology.vantages].filter((each) => each.name === from).map((each) => each.network),
      ...passingHosts(topology)
        .filter((each) => each.name === from)
        .map((each) => each.inside),
      ...topology.boxes.filter((each) => each.name === from).flatMap((each) => [each.inside, each.outside]),
    ]
    if (!networks.includes(to)) reader.wrong(at, errorText('problem.link', { from, to }), oneOf(networks))
    if (mtu !== undefined && mtu < IPV6_MTU && topology.networks.find(({ name }) => name === to)?.ipv6) {
      reader.wrong(at, errorText('problem.mtu', { mtu }), errorText('problem.mtu-least', { least: IPV6_MTU }))
    }
    if (seen.has(`${from} ${to}`)) {
      reader.wrong(at, errorText('problem.link-twice', { from, to }), errorText('problem.one-link'))
    }
    seen.add(`${from} ${to}`)
  }
}

interface WayOut {
  readonly name: string
  readonly at: Place
  readonly inside: string
  readonly outside: string
}

/** Boxes, and hosts with guests. */
function waysOut({ boxes, hosts }: Located): readonly WayOut[] {
  const passing = hosts.flatMap(({ name, at, inside, network }) =>
    inside == null ? [] : [{ name, at, inside, outside: network }],
  )
  return [...boxes, ...passing]
}

function leadsBack(ways: readonly WayOut[], start: WayOut): boolean {
  const next = ({ outside }: WayOut) => ways.find(({ inside }) => inside === outside)
  let way = next(start)
  for (let step = 0; way !== undefined && step <= ways.length; step++) {
    if (way.name === start.name) return true
    way = next(way)
  }
  return false
}

function isInside(topology: Located, box: Box, name: string): boolean {
  const host = topology.hosts.find((each) => each.name === name)
  const inner = topology.boxes.find((each) => each.name === name)
  return host?.network === box.inside || inner?.outside === box.inside
}

/** Every address lies in its network and belongs to one owner. */
export function checkAddresses(reader: Reader, topology: Located): void {
  const owners = new Map<Address, string>()
  const claims = [
    ...topology.hosts.map(({ name, at, network, addresses }) => ({ name, at, network, addresses })),
    ...topology.boxes.map(({ name, at, outside, addresses }) => ({ name, at, network: outside, addresses })),
    ...topology.vantages.map(({ name, at, network, address, alternateAddress }) => {
      return { name, at, network, addresses: alternateAddress === null ? [address] : [address, alternateAddress] }
    }),
  ]
  for (const { name, at, network, addresses } of claims) {
    const prefixes = families(topology.networks.find((each) => each.name === network)!)
    for (const address of addresses) {
      const prefix = prefixes.find(([family]) => family === familyOf(address))?.[1]
      if (prefix === undefined || !inPrefix(address, prefix)) {
        const [own, otherPrefix] = prefixes.map(([, each]) => each)
        const among = errorText('problem.address-in', { prefix: own, otherPrefix, network })
        reader.wrong(at, errorText('problem.the-address', { address }), among)
      }
      const owner = owners.get(address)
      if (owner !== undefined) {
        const another = errorText('problem.address-of-its-own', { owner })
        reader.wrong(at, errorText('problem.the-address', { address }), another)
      }
      owners.set(address, name)
    }
  }
}
