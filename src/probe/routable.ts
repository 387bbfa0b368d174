import type { Address } from '../model/endpoint.ts'
import { scopeOf } from '../model/ip.ts'

/**
 * Could this be our address as somebody outside sees it? A server that tells us a loopback or multicast address lies,
 * and nobody shall point our packets at such a place.
 */
export function isRoutable(address: Address): boolean {
  const scope = scopeOf(address)
  return scope === 'global' || scope === 'private' || scope === 'shared'
}
