import type { Network, Resolution, Udp } from '../../host/host.ts'
import { type Family, familyOf } from '../../model/endpoint.ts'
import type { DefaultRoute, LocalAddress } from '../../model/evidence.ts'
import { addressBytes, parseAddress } from '../../model/ip.ts'
import { encodeDnsQuery, isDnsAnswer } from '../../wire/dns/dns-query.ts'
import type { AddressId } from '../address-book.ts'
import type { Machine } from '../machine.ts'

export interface Naming {
  readonly resolver: string | undefined
  readonly names: ReadonlyMap<string, readonly string[]>
}

const DNS_PORT = 53
/** glibc: `options attempts:2 timeout:5`. */
const ATTEMPTS = 2
const ATTEMPT_MS = 5000

export function simNetwork(machine: Machine, udp: Udp, naming: Naming): Network {
  const { world } = machine
  const resolvers = naming.resolver === undefined ? [] : [{ address: naming.resolver, port: DNS_PORT }]
  return {
    addresses: async () => [...LOOPBACK, ...interfaceAddresses(machine)],
    defaultRoutes: async () => defaultRoutes(machine),
    async sourceTowards(to) {
      addressBytes(to)
      const source = machine.sourceTowards(world.addresses.id(to))
      return source === 0 ? undefined : world.addresses.text(source)
    },
    resolvers: async () => resolvers,
    async resolve(name, { timeoutMs }) {
      const literal = parseAddress(name)
      if (literal !== undefined) return { outcome: 'found', addresses: [literal] }
      if (naming.resolver === undefined) return { outcome: 'failed' }
      return ask(machine, udp, { ...naming, resolver: naming.resolver }, name, timeoutMs)
    },
  }
}

const LOOPBACK: readonly LocalAddress[] = [
  { interface: 'lo', address: '127.0.0.1', family: 'ipv4', prefixLength: 8 },
  { interface: 'lo', address: '::1', family: 'ipv6', prefixLength: 128 },
]

function interfaceAddresses(machine: Machine): readonly LocalAddress[] {
  return machine.interfaces.flatMap(({ name, addresses, prefixLengths }) =>
    addresses.map((id, index): LocalAddress => {
      const address = machine.world.addresses.text(id)
      return { interface: name, address, family: familyOf(address), prefixLength: prefixLengths[index]! }
    }),
  )
}

function defaultRoutes(machine: Machine): readonly DefaultRoute[] {
  const { addresses } = machine.world
  return machine.routes.specs
    .filter(({ prefix }) => prefix === null)
    .flatMap(({ via, isIpv6 }) => {
      const way = machine.routes.way(via)
      if (typeof way === 'string') return []
      const family: Family = isIpv6 ? 'ipv6' : 'ipv4'
      const gatewayMac = etherAddress(way.to.segment.identityOf(via))
      return [{ family, gateway: addresses.text(via), interface: way.to.name, metric: 0, gatewayMac }]
    })
}

/** In the range of those that anybody may give; null for somebody who is not there. */
function etherAddress(identity: AddressId | undefined): string | null {
  if (identity === undefined) return null
  const digits = identity.toString(16).padStart(10, '0')
  return `02:${digits.match(/../g)!.join(':')}`
}

/** Really asks the resolver over the simulated network; what a resolver that answers knows is the world's `names`. */
async function ask(
  machine: Machine,
  udp: Udp,
  { resolver, names }: { readonly resolver: string; readonly names: Naming['names'] },
  name: string,
  timeoutMs: number,
): Promise<Resolution> {
  const { world } = machine
  const server = { address: resolver, port: DNS_PORT }
  const endMs = world.nowMs + timeoutMs
  if (machine.sourceTowards(world.addresses.id(resolver)) === 0) return { outcome: 'failed' }
  await using socket = await udp.open({ toward: server, connect: server })
  const query = encodeDnsQuery({ id: world.random(`dns/${name}`).below(65_536), name, type: 'A' })
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await socket.send(query, server)
    const leftMs = endMs - world.nowMs
    const event = await socket.receive(Math.min(ATTEMPT_MS, Math.max(0, leftMs)))
    if (event?.kind === 'datagram' && isDnsAnswer(event.data, query)) return knownOf(names, name, event.data)
    if (world.nowMs >= endMs) return { outcome: 'timed-out' }
  }
  return { outcome: 'failed' }
}

const NXDOMAIN = 3

function knownOf(names: Naming['names'], name: string, answer: Uint8Array): Resolution {
  const addresses = (answer[3]! & 0x0f) === NXDOMAIN ? undefined : names.get(name)
  return addresses === undefined ? { outcome: 'not-found' } : { outcome: 'found', addresses }
}
