import { type Endpoint, sameEndpoint } from '../../src/model/endpoint.ts'
import type { StunServer } from '../../src/vantage/vantage.ts'
import { answerStun, type StunSocket } from '../../src/wire/stun/answer.ts'
import { decodeStunMessage, encodeStunMessage, stunAttribute } from '../../src/wire/stun/message.ts'

/** One thing that servers out there do wrong. */
export type Quirk =
  | 'answers-everything-with-an-error'
  | 'answers-changes-with-an-error'
  | 'ignores-change-request'
  | 'changes-only-the-port'
  | 'other-address-is-silent'
  | 'answers-plain-questions-late'
  /** By longer than silence from a known place is waited for. */
  | 'other-address-is-found-late'

export const PRIMARY: Endpoint = { address: '198.51.100.10', port: 3478 }
export const OTHER: Endpoint = { address: '198.51.100.11', port: 3479 }

/** What a client knows of the server below. */
export const TWO_ADDRESSES: StunServer = { primary: PRIMARY, other: OTHER, alternatePort: OTHER.port }

export interface Reply {
  readonly from: Endpoint
  readonly data: Uint8Array
  readonly delayMs: number
}

/** Our own STUN server's answers, made wrong by one quirk. */
export function stunReplies(question: Uint8Array, from: Endpoint, to: Endpoint, quirk?: Quirk): readonly Reply[] {
  const decoded = decodeStunMessage(question)
  const at = socketOf(to)
  if (!decoded.ok || at === undefined) return []
  const request = decoded.value
  const change = stunAttribute(request, 'CHANGE-REQUEST')
  if (quirk === 'other-address-is-silent' && (at.address === 1 || change?.address)) return []
  if (quirk === 'answers-everything-with-an-error' || (quirk === 'answers-changes-with-an-error' && change)) {
    const error = { name: 'ERROR-CODE', value: { code: 500, reason: 'Server Error' } } as const
    // Rivals took the address in an error for an answer.
    const attributes = [error, { name: 'XOR-MAPPED-ADDRESS', value: from } as const]
    const { method, transactionId } = request
    return [
      { from: to, data: encodeStunMessage({ messageClass: 'error', method, transactionId, attributes }), delayMs: 0 },
    ]
  }
  const answer = answerStun(request, { from, at }, { addresses: [PRIMARY.address, OTHER.address], ports: [3478, 3479] })
  if (answer === undefined) return []
  const isLate = quirk === 'answers-plain-questions-late' && change === undefined
  const delayMs = isLate ? 400 : quirk === 'other-address-is-found-late' && at.address === 1 ? 1100 : 0
  return [{ from: sourceOf(answer.via, to, quirk), data: answer.datagram, delayMs }]
}

function sourceOf(via: StunSocket, asked: Endpoint, quirk: Quirk | undefined): Endpoint {
  if (quirk === 'ignores-change-request') return asked
  const address = via.address === 0 || quirk === 'changes-only-the-port' ? PRIMARY.address : OTHER.address
  return { address, port: via.port === 0 ? PRIMARY.port : OTHER.port }
}

function socketOf(to: Endpoint): StunSocket | undefined {
  const places = ([0, 1] as const).flatMap((address) => ([0, 1] as const).map((port) => ({ address, port })))
  return places.find(({ address, port }) =>
    sameEndpoint(to, { address: [PRIMARY, OTHER][address]!.address, port: [PRIMARY, OTHER][port]!.port }),
  )
}
