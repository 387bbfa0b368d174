import type { Address } from '../model/endpoint.ts'
import { inPrefix, prefixOf, scopeOf } from '../model/ip.ts'
import type { Findings } from './findings.ts'

/** Is it on this host's own private network? Who stands there is no stranger, and no router stands between. */
export function isNeighbour(findings: Findings, address: Address): boolean {
  if (scopeOf(address) === 'global') return false
  const own = findings.of('addresses')[0]?.value.addresses ?? []
  return own.some((local) => inPrefix(address, prefixOf(local.address, local.prefixLength)))
}
