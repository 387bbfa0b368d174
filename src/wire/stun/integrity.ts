import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { putUint16, uint16At } from '../bytes.ts'
import { STUN_ATTRIBUTES } from './attributes.ts'
import { findAttribute, prefixClaiming } from './find-attribute.ts'

const ALGORITHMS = {
  sha1: { type: STUN_ATTRIBUTES['MESSAGE-INTEGRITY'].type, lengths: [20] },
  // RFC 8489 §14.6 allows a truncated tag, in steps of 4 down to 16 bytes.
  sha256: { type: STUN_ATTRIBUTES['MESSAGE-INTEGRITY-SHA256'].type, lengths: [32, 28, 24, 20, 16] },
} as const

export type IntegrityAlgorithm = keyof typeof ALGORITHMS

/**
 * Checks MESSAGE-INTEGRITY ('sha1') or MESSAGE-INTEGRITY-SHA256 ('sha256') of an encoded message (RFC 8489 §14.5, §14.6).
 * `key`: the password's bytes for short-term credentials, `longTermKey` for long-term ones.
 */
export function verifyIntegrity(
  message: Uint8Array,
  algorithm: IntegrityAlgorithm,
  key: Uint8Array,
): 'right' | 'wrong' | 'absent' {
  const { type, lengths } = ALGORITHMS[algorithm]
  const offset = findAttribute(message, type)
  if (offset === undefined) return 'absent'
  const length = uint16At(message, offset + 2)
  const end = offset + 4 + length
  if (!lengths.some((allowed) => allowed === length) || end > message.length) return 'wrong'
  const expected = tagOf(prefixClaiming(message, offset, end), algorithm, key).subarray(0, length)
  return timingSafeEqual(expected, message.subarray(offset + 4, end)) ? 'right' : 'wrong'
}

/** The message with an integrity attribute (of full length) behind its last attribute. */
export function appendIntegrity(message: Uint8Array, algorithm: IntegrityAlgorithm, key: Uint8Array): Uint8Array {
  const { type, lengths } = ALGORITHMS[algorithm]
  const bytes = new Uint8Array(message.length + 4 + lengths[0])
  bytes.set(prefixClaiming(message, message.length, bytes.length))
  putUint16(bytes, message.length, type)
  putUint16(bytes, message.length + 2, lengths[0])
  bytes.set(tagOf(bytes.subarray(0, message.length), algorithm, key), message.length + 4)
  return bytes
}

/** Key of long-term credentials (RFC 8489 §9.2.2, MD5). `password` is taken as it is: SASLprep is the caller's. */
export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return createHash('md5').update(`${username}:${realm}:${password}`).digest()
}

function tagOf(bytes: Uint8Array, algorithm: IntegrityAlgorithm, key: Uint8Array): Uint8Array {
  return createHmac(algorithm, key).update(bytes).digest()
}
