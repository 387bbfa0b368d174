import type { Host } from '../host/host.ts'
import type { VantageFact } from '../model/evidence.ts'
import { contactStun } from '../vantage/contact-stun.ts'
import type { ContactMemory } from '../vantage/contacted.ts'
import type { StunSource } from './nat-behavior.ts'
import type { Candidate } from './servers.ts'

export interface ContactedServer {
  readonly fact: VantageFact
  /** Null where it did not answer well. */
  readonly source: StunSource | null
}

/**
 * Asks a public STUN server whether it is there, and nothing else: its other ports are none of our business. `signal`
 * ends the wait.
 */
export async function contactPublicServer(
  host: Host,
  memory: ContactMemory,
  { name, address, port, family, origin }: Candidate,
  signal: AbortSignal,
): Promise<ContactedServer> {
  await memory.add(address)
  const primary = { address, port }
  const contact = await contactStun(host, primary, signal)
  const fact: VantageFact = {
    name,
    family,
    address,
    port,
    origin,
    kind: contact.outcome === 'answered' ? 'stun' : 'unknown',
    control: 'not-asked',
    stun: contact.outcome,
    observed: null,
    local: null,
    rttMs: contact.rttMs,
    dialSources: [],
    canGrant: false,
  }
  if (contact.outcome !== 'answered') return { fact, source: null }
  const stun = { primary, other: contact.other, alternatePort: contact.other?.port ?? null }
  return { fact, source: { name, rttMs: contact.rttMs ?? 0, stun } }
}
