import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyFingerprint } from '../../../src/wire/stun/fingerprint.ts'
import { longTermKey, verifyIntegrity } from '../../../src/wire/stun/integrity.ts'
import { decodeStunMessage, type StunMessage, stunAttribute } from '../../../src/wire/stun/message.ts'
import {
  SAMPLE_IPV4_RESPONSE,
  SAMPLE_IPV6_RESPONSE,
  SAMPLE_LONG_TERM_REQUEST,
  SAMPLE_REQUEST,
  SAMPLE_SHA256_REQUEST,
  SHORT_TERM_PASSWORD,
} from './rfc5769.ts'

const ascii = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

function decode(datagram: Uint8Array): StunMessage {
  const result = decodeStunMessage(datagram)
  if (!result.ok) throw new Error(`${result.code} at ${result.offset}`)
  return result.value
}

describe('RFC 5769 and RFC 8489', () => {
  test('§2.1 sample request', () => {
    const message = decode(SAMPLE_REQUEST)
    expect(message).toMatchObject({ messageClass: 'request', method: 1, legacy: false })
    expect(message.transactionId).toEqual(SAMPLE_REQUEST.subarray(8, 20))
    expect(stunAttribute(message, 'SOFTWARE')).toBe('STUN test client')
    expect(ascii(stunAttribute(message, 'USERNAME'))).toBe('evtj:h6vY')
    // The attributes of ICE have no row, and are kept as they came.
    expect(message.attributes.filter(({ name }) => name === 'unknown')).toEqual([
      { name: 'unknown', type: 0x0024, value: Uint8Array.of(0x6e, 0, 1, 0xff) },
      { name: 'unknown', type: 0x8029, value: Uint8Array.of(0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36) },
    ])
    expect(verifyIntegrity(SAMPLE_REQUEST, 'sha1', SHORT_TERM_PASSWORD)).toBe('right')
    expect(verifyFingerprint(SAMPLE_REQUEST)).toBe('right')
  })

  test.each([
    ['§2.2 IPv4 response', SAMPLE_IPV4_RESPONSE, '192.0.2.1'],
    ['§2.3 IPv6 response', SAMPLE_IPV6_RESPONSE, '2001:db8:1234:5678:11:2233:4455:6677'],
  ])('%s', (_name, datagram, address) => {
    const message = decode(datagram)
    expect(message).toMatchObject({ messageClass: 'success', method: 1 })
    expect(stunAttribute(message, 'SOFTWARE')).toBe('test vector')
    expect(stunAttribute(message, 'XOR-MAPPED-ADDRESS')).toEqual({ address, port: 32853 })
    expect(verifyIntegrity(datagram, 'sha1', SHORT_TERM_PASSWORD)).toBe('right')
    expect(verifyFingerprint(datagram)).toBe('right')
  })

  test('§2.4 long-term authentication', () => {
    const message = decode(SAMPLE_LONG_TERM_REQUEST)
    expect(ascii(stunAttribute(message, 'USERNAME'))).toBe('マトリックス')
    expect(ascii(stunAttribute(message, 'REALM'))).toBe('example.org')
    expect(ascii(stunAttribute(message, 'NONCE'))).toBe('f//499k954d6OL34oL9FSTvy64sA')
    const key = longTermKey('マトリックス', 'example.org', 'TheMatrIX')
    expect(verifyIntegrity(SAMPLE_LONG_TERM_REQUEST, 'sha1', key)).toBe('right')
    expect(verifyFingerprint(SAMPLE_LONG_TERM_REQUEST)).toBe('absent')
  })

  test('RFC 8489 §B.1 MESSAGE-INTEGRITY-SHA256', () => {
    expect(ascii(stunAttribute(decode(SAMPLE_SHA256_REQUEST), 'REALM'))).toBe('example.org')
    const key = createHash('sha256').update('マトリックス:example.org:TheMatrIX').digest()
    expect(verifyIntegrity(SAMPLE_SHA256_REQUEST, 'sha256', key)).toBe('right')
    expect(verifyIntegrity(SAMPLE_SHA256_REQUEST, 'sha1', key)).toBe('absent')
  })

  test('one flipped bit breaks the seals', () => {
    for (let index = 20; index < SAMPLE_IPV4_RESPONSE.length - 8; index++) {
      const changed = SAMPLE_IPV4_RESPONSE.with(index, SAMPLE_IPV4_RESPONSE[index]! ^ 1)
      expect(decodeStunMessage(changed).ok).toBe(false)
      expect(verifyIntegrity(changed, 'sha1', SHORT_TERM_PASSWORD)).not.toBe('right')
    }
  })
})
