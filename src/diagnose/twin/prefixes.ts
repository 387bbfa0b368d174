import type { Address, Family } from '../../model/endpoint.ts'
import { prefixOf } from '../../model/ip.ts'

export interface TwinPrefix {
  readonly prefix: string
  /** It holds the address asked for. */
  readonly isGiven: boolean
}

/**
 * A prefix for each of `count` networks, from this host outwards: the first holds this host's own address, one may hold
 * the address that strangers dial, and the others are any that are free.
 */
export function prefixesFor(
  family: Family,
  count: number,
  source: Address | null,
  external: { readonly address: Address | null; readonly network: number } | null,
): readonly TwinPrefix[] {
  const around = (address: Address) => prefixOf(address, family === 'ipv4' ? 24 : 64)
  const own = source === null ? null : around(source)
  const outer = external?.address == null ? null : around(external.address)
  const given = new Map<number, string>()
  if (own !== null) given.set(0, own)
  if (outer !== null && outer !== own) given.set(external!.network, outer)
  const taken = new Set(given.values())
  const free = Array.from({ length: count + taken.size }, (_, index) => numbered(family, index))
  const rest = free.filter((prefix) => !taken.has(prefix))
  return Array.from({ length: count }, (_, index) => {
    const prefix = given.get(index)
    return prefix === undefined ? { prefix: rest.shift()!, isGiven: false } : { prefix, isGiven: true }
  })
}

function numbered(family: Family, index: number): string {
  return family === 'ipv4' ? `198.51.${100 + index}.0/24` : `2001:db8:${(0xff00 + index).toString(16)}::/64`
}
