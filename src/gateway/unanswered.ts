import { errorText, PeerwayError } from '../model/error.ts'
import type { GatewayReply } from './ask-gateway.ts'

/**
 * What a question without an answer comes to. `PeerwayError` `not-permitted` where this host itself stops the question:
 * of the gateway that says nothing.
 */
export function unanswered({ outcome }: Exclude<GatewayReply<unknown>, { outcome: 'answered' }>): 'silent' | 'garbage' {
  if (outcome === 'not-permitted') {
    throw new PeerwayError('not-permitted', errorText('error.gateway-firewall'))
  }
  return outcome === 'garbage' ? 'garbage' : 'silent'
}
