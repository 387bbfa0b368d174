import { type Address, familyOf } from '../model/endpoint.ts'
import { inPrefix } from '../model/ip.ts'
import { families, gatewayOf, layOut } from './layout.ts'
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
  for (const box of topology.boxes) {
    const other = gatewayOf(topology, box.inside)
    if (other !== undefined && other.name !== box.name) {
      reader.wrong(box.at, `a second way out of "${box.inside}" beside "${other.name}"`, 'one inside for each network')
    }
  }
  if (reader.problems.length > 0) return
  for (const box of topology.boxes) {
    if (leadsBack(topology, box))
      reader.wrong(box.at, `a circle through "${box.name}"`, 'a way to the outermost network')
    const targets = [...box.forwards.map((forward) => forward.to.name), ...(box.dmz === null ? [] : [box.dmz])]
    for (const target of targets.filter((name) => !isInside(topology, box, name))) {
      reader.wrong(box.at, `a forward to "${target}"`, `somebody on its inside network "${box.inside}"`)
    }
  }
}

/** Everybody who is given an address gets one inside the network. */
export function checkRoom(reader: Reader, topology: Located): void {
  const layout = layOut(topology)
  const owners = [
    ...topology.hosts.map(({ name, network }) => ({ name, network, addresses: layout.hosts.get(name)! })),
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
      reader.wrong(at, `no room for the address of "${name}"`, `a shorter prefix than ${prefix}`)
    }
  }
}

/** Every link is a cable that is there, and is described once. */
export function checkLinks(reader: Reader, topology: Located): void {
  const seen = new Set<string>()
  for (const { from, to, at } of topology.links) {
    const networks = [
      ...[...topology.hosts, ...topology.vantages].filter((each) => each.name === from).map((each) => each.network),
      ...topology.boxes.filter((each) => each.name === from).flatMap((each) => [each.inside, each.outside]),
    ]
    if (!networks.includes(to)) reader.wrong(at, `a link from "${from}" to "${to}"`, oneOf(networks))
    if (seen.has(`${from} ${to}`)) {
      reader.wrong(at, `a second link from "${from}" to "${to}"`, 'one link for each cable')
    }
    seen.add(`${from} ${to}`)
  }
}

function leadsBack(topology: Located, start: Box): boolean {
  let box = gatewayOf(topology, start.outside)
  for (let step = 0; box !== undefined && step <= topology.boxes.length; step++) {
    if (box.name === start.name) return true
    box = gatewayOf(topology, box.outside)
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
        reader.wrong(
          at,
          `the address ${address}`,
          `one in ${prefixes.map(([, each]) => each).join(' or ')}, the network "${network}"`,
        )
      }
      const owner = owners.get(address)
      if (owner !== undefined) reader.wrong(at, `the address ${address}`, `one of its own, for "${owner}" has it`)
      owners.set(address, name)
    }
  }
}
