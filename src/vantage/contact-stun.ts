import type { Host } from '../host/host.ts'
import { type Endpoint, familyOf, sameEndpoint } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type { VantageFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { type StunBindingResult, stunBinding } from './stun-binding.ts'

export interface StunContact {
  readonly outcome: VantageFact['stun']
  readonly rttMs: number | null
  readonly other: Endpoint | null
}

/** Until a round trip has been measured: 750 ms of transmissions and 2.4 s of waiting. */
const UNKNOWN_RTT_MS = 1125

/** Asks for one Binding. `signal` ends the wait for an answer early. At most 3.2 s. */
export async function contactStun(host: Host, server: Endpoint, signal: AbortSignal): Promise<StunContact> {
  try {
    await using socket = await host.udp.open({ toward: server })
    return judged(await stunBinding(host, socket, server, { rttMs: UNKNOWN_RTT_MS, signal }), server)
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return nothing(error.code === 'not-permitted' ? 'send-not-permitted' : 'not-asked')
  }
}

function judged(result: StunBindingResult, server: Endpoint): StunContact {
  if (result === 'no-reply') return nothing('silent')
  if (result === 'send-not-permitted') return nothing('send-not-permitted')
  // Nothing asked it to answer from elsewhere. And code 0 is no code of an error response.
  if (!sameEndpoint(result.from, server)) return nothing('garbage')
  if (result.outcome === 'error-answer') return nothing(result.code === 0 ? 'garbage' : 'error-answer')
  return { outcome: 'answered', rttMs: result.rttMs, other: usableOther(result.other, server) }
}

function nothing(outcome: VantageFact['stun']): StunContact {
  return { outcome, rttMs: null, other: null }
}

/**
 * A second address that a server told, or null where we will not send there: nobody may point us at this host itself or,
 * from the Internet, into a private network.
 */
export function usableOther(other: Endpoint | null, server: Endpoint): Endpoint | null {
  if (other === null || other.port === 0 || familyOf(other.address) !== familyOf(server.address)) return null
  const scope = scopeOf(other.address)
  return scope === 'global' || scope === scopeOf(server.address) ? other : null
}
