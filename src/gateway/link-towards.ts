import type { Host } from '../host/host.ts'
import { type Address, familyOf } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'

/** By which interface a gateway is reached; empty where its address alone says so. */
export interface Link {
  readonly interface?: string
}

/** Of a link-local IPv6 gateway, the interface of the default route that names it. */
export async function linkTowards(host: Host, gateway: Address): Promise<Link> {
  if (!isLinkLocalIpv6(gateway)) return {}
  const routes = await host.network.defaultRoutes()
  const route = routes.find((each) => each.gateway === gateway)
  return route === undefined ? {} : { interface: route.interface }
}

/** This host's own address on a link; undefined where the gateway's address does not say which link is meant. */
export async function ownLinkLocal(host: Host, { interface: name }: Link): Promise<Address | undefined> {
  if (name === undefined) return undefined
  const own = await host.network.addresses()
  return own.find((each) => each.interface === name && isLinkLocalIpv6(each.address))?.address
}

export function isLinkLocalIpv6(address: Address): boolean {
  return familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local'
}
