import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import type { ExternalOwnerFact } from '../model/evidence.ts'
import { probeHops } from './hops.ts'

/** Customers have one or two translators, carriers one more. */
const MAX_TTL = 4

/**
 * At which distance does the box sit that owns our external address? Asked from inside by echo requests with TTL 1 to
 * 4. Only where the address is not our own.
 */
export async function probeExternalOwner(
  host: Host,
  external: Address,
  rttMs: number,
): Promise<ExternalOwnerFact | undefined> {
  return probeHops(host, { toward: external, maxTtl: MAX_TTL, rttMs })
}
