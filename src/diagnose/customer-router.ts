import type { Answer } from '../model/answer.ts'
import type { Address, Family } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'
import { type Findings, ids } from './findings.ts'
import { routerPages } from './interception.ts'

/**
 * Is this host's first hop a router that the customer can reach, rather than the provider's own? `yes` when it lets this
 * host open its administration page, or when it is the very box (the same Ethernet address) that the private IPv4
 * network of this host goes out by. Never `no`: a router may simply not show itself.
 */
export function customerRouter(
  findings: Findings,
  family: Family,
): { state: Exclude<Answer, 'no'>; address: Address | null; evidence: readonly string[] } {
  const facts = findings.of('addresses')[0]
  const routes = facts?.value.defaultRoutes ?? []
  const route = routes.find((one) => one.family === family)
  const address = route?.gateway ?? null
  if (route === undefined) return { state: 'unknown', address, evidence: [] }

  const page = routerPages(findings, family).find(
    ({ value }) => value.ttl === 1 && ['http', 'connected'].includes(value.outcome),
  )
  if (page !== undefined) return { state: 'yes', address, evidence: ids([page]) }

  const ipv4 = routes.find((one) => one.family === 'ipv4' && one.interface === route.interface)
  const sameBox = ipv4?.gatewayMac != null && ipv4.gatewayMac === route.gatewayMac
  const privateIpv4 = ipv4?.gateway != null && scopeOf(ipv4.gateway) === 'private'
  if (family === 'ipv6' && sameBox && privateIpv4) return { state: 'yes', address, evidence: ids([facts]) }
  return { state: 'unknown', address, evidence: [] }
}
