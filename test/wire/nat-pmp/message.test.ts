import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeNatPmpRequest,
  decodeNatPmpResponse,
  encodeNatPmpRequest,
  encodeNatPmpResponse,
  type NatPmpRequest,
} from '../../../src/wire/nat-pmp/message.ts'
import { refuseNatPmp } from '../../../src/wire/nat-pmp/refuse.ts'
import { NAT_PMP_RESULT_CODES, natPmpResultName } from '../../../src/wire/nat-pmp/result-codes.ts'
import { hex } from '../hex.ts'
import * as pcp from '../pcp/captured.ts'
import { PROPERTY_RUNS } from '../property.ts'
import * as captured from './captured.ts'

const ports = { internalPort: 4005, externalPort: 4005, lifetimeSeconds: 60 }

describe('captured messages', () => {
  test.each([
    ['the address', captured.ADDRESS_REQUEST, { operation: 'external-address' }],
    ['a mapping', captured.MAP_REQUEST, { operation: 'udp', ...ports }],
    ['a deletion', captured.DELETE_REQUEST, { operation: 'udp', ...ports, externalPort: 0, lifetimeSeconds: 0 }],
  ] as const)('natpmpc asks for %s', (_, datagram, value) => {
    expect(decodeNatPmpRequest(datagram)).toEqual({ ok: true, value })
    expect(encodeNatPmpRequest(value as NatPmpRequest)).toEqual(datagram)
  })

  test.each([
    [
      'the address',
      captured.ADDRESS_RESPONSE,
      { operation: 'external-address', resultCode: 0, epochSeconds: 2, externalAddress: '45.67.89.2' },
    ],
    ['a mapping', captured.MAP_RESPONSE, { operation: 'udp', resultCode: 0, epochSeconds: 2, ...ports }],
    [
      'a deletion',
      captured.DELETE_RESPONSE,
      { operation: 'udp', resultCode: 0, epochSeconds: 2, ...ports, externalPort: 0, lifetimeSeconds: 0 },
    ],
    [
      'an unknown opcode',
      captured.OPCODE_RESPONSE,
      { operation: 'unknown', resultCode: 5, epochSeconds: 1, internalPort: null },
    ],
    [
      'a mapping without a public address',
      captured.PRIVATE_RESPONSE,
      { operation: 'tcp', resultCode: 3, epochSeconds: 2, internalPort: 80 },
    ],
  ])('miniupnpd answers %s', (_, datagram, value) => {
    expect(decodeNatPmpResponse(datagram)).toEqual({ ok: true, value })
  })
})

describe('refused', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['an answer', captured.ADDRESS_RESPONSE, 'not-a-request'],
    ['a PCP request', pcp.MAP_REQUEST, 'other-version'],
    ['opcode 3', hex('0003'), 'unknown-opcode'],
    ['a mapping cut short', captured.MAP_REQUEST.subarray(0, 11), 'truncated'],
    ['a mapping with more behind it', Uint8Array.from([...captured.MAP_REQUEST, 0]), 'trailing-bytes'],
  ])('a request: %s', (_, datagram, code) => expect(decodeNatPmpRequest(datagram)).toMatchObject({ ok: false, code }))

  test.each([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['a request', captured.MAP_REQUEST, 'not-a-response'],
    ["a PCP server's refusal", pcp.MISMATCH_RESPONSE.with(3, 1), 'other-version'],
    ['a success of opcode 5', captured.OPCODE_RESPONSE.with(3, 0), 'unknown-opcode'],
    ['an address cut short', captured.ADDRESS_RESPONSE.subarray(0, 11), 'truncated'],
    ['a mapping cut short', captured.MAP_RESPONSE.subarray(0, 15), 'truncated'],
    ['a mapping with more behind it', Uint8Array.from([...captured.MAP_RESPONSE, 0]), 'trailing-bytes'],
  ])('an answer: %s', (_, datagram, code) => expect(decodeNatPmpResponse(datagram)).toMatchObject({ ok: false, code }))

  test.each([
    ['a port', { operation: 'udp', internalPort: 65_536, externalPort: 0, lifetimeSeconds: 0 }],
    ['a lifetime', { operation: 'tcp', internalPort: 1, externalPort: 0, lifetimeSeconds: 2 ** 32 }],
  ] as const)('to encode: %s', (_, request) => expect(() => encodeNatPmpRequest(request)).toThrow(RangeError))
})

test('the result codes are those of RFC 6886 §3.5', () => {
  expect(Object.values(NAT_PMP_RESULT_CODES)).toEqual([0, 1, 2, 3, 4, 5])
  expect([2, 6].map(natPmpResultName)).toEqual(['NOT_AUTHORIZED', undefined])
})

test('a refusal says so to clients of PCP too', () => {
  expect(refuseNatPmp(pcp.MAP_REQUEST, 'UNSUPPORTED_VERSION', 7)).toEqual(hex('0081000100000007'))
})

describe('properties', () => {
  const port = fc.integer({ min: 0, max: 0xffff })
  const seconds = fc.integer({ min: 0, max: 0xffff_ffff })
  const operation = fc.constantFrom('udp', 'tcp')

  test('what is encoded is decoded', () => {
    const request = fc.record({ operation, internalPort: port, externalPort: port, lifetimeSeconds: seconds })
    fc.assert(
      fc.property(request, seconds, fc.integer({ min: 1, max: 0xffff }), (asked, epochSeconds, failure) => {
        expect(decodeNatPmpRequest(encodeNatPmpRequest(asked))).toEqual({ ok: true, value: asked })
        const success = { ...asked, resultCode: 0, epochSeconds } as const
        expect(decodeNatPmpResponse(encodeNatPmpResponse(success))).toEqual({ ok: true, value: success })
        const { operation, internalPort } = asked
        const error = { operation, internalPort, resultCode: failure, epochSeconds }
        expect(decodeNatPmpResponse(encodeNatPmpResponse(error))).toEqual({ ok: true, value: error })
      }),
      PROPERTY_RUNS,
    )
  })

  test('cut or random bytes never throw', () => {
    const cut = fc
      .tuple(fc.constantFrom(...Object.values(captured)), fc.nat(20))
      .map(([datagram, end]) => datagram.subarray(0, end))
    fc.assert(
      fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 40 })), (datagram) => {
        decodeNatPmpRequest(datagram)
        decodeNatPmpResponse(datagram)
      }),
      PROPERTY_RUNS,
    )
  })
})
