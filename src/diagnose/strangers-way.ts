import type { Address } from '../model/endpoint.ts'
import type { DialBackFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import type { Findings } from './findings.ts'
import { isNeighbour } from './neighbour.ts'

/** Did the dial come from this host's own private network? */
export function dialledByNeighbour(findings: Findings, { source }: DialBackFact): boolean {
  return source !== null && isNeighbour(findings, source.address)
}

/**
 * Do this host's routes send answers to the dialler by another interface than to the Internet, as where a VPN carries
 * one of both? Then the dial took no stranger's way. False where the routes do not tell.
 */
export function dialledByAnotherWay(findings: Findings, { family, answersFrom }: DialBackFact): boolean {
  const usual = interfaceOf(findings, findings.of('addresses')[0]?.value.source[family] ?? null)
  const taken = interfaceOf(findings, answersFrom)
  return usual !== undefined && taken !== undefined && usual !== taken
}

/**
 * A public IPv4 address of this host where strangers may get in although nobody dialled it: the vantage saw this host
 * behind a translator, by way of another interface.
 */
export function otherPublicAddress(findings: Findings, { family, target, answersFrom }: DialBackFact): Address | null {
  const own = findings.of('addresses')[0]?.value.addresses ?? []
  if (family !== 'ipv4' || target === null || own.some(({ address }) => address === target.address)) return null
  const taken = interfaceOf(findings, answersFrom)
  const isBeside = (name: string) => taken !== undefined && name !== taken
  const other = own.find((one) => one.family === 'ipv4' && scopeOf(one.address) === 'global' && isBeside(one.interface))
  return other?.address ?? null
}

/**
 * The address that was dialled, when this host's datagrams are seen to come from others alone: a proxy took the connection by
 * which the vantage knows this host, or a carrier has several addresses. Whoever answers there may be anybody. Null where it
 * is this host's, or not known to be another's.
 */
export function anothersAddress(findings: Findings, { family, target, arrival }: DialBackFact): Address | null {
  const seen = findings.inFamily('external-address', family).map(({ value }) => value.mapped.address)
  const isKnown = target === null || seen.length === 0 || seen.includes(target.address) || arrival.wire === 'yes'
  return isKnown ? null : target.address
}

function interfaceOf(findings: Findings, address: Address | null): string | undefined {
  return findings.of('addresses')[0]?.value.addresses.find((one) => one.address === address)?.interface
}
