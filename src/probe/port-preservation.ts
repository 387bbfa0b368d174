import type { Endpoint, Family } from '../model/endpoint.ts'
import type { PortPreservationFact } from '../model/evidence.ts'

export interface MappedPair {
  readonly local: Endpoint
  readonly mapped: Endpoint
}

/**
 * Does the translator keep source ports where it can (RFC 4787 §4.2.1)? From the bindings of several sockets: one
 * port may be taken by another inside host and then changes, so half of them kept is preservation; chance keeps none.
 * Pure. Undefined without bindings.
 */
export function judgePortPreservation(
  family: Family,
  bindings: readonly MappedPair[],
): PortPreservationFact | undefined {
  if (bindings.length === 0) return undefined
  const pairs = bindings.map(({ local, mapped }) => ({ localPort: local.port, mappedPort: mapped.port }))
  const kept = pairs.filter(({ localPort, mappedPort }) => localPort === mappedPort).length
  return { family, answer: 2 * kept >= pairs.length ? 'yes' : 'no', pairs }
}
