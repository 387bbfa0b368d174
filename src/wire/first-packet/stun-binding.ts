import { equalBytes } from '../bytes.ts'
import { BINDING } from '../stun/header.ts'
import { decodeStunMessage, encodeStunMessage } from '../stun/message.ts'
import type { FirstPacket } from './first-packet.ts'

/** A STUN Binding (RFC 8489), answered by any response to it. `random` is the transaction id. */
export const stunBinding: FirstPacket = {
  name: 'stun',
  randomLength: 12,

  encode: (random) =>
    encodeStunMessage({ messageClass: 'request', method: BINDING, transactionId: random, attributes: [] }),

  isAnswer(datagram, random) {
    const answer = decodeStunMessage(datagram)
    if (!answer.ok || answer.value.method !== BINDING) return false
    const { messageClass, transactionId } = answer.value
    return (messageClass === 'success' || messageClass === 'error') && equalBytes(transactionId, random)
  },
}
