import { decodeNatPmpResponse, encodeNatPmpRequest } from '../nat-pmp/message.ts'
import type { FirstPacket } from './first-packet.ts'

/** NAT-PMP's question about the external address (RFC 6886 §3.2), which changes nothing in the router. */
export const natPmpAddress: FirstPacket = {
  name: 'nat-pmp',
  randomLength: 0,
  encode: () => encodeNatPmpRequest({ operation: 'external-address' }),
  isAnswer(datagram) {
    const answer = decodeNatPmpResponse(datagram)
    return answer.ok && answer.value.operation === 'external-address'
  },
}
