import type { Address } from '../model/endpoint.ts'
import type { LocalAddress } from '../model/evidence.ts'
import { addressBytes, embeddedIpv4, formatAddress, parseAddress, scopeOf } from '../model/ip.ts'

/**
 * May a vantage send to this address at all? `own` are its own addresses and those of its machine's interfaces; their
 * networks' broadcast addresses are refused too.
 *
 * Private and shared addresses are allowed: a vantage may stand in the same private network as its askers. An IPv4
 * address in an IPv6 disguise (mapped, compatible, NAT64, 6to4) must be a global one, and passes the same rules.
 */
export function mayDial(address: Address, own: OwnAddresses): boolean {
  const canonical = parseAddress(address)
  if (canonical === undefined || own.has(canonical)) return false
  const inside = embeddedIpv4(canonical)
  if (inside !== undefined) return scopeOf(inside) === 'global' && !own.has(inside)
  return DIALLED_SCOPES.has(scopeOf(canonical))
}

const DIALLED_SCOPES: ReadonlySet<string> = new Set(['global', 'private', 'shared'])

export type OwnAddresses = ReadonlySet<Address>

/** The addresses named, those of the machine's interfaces, and the broadcast addresses of the latter's networks. */
export function ownAddresses(named: readonly Address[], interfaces: readonly LocalAddress[]): OwnAddresses {
  return new Set([
    ...named,
    ...interfaces.flatMap(({ address, prefixLength, family }) =>
      family === 'ipv4' && prefixLength < 31 ? [address, ...networkEnds(address, prefixLength)] : [address],
    ),
  ])
}

/** First and last address of an IPv4 network: routers still take either for a broadcast (RFC 1812 §4.2.3.1). */
function networkEnds(address: Address, prefixLength: number): Address[] {
  const host = (index: number) => 0xff >> Math.min(8, Math.max(0, prefixLength - index * 8))
  const bytes = addressBytes(address)
  return [bytes.map((byte, index) => byte & ~host(index)), bytes.map((byte, index) => byte | host(index))].map(
    formatAddress,
  )
}
