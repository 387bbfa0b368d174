import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StunAttribute } from '../../../src/wire/stun/attributes.ts'
import { appendFingerprint } from '../../../src/wire/stun/fingerprint.ts'
import { decodeStunHeader, encodeStunHeader } from '../../../src/wire/stun/header.ts'
import { appendIntegrity, verifyIntegrity } from '../../../src/wire/stun/integrity.ts'
import { decodeStunMessage, encodeStunMessage, stunAttribute } from '../../../src/wire/stun/message.ts'
import { hex } from '../hex.ts'
import { PROPERTY_RUNS } from '../property.ts'
import { arbitraryStunMessage } from './arbitrary.ts'
import {
  COTURN_CLIENT_CHANGE_REQUEST,
  COTURN_ERROR,
  COTURN_LEGACY_RESPONSE,
  COTURN_RESPONSE,
  STUN_CLIENT_REQUEST,
} from './captured.ts'
import { SAMPLE_REQUEST } from './rfc5769.ts'

const transactionId = hex('0102030405060708090a0b0c')
const key = new TextEncoder().encode('secret')

function request(attributes: readonly StunAttribute[]): Uint8Array {
  return encodeStunMessage({ messageClass: 'request', method: 1, transactionId, attributes })
}

function attributesOf(datagram: Uint8Array): readonly StunAttribute[] | string {
  const result = decodeStunMessage(datagram)
  return result.ok ? result.value.attributes : result.code
}

describe('captured messages', () => {
  test.each([
    ['coturn client', COTURN_CLIENT_CHANGE_REQUEST, false, [['CHANGE-REQUEST', { address: true, port: true }]]],
    ['stun-client', STUN_CLIENT_REQUEST, true, [['CHANGE-REQUEST', { address: false, port: false }]]],
    [
      'coturn server',
      COTURN_RESPONSE,
      false,
      [
        ['XOR-MAPPED-ADDRESS', { address: '10.99.7.9', port: 40000 }],
        ['MAPPED-ADDRESS', { address: '10.99.7.9', port: 40000 }],
        ['RESPONSE-ORIGIN', { address: '10.99.7.1', port: 3478 }],
        ['OTHER-ADDRESS', { address: '10.99.7.2', port: 3479 }],
        ['SOFTWARE', "Coturn-4.6.1 'Gorst'"],
      ],
    ],
    [
      'coturn error',
      COTURN_ERROR,
      false,
      [
        ['ERROR-CODE', { code: 420, reason: 'Unknown Attribute' }],
        ['UNKNOWN-ATTRIBUTES', [0x7fee]],
        ['SOFTWARE', "Coturn-4.6.1 'Gorst'"],
      ],
    ],
    [
      'coturn to an RFC 3489 client',
      COTURN_LEGACY_RESPONSE,
      true,
      [
        ['MAPPED-ADDRESS', { address: '10.99.7.9', port: 40000 }],
        ['SOURCE-ADDRESS', { address: '10.99.7.1', port: 3478 }],
        ['CHANGED-ADDRESS', { address: '10.99.7.2', port: 3479 }],
        ['SOFTWARE', "Coturn-4.6.1 'Gorst'"],
      ],
    ],
  ])('%s', (_name, datagram, legacy, attributes) => {
    const result = decodeStunMessage(datagram)
    if (!result.ok) throw new Error(result.code)
    expect(result.value.legacy).toBe(legacy)
    expect(result.value.transactionId.length).toBe(legacy ? 16 : 12)
    expect(result.value.attributes.map(({ name, value }) => [name, value])).toEqual(attributes)
  })
})

describe('decodeStunMessage refuses', () => {
  const header = '0001 0004 2112a442 0102030405060708090a0b0c'
  test.each([
    ['nothing', '', 'truncated', 0],
    ['a cut header', '00010000 2112a442', 'truncated', 8],
    ['a body shorter than said', `${header} 8022`, 'truncated', 22],
    ['a body longer than said', `${header} 80220000 00`, 'trailing-bytes', 24],
    ['a length that is no multiple of 4', '0001 0002 2112a442 0102030405060708090a0b0c 0000', 'bad-length', 2],
    ['type bits of RTP', '8001 0004 2112a442 0102030405060708090a0b0c 80220000', 'not-stun', 0],
    ['no cookie and another length', '0001 0004 00000000 0102030405060708090a0b0c 80220000 00000000', 'not-stun', 0],
    ['an attribute beyond the end', `${header} 80220001`, 'bad-attribute', 20],
    [
      'an address of no family',
      '0001 000c 2112a442 0102030405060708090a0b0c 00010008 00030d96 0a630701',
      'bad-attribute',
      20,
    ],
    [
      'an IPv6 address of 4 bytes',
      '0001 000c 2112a442 0102030405060708090a0b0c 00010008 00020d96 0a630701',
      'bad-attribute',
      20,
    ],
    ['an error code of class 2', '0001 0008 2112a442 0102030405060708090a0b0c 00090004 00000214', 'bad-attribute', 20],
    ['a wrong fingerprint', '0001 0008 2112a442 0102030405060708090a0b0c 80280004 00000000', 'bad-fingerprint', 20],
  ])('%s', (_name, text, code, offset) => {
    expect(decodeStunMessage(hex(text))).toEqual({ ok: false, code, offset })
  })
})

describe('seals', () => {
  const software = { name: 'SOFTWARE', value: 'x' } as const
  test('what follows an integrity attribute and is no later seal is ignored', () => {
    const sealed = appendIntegrity(request([software]), 'sha1', key)
    const smuggled = hex('00030004 00000006')
    const longer = new Uint8Array([...sealed, ...smuggled])
    longer[3] = longer.length - 20
    expect(attributesOf(longer)).toEqual(attributesOf(sealed))
    expect(verifyIntegrity(longer, 'sha1', key)).toBe('right')
  })

  test('both integrity attributes and a fingerprint stand together', () => {
    const sealed = appendFingerprint(appendIntegrity(appendIntegrity(request([software]), 'sha1', key), 'sha256', key))
    expect(verifyIntegrity(sealed, 'sha1', key)).toBe('right')
    expect(verifyIntegrity(sealed, 'sha256', key)).toBe('right')
    expect(verifyIntegrity(sealed, 'sha256', key.subarray(1))).toBe('wrong')
    expect((attributesOf(sealed) as StunAttribute[]).map(({ name }) => name)).toEqual([
      'SOFTWARE',
      'MESSAGE-INTEGRITY',
      'MESSAGE-INTEGRITY-SHA256',
      'FINGERPRINT',
    ])
  })

  test('a fingerprint that is not the last attribute is wrong', () => {
    const sealed = appendFingerprint(request([]))
    const longer = new Uint8Array([...sealed, ...hex('80220000')])
    longer[3] = longer.length - 20
    expect(attributesOf(longer)).toBe('bad-fingerprint')
  })

  test('no integrity attribute is neither right nor wrong', () => {
    expect(verifyIntegrity(request([software]), 'sha256', key)).toBe('absent')
  })
})

test('of two attributes with one name the first counts', () => {
  const result = decodeStunMessage(request([1, 2].map((port) => ({ name: 'RESPONSE-PORT', value: port }) as const)))
  expect(result.ok && stunAttribute(result.value, 'RESPONSE-PORT')).toBe(1)
})

test('64 attributes are taken, 65 are not', () => {
  const empty = (length: number) => Array.from({ length }, () => ({ name: 'SOFTWARE', value: '' }) as const)
  expect(attributesOf(request(empty(64)))).toHaveLength(64)
  expect(attributesOf(request(empty(65)))).toBe('too-many-attributes')
})

test('RESPONSE-PORT may leave its padding out of its length', () => {
  expect(attributesOf(hex('0001 0008 2112a442 0102030405060708090a0b0c 00270002 9c410000'))).toEqual([
    { name: 'RESPONSE-PORT', value: 40001 },
  ])
})

test.each([
  [
    'a method beyond 12 bits',
    () => encodeStunHeader({ messageClass: 'request', method: 4096, transactionId, bodyLengthBytes: 0 }),
  ],
  [
    'a short transaction id',
    () => encodeStunMessage({ messageClass: 'request', method: 1, transactionId: key, attributes: [] }),
  ],
  ['a port beyond 16 bits', () => request([{ name: 'RESPONSE-PORT', value: 65536 }])],
  ['an error code of class 7', () => request([{ name: 'ERROR-CODE', value: { code: 700, reason: '' } }])],
  ['a text of 764 bytes', () => request([{ name: 'SOFTWARE', value: 'x'.repeat(764) }])],
])('encoding refuses %s', (_name, encode) => expect(encode).toThrow(RangeError))

test('every method and class survives the header', () => {
  for (const messageClass of ['request', 'indication', 'success', 'error'] as const) {
    for (let method = 0; method <= 0xfff; method++) {
      const header = { messageClass, method, bodyLengthBytes: 0, transactionId }
      expect(decodeStunHeader(encodeStunHeader(header))).toEqual({ ok: true, value: { ...header, legacy: false } })
    }
  }
})

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(arbitraryStunMessage, fc.boolean(), (message, fingerprint) => {
      const datagram = encodeStunMessage(message)
      const result = decodeStunMessage(fingerprint ? appendFingerprint(datagram) : datagram)
      if (!result.ok) throw new Error(`${result.code} at ${result.offset}`)
      const attributes = result.value.attributes.filter(({ name }) => name !== 'FINGERPRINT')
      expect({ ...result.value, attributes }).toEqual(message)
    }),
    PROPERTY_RUNS,
  )
})

test('random, cut and changed bytes never throw', () => {
  const cut = fc.tuple(arbitraryStunMessage, fc.nat()).map(([message, at]) => {
    const datagram = encodeStunMessage(message)
    return datagram.subarray(0, at % (datagram.length + 1))
  })
  const changed = fc
    .tuple(fc.nat(), fc.nat(255))
    .map(([at, byte]) => SAMPLE_REQUEST.with(at % SAMPLE_REQUEST.length, byte))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, changed), (datagram) => {
      decodeStunMessage(datagram)
      verifyIntegrity(datagram, 'sha1', key)
      verifyIntegrity(datagram, 'sha256', key)
    }),
    PROPERTY_RUNS,
  )
})
