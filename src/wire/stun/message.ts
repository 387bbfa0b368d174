import { type Decoded, decoded, malformed, putUint16, uint16At } from '../bytes.ts'
import {
  decodeStunAttribute,
  encodeStunAttribute,
  STUN_ATTRIBUTES,
  type StunAttribute,
  type StunAttributeName,
  type StunAttributeValue,
} from './attributes.ts'
import { verifyFingerprint } from './fingerprint.ts'
import { decodeStunHeader, encodeStunHeader, type StunHeader, type StunHeaderErrorCode } from './header.ts'

/** A STUN message. Attributes in the order of the wire; of several with one name the first counts (RFC 8489 §14). */
export interface StunMessage extends Omit<StunHeader, 'bodyLengthBytes'> {
  readonly attributes: readonly StunAttribute[]
}

export type StunErrorCode =
  | StunHeaderErrorCode
  | 'trailing-bytes'
  | 'bad-attribute'
  | 'too-many-attributes'
  | 'bad-fingerprint'

/** Real messages have some ten. Without a limit 64 KB of empty attributes cost a server milliseconds, and a 32 KB answer. */
const MAX_ATTRIBUTES = 64

/** How late an attribute stands: what follows a seal and is not a later seal was not sealed, and is ignored. */
const SEALS: Readonly<Record<number, number>> = {
  [STUN_ATTRIBUTES['MESSAGE-INTEGRITY'].type]: 1,
  [STUN_ATTRIBUTES['MESSAGE-INTEGRITY-SHA256'].type]: 2,
  [STUN_ATTRIBUTES.FINGERPRINT.type]: 3,
}

/**
 * Decodes a whole STUN message (RFC 8489 §5, §14; RFC 5780 §7; RFC 3489 §11).
 *
 * `datagram`: one UDP payload, untrusted; byte values in the result are views into it. A FINGERPRINT, where there is one,
 * has been verified; integrity has not (see `verifyIntegrity`). Attributes without a row are kept as 'unknown'.
 * Throws on no input. Errors: those of `decodeStunHeader`; 'trailing-bytes' (more than the length field says);
 * 'bad-attribute' (cut, or a value that its type does not allow); 'too-many-attributes' (more than 64); 'bad-fingerprint'.
 */
export function decodeStunMessage(datagram: Uint8Array): Decoded<StunMessage, StunErrorCode> {
  const header = decodeStunHeader(datagram)
  if (!header.ok) return header
  const { bodyLengthBytes, messageClass, method, transactionId, legacy } = header.value
  if (datagram.length !== 20 + bodyLengthBytes) return malformed('trailing-bytes', 20 + bodyLengthBytes)
  const attributes: StunAttribute[] = []
  let sealed = 0
  for (let offset = 20, seen = 0; offset < datagram.length; seen++) {
    const type = uint16At(datagram, offset)
    const end = offset + 4 + uint16At(datagram, offset + 2)
    if (end > datagram.length) return malformed('bad-attribute', offset)
    if (seen === MAX_ATTRIBUTES) return malformed('too-many-attributes', offset)
    const attribute = decodeStunAttribute(type, datagram.subarray(offset + 4, end), transactionId)
    if (attribute === undefined) return malformed('bad-attribute', offset)
    const seal = SEALS[type] ?? 0
    if (sealed === 0 || seal > sealed) attributes.push(attribute)
    sealed = Math.max(sealed, seal)
    offset = padded(end)
  }
  if (verifyFingerprint(datagram) === 'wrong') return malformed('bad-fingerprint', datagram.length - 8)
  return decoded({ messageClass, method, transactionId, legacy, attributes })
}

/**
 * Encodes a message; a transaction id of 16 bytes makes it an RFC 3489 one. Seals are put on afterwards, by
 * `appendIntegrity` and `appendFingerprint`. RangeError when something does not fit.
 */
export function encodeStunMessage(message: Omit<StunMessage, 'legacy'>): Uint8Array {
  const { messageClass, method, transactionId } = message
  const parts = message.attributes.map((attribute) => encodeStunAttribute(attribute, transactionId))
  const bodyLengthBytes = parts.reduce((sum, part) => sum + 4 + padded(part.bytes.length), 0)
  const bytes = new Uint8Array(20 + bodyLengthBytes)
  bytes.set(encodeStunHeader({ messageClass, method, transactionId, bodyLengthBytes }))
  let offset = 20
  for (const part of parts) {
    putUint16(bytes, offset, part.type)
    putUint16(bytes, offset + 2, part.bytes.length)
    bytes.set(part.bytes, offset + 4)
    offset += 4 + padded(part.bytes.length)
  }
  return bytes
}

/** The value of the first attribute of that name, or undefined. */
export function stunAttribute<Name extends StunAttributeName>(
  message: Pick<StunMessage, 'attributes'>,
  name: Name,
): StunAttributeValue<Name> | undefined {
  const found = message.attributes.find((attribute) => attribute.name === name)
  return found?.value as StunAttributeValue<Name> | undefined
}

function padded(length: number): number {
  return (length + 3) & ~3
}
