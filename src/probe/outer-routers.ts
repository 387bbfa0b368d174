import type { Address } from '../model/endpoint.ts'
import type { AddressesFact, Hop, HopsFact } from '../model/evidence.ts'
import { inPrefix, prefixOf, scopeOf } from '../model/ip.ts'

/** A router beyond the gateway, as it showed itself to packets of ours that ended there. */
export interface OuterRouter {
  readonly address: Address
  readonly ttl: number
  /** This host's own address towards it. */
  readonly local: Address
}

/** Farther boxes are nobody's whom a customer could ask. */
const MOST_TTL = 3

/**
 * The routers behind the gateway whose addresses are those of a home or a carrier, at most two. Only those that packets for
 * that address come to: where the same private range stands on both sides of a translator, somebody nearer has it too.
 */
export function outerRouters(hops: readonly HopsFact[], addresses: AddressesFact): readonly OuterRouter[] {
  const local = addresses.source.ipv4
  const way = hops.find(({ family }) => family === 'ipv4')?.hops ?? []
  if (local === null) return []
  return way.flatMap((hop) => {
    const { ttl, address } = hop
    if (ttl < 2 || ttl > MOST_TTL || address === null || hop.answer !== 'time-exceeded') return []
    const isInside = ['private', 'shared'].includes(scopeOf(address))
    return isInside && !isAlsoNearer(hop, way, addresses) ? [{ address, ttl, local }] : []
  })
}

/** Does somebody nearer have this hop's address, or might: a neighbour on a network of this host, or a hop before it? */
export function isAlsoNearer({ ttl, address }: Hop, way: readonly Hop[], { addresses }: AddressesFact): boolean {
  if (address === null || ttl < 2) return false
  const isNeighbours = addresses.some((own) => inPrefix(address, prefixOf(own.address, own.prefixLength)))
  return isNeighbours || way.some((other) => other.ttl < ttl && other.address === address)
}
