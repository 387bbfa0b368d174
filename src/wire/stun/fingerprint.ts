import { putUint16, putUint32, uint32At } from '../bytes.ts'
import { STUN_ATTRIBUTES } from './attributes.ts'
import { crc32 } from './crc32.ts'
import { findAttribute, prefixClaiming } from './find-attribute.ts'

/** So that a STUN message inside a protocol with a CRC-32 of its own is still told apart (RFC 8489 §14.7). */
const XOR = 0x5354554e

/** Checks the FINGERPRINT of an encoded message. It must be the last attribute and 4 bytes long to be right. */
export function verifyFingerprint(message: Uint8Array): 'right' | 'wrong' | 'absent' {
  const offset = findAttribute(message, STUN_ATTRIBUTES.FINGERPRINT.type)
  if (offset === undefined) return 'absent'
  if (offset + 8 !== message.length) return 'wrong'
  const expected = (crc32(message.subarray(0, offset)) ^ XOR) >>> 0
  return uint32At(message, offset + 4) === expected ? 'right' : 'wrong'
}

/** The message with a FINGERPRINT behind its last attribute. Nothing may be appended after it. */
export function appendFingerprint(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 8)
  bytes.set(prefixClaiming(message, message.length, bytes.length))
  putUint16(bytes, message.length, STUN_ATTRIBUTES.FINGERPRINT.type)
  putUint16(bytes, message.length + 2, 4)
  putUint32(bytes, message.length + 4, crc32(bytes.subarray(0, message.length)) ^ XOR)
  return bytes
}
