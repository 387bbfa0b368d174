import type { Host, UdpSocket } from '../host/host.ts'
import type { Endpoint } from '../model/endpoint.ts'
import { type StunBindingOptions, type StunBindingResult, stunBinding } from '../vantage/stun-binding.ts'

/** What came of one Binding question; the failures bear the names by which facts give their reason. */
export type Binding =
  | Extract<StunBindingResult, { outcome: 'answered' }>
  | { readonly outcome: 'no-reply' | 'error-answer' | 'not-permitted' }

/** Asks one STUN server once. An error response is no answer, whatever addresses it bears. */
export async function askStun(
  host: Host,
  socket: UdpSocket,
  server: Endpoint,
  options: StunBindingOptions,
): Promise<Binding> {
  const result = await stunBinding(host, socket, server, options)
  if (result === 'no-reply') return { outcome: 'no-reply' }
  if (result === 'send-not-permitted') return { outcome: 'not-permitted' }
  return result.outcome === 'answered' ? result : { outcome: 'error-answer' }
}
