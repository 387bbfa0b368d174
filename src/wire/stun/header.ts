import { type Decoded, decoded, malformed, putUint16, putUint32, uint16At, uint32At } from '../bytes.ts'

export const MAGIC_COOKIE = 0x2112a442
export const BINDING = 0x001
const CLASSES = ['request', 'indication', 'success', 'error'] as const

export type StunMessageClass = (typeof CLASSES)[number]

/**
 * The 20-byte header of a STUN message.
 *
 * `method` is 12 bits (`BINDING` is 1), `bodyLengthBytes` excludes the header. `legacy` says that the magic cookie is
 * missing: the sender speaks RFC 3489, where the cookie's place belongs to the transaction id. `transactionId` is
 * therefore 12 bytes, or 16 of a legacy sender.
 */
export interface StunHeader {
  readonly messageClass: StunMessageClass
  readonly method: number
  readonly bodyLengthBytes: number
  readonly transactionId: Uint8Array
  readonly legacy: boolean
}

export type StunHeaderErrorCode = 'truncated' | 'not-stun' | 'bad-length'

/**
 * Decodes the header of a STUN message (RFC 8489 §5, RFC 3489 §11.1). Attributes are not looked at.
 *
 * `datagram`: one whole UDP payload, any length, untrusted; `transactionId` is a view into it. Pure, and throws on no
 * input. Errors: 'truncated' (shorter than the header, or than its length field says), 'not-stun' (top two bits set, or
 * no cookie and a length field that is not that of the datagram), 'bad-length' (not a multiple of 4).
 */
export function decodeStunHeader(datagram: Uint8Array): Decoded<StunHeader, StunHeaderErrorCode> {
  if (datagram.length < 20) return malformed('truncated', datagram.length)
  const type = uint16At(datagram, 0)
  const bodyLengthBytes = uint16At(datagram, 2)
  const legacy = uint32At(datagram, 4) !== MAGIC_COOKIE
  // Nothing marks an RFC 3489 message, so an exact length is the least to ask before taking foreign bytes for one.
  if (type > 0x3fff || (legacy && datagram.length !== 20 + bodyLengthBytes)) return malformed('not-stun', 0)
  if (bodyLengthBytes % 4 !== 0) return malformed('bad-length', 2)
  if (datagram.length < 20 + bodyLengthBytes) return malformed('truncated', datagram.length)

  // Type bits, high to low: M11-M7 C1 M6-M4 C0 M3-M0 (RFC 8489 Figure 3).
  const messageClass = CLASSES[((type >> 7) & 0b10) | ((type >> 4) & 0b01)]!
  const method = (type & 0x000f) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0f80)
  return decoded({
    messageClass,
    method,
    bodyLengthBytes,
    transactionId: datagram.subarray(legacy ? 4 : 8, 20),
    legacy,
  })
}

/**
 * The 20 bytes of a header. A transaction id of 16 bytes makes a legacy (RFC 3489) one.
 * RangeError for a method beyond 12 bits, an id of another length, a body that is not a multiple of 4 up to 65532.
 */
export function encodeStunHeader(header: Omit<StunHeader, 'legacy'>): Uint8Array {
  const { messageClass, method, bodyLengthBytes, transactionId } = header
  if (transactionId.length !== 12 && transactionId.length !== 16) {
    throw new RangeError(`a transaction id has 12 or 16 bytes, not ${transactionId.length}`)
  }
  if (!Number.isInteger(method) || method < 0 || method > 0xfff) throw new RangeError(`no STUN method: ${method}`)
  if (bodyLengthBytes % 4 !== 0 || bodyLengthBytes > 0xfffc) throw new RangeError(`bad body: ${bodyLengthBytes} bytes`)
  const bytes = new Uint8Array(20)
  const classBits = CLASSES.indexOf(messageClass)
  const methodBits = (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0f80) << 2)
  putUint16(bytes, 0, methodBits | ((classBits & 0b01) << 4) | ((classBits & 0b10) << 7))
  putUint16(bytes, 2, bodyLengthBytes)
  putUint32(bytes, 4, MAGIC_COOKIE)
  bytes.set(transactionId, 20 - transactionId.length)
  return bytes
}
