import type { Host } from '../host/host.ts'
import type { Address, Family } from '../model/endpoint.ts'
import type { AddressesFact, DefaultRoute, LocalAddress } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { attempt } from './attempt.ts'

/** Any global address will do: the kernel is asked for its choice of source, and nothing is sent. */
export const SOMEWHERE: Readonly<Record<Family, Address>> = { ipv4: '1.1.1.1', ipv6: '2606:4700:4700::1111' }

/**
 * This host's addresses without loopback, its default routes, and the source it would use towards the Internet. Sends
 * nothing.
 */
export async function probeAddresses(host: Host): Promise<AddressesFact> {
  const source = (family: Family) => attempt(() => host.network.sourceTowards(SOMEWHERE[family]), undefined)
  const [addresses, defaultRoutes, ipv4, ipv6] = await Promise.all([
    attempt(() => host.network.addresses(), []),
    attempt(() => host.network.defaultRoutes(), []),
    source('ipv4'),
    source('ipv6'),
  ])
  return {
    addresses: addresses.filter(({ address }) => scopeOf(address) !== 'loopback'),
    defaultRoutes: [
      ...defaultRoutes,
      ...[ipv4, ipv6].flatMap((address) => impliedRoute(address, addresses, defaultRoutes)),
    ],
    source: { ipv4: ipv4 ?? null, ipv6: ipv6 ?? null },
  }
}

/**
 * The same with the gateways' Ethernet addresses, which the kernel knows only once something was sent to them: to be
 * asked last.
 */
export async function withNeighbours(host: Host, fact: AddressesFact): Promise<AddressesFact> {
  const routes = await attempt(() => host.network.defaultRoutes(), [])
  const macOf = (route: DefaultRoute) =>
    routes.find(({ gateway, interface: name }) => gateway === route.gateway && name === route.interface)?.gatewayMac
  return {
    ...fact,
    defaultRoutes: fact.defaultRoutes.map((route) => ({ ...route, gatewayMac: macOf(route) ?? route.gatewayMac })),
  }
}

/**
 * Where the kernel has a source towards the Internet, it has a route there, even if no tool could tell it or it is
 * split in halves, as VPNs do. Its gateway is then not known.
 */
function impliedRoute(
  source: Address | undefined,
  addresses: readonly LocalAddress[],
  known: readonly DefaultRoute[],
): readonly DefaultRoute[] {
  const holder = addresses.find(({ address }) => address === source)
  if (holder === undefined || known.some(({ family }) => family === holder.family)) return []
  return [{ family: holder.family, gateway: null, interface: holder.interface, metric: 0, gatewayMac: null }]
}
