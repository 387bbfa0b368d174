import type { Address, Family } from '../model/endpoint.ts'
import { familyOf } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'

/** Nobody on the Internet or behind another NAT has such an address. */
const IMPOSSIBLE = ['unspecified', 'loopback', 'multicast', 'link-local', 'reserved'] as const

/** An external address as a gateway told it, or null for one that cannot be. A private one can: another NAT follows. */
export function toldAddress(address: Address, family: Family): Address | null {
  const scope = scopeOf(address)
  return familyOf(address) === family && !IMPOSSIBLE.some((each) => each === scope) ? address : null
}
