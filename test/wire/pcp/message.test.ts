import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatAddress } from '../../../src/model/ip.ts'
import {
  answersRequest,
  decodePcpAnswer,
  decodePcpRequest,
  encodePcpRequest,
  encodePcpResponse,
  PCP_OPCODES,
  type PcpOperation,
  type PcpRequest,
  type PcpResponse,
} from '../../../src/wire/pcp/message.ts'
import { isMandatoryOption, PCP_OPTIONS, type PcpOption } from '../../../src/wire/pcp/options.ts'
import { refusePcp } from '../../../src/wire/pcp/refuse.ts'
import { PCP_RESULT_CODES, pcpResultName } from '../../../src/wire/pcp/result-codes.ts'
import { hex } from '../hex.ts'
import { PROPERTY_RUNS } from '../property.ts'
import * as captured from './captured.ts'
import { IANA_PCP_OPCODES, IANA_PCP_OPTIONS, IANA_PCP_RESULT_CODES } from './iana-pcp-parameters.ts'

const mapping = {
  nonce: hex('0102030405060708090a0b0c'),
  protocol: 17,
  internalPort: 4001,
  external: { address: '0.0.0.0', port: 4001 },
}
const REQUEST: PcpRequest = {
  operation: { opcode: 'MAP', mapping },
  lifetimeSeconds: 3600,
  client: '192.168.1.10',
  options: [],
}

function responseOf(datagram: Uint8Array): PcpResponse {
  const answer = decodePcpAnswer(datagram)
  if (!answer.ok || answer.value.kind !== 'response') throw new Error(`no response: ${JSON.stringify(answer)}`)
  return answer.value.response
}

describe("IANA's registry", () => {
  test('has our opcodes, and no other of RFC 6887', () => {
    expect(Object.entries(PCP_OPCODES).map(([name, { code }]) => [code, name])).toEqual(IANA_PCP_OPCODES)
  })

  test('has our result codes, and no other of RFC 6887', () => {
    expect(Object.entries(PCP_RESULT_CODES).map(([name, code]) => [code, name])).toEqual(IANA_PCP_RESULT_CODES)
    expect(pcpResultName(12)).toBe('ADDRESS_MISMATCH')
    expect(pcpResultName(14)).toBeUndefined()
  })

  test('has our options, with their lengths and opcodes', () => {
    const rows = Object.entries(PCP_OPTIONS).map(([name, { code, codec, opcodes }]) => {
      return [code, name, codec.lengthBytes, opcodes.join(', ')]
    })
    expect(rows).toEqual(IANA_PCP_OPTIONS)
    expect([127, 128].map(isMandatoryOption)).toEqual([true, false])
  })
})

describe('captured messages', () => {
  test.each([
    ['ANNOUNCE', captured.ANNOUNCE_RESPONSE, 'ANNOUNCE', 'SUCCESS', null],
    ['MAP', captured.MAP_RESPONSE, 'MAP', 'SUCCESS', { address: '45.67.89.2', port: 4001 }],
    ['a wrong nonce', captured.WRONG_NONCE_RESPONSE, 'MAP', 'NOT_AUTHORIZED', { address: '45.67.89.2', port: 0 }],
    ['another client', captured.MISMATCH_RESPONSE, 'MAP', 'ADDRESS_MISMATCH', { address: '0.0.0.0', port: 4002 }],
    ['an unknown option', captured.OPTION_RESPONSE, 'MAP', 'UNSUPP_OPTION', { address: '0.0.0.0', port: 4002 }],
    ['FILTER', captured.FILTER_RESPONSE, 'MAP', 'SUCCESS', { address: '45.67.89.2', port: 4003 }],
    ['PEER', captured.PEER_RESPONSE, 'PEER', 'SUCCESS', { address: '45.67.89.2', port: 4005 }],
    ['no public address', captured.PRIVATE_RESPONSE, 'MAP', 'NO_RESOURCES', { address: '100.64.1.2', port: 4004 }],
  ] as const)('miniupnpd to %s', (_, datagram, opcode, result, external) => {
    const { operation, resultCode } = responseOf(datagram)
    expect([operation.opcode, pcpResultName(resultCode)]).toEqual([opcode, result])
    expect(operation.opcode === 'ANNOUNCE' ? null : operation.mapping.external).toEqual(external)
  })

  test('their options and peers', () => {
    expect(responseOf(captured.FILTER_RESPONSE).options).toEqual([
      { name: 'FILTER', value: { prefixLength: 128, remotePort: 0, remote: '198.51.100.20' } },
    ])
    expect(responseOf(captured.OPTION_RESPONSE).options).toMatchObject([{ name: 'unknown', code: 5 }])
    expect(responseOf(captured.PEER_RESPONSE).operation).toMatchObject({ remote: { port: 3000 } })
  })

  test('a request of ours, and the answer to it', () => {
    const request = decodePcpRequest(captured.MAP_REQUEST)
    if (!request.ok) throw new Error(request.code)
    expect(encodePcpRequest(request.value)).toEqual(captured.MAP_REQUEST)
    expect(request.value).toMatchObject({ client: '192.168.1.10', lifetimeSeconds: 3600 })
    expect(answersRequest(responseOf(captured.MAP_RESPONSE), request.value)).toBe(true)
    expect(answersRequest(responseOf(captured.WRONG_NONCE_RESPONSE), request.value)).toBe(false)
  })
})

describe('what answers a request', () => {
  const answer = (operation: PcpOperation): PcpResponse => {
    return { operation, resultCode: 0, lifetimeSeconds: 1, epochSeconds: 1, options: [] }
  }
  const peer = { opcode: 'PEER', mapping, remote: { address: '198.51.100.20', port: 3000 } } as const
  test.each<[string, PcpOperation, PcpOperation, boolean]>([
    ['the same', { opcode: 'MAP', mapping }, { opcode: 'MAP', mapping }, true],
    [
      'another assigned port',
      { opcode: 'MAP', mapping },
      { opcode: 'MAP', mapping: { ...mapping, external: { address: '192.0.2.1', port: 9 } } },
      true,
    ],
    [
      'another nonce',
      { opcode: 'MAP', mapping },
      { opcode: 'MAP', mapping: { ...mapping, nonce: new Uint8Array(12) } },
      false,
    ],
    [
      'another internal port',
      { opcode: 'MAP', mapping },
      { opcode: 'MAP', mapping: { ...mapping, internalPort: 1 } },
      false,
    ],
    ['another protocol', { opcode: 'MAP', mapping }, { opcode: 'MAP', mapping: { ...mapping, protocol: 6 } }, false],
    ['another opcode', { opcode: 'MAP', mapping }, { opcode: 'ANNOUNCE' }, false],
    ['the same peer', peer, peer, true],
    ['another peer', peer, { ...peer, remote: { address: '198.51.100.20', port: 3001 } }, false],
  ])('%s', (_, asked, told, expected) => {
    expect(answersRequest(answer(told), { ...REQUEST, operation: asked })).toBe(expected)
  })
})

describe('refused', () => {
  const request = encodePcpRequest(REQUEST)
  const response = captured.MAP_RESPONSE
  const optioned = (text: string) => Uint8Array.from([...request, ...hex(text)])
  test.each([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['one byte', request.subarray(0, 1), 'truncated'],
    ['an answer', response, 'not-a-request'],
    ['another version', request.with(0, 1), 'other-version'],
    ['less than a header', request.subarray(0, 20), 'bad-length'],
    ['no multiple of 4', request.subarray(0, 58), 'bad-length'],
    ['more than 1100 bytes', new Uint8Array(1104).with(0, 2), 'bad-length'],
    ['an opcode of 3', request.with(1, 3), 'unknown-opcode'],
    ['a MAP cut short', request.subarray(0, 56), 'bad-operation'],
    ['an option longer than the rest', optioned('01000010'), 'bad-option'],
    ['a PREFER_FAILURE that has data', optioned('0200000401020304'), 'bad-option'],
    ['a FILTER with a prefix of 129', optioned(`03000014 00810000 ${'00'.repeat(16)}`), 'bad-option'],
  ])('a request: %s', (_, datagram, code) => expect(decodePcpRequest(datagram)).toMatchObject({ ok: false, code }))

  test.each([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['a request', request, 'not-a-response'],
    ['another version with a result that does not say so', response.with(0, 1), 'other-version'],
    ['less than a header', response.subarray(0, 20), 'bad-length'],
    ['more than 1100 bytes', new Uint8Array(1104).with(0, 2).with(1, 0x81), 'bad-length'],
    ['a MAP cut short', response.subarray(0, 56), 'bad-operation'],
  ])('an answer: %s', (_, datagram, code) => expect(decodePcpAnswer(datagram)).toMatchObject({ ok: false, code }))

  test.each([
    ['a port', { ...REQUEST, operation: { opcode: 'MAP', mapping: { ...mapping, internalPort: 65_536 } } }],
    ['a lifetime', { ...REQUEST, lifetimeSeconds: -1 }],
    ['an address', { ...REQUEST, client: 'fe80::1%eth0' }],
    ['a nonce', { ...REQUEST, operation: { opcode: 'MAP', mapping: { ...mapping, nonce: new Uint8Array(11) } } }],
    ['too much', { ...REQUEST, options: [{ name: 'unknown', code: 200, value: new Uint8Array(1100) }] }],
  ] as const)('to encode: %s', (_, request) => {
    expect(() => encodePcpRequest(request as PcpRequest)).toThrow(RangeError)
  })
})

describe('version negotiation (RFC 6887 §9)', () => {
  test.each([
    ["a NAT-PMP server's answer to version 2", hex('0081000100000007'), 0, 7],
    ['a server of version 1', captured.MAP_RESPONSE.with(0, 1).with(3, 1), 1, 1],
  ])('%s', (_, datagram, version, epochSeconds) => {
    expect(decodePcpAnswer(datagram)).toEqual({ ok: true, value: { kind: 'other-version', version, epochSeconds } })
  })

  test('a refusal copies the request, filled up to a header', () => {
    const answer = { resultCode: 1, lifetimeSeconds: 1800, epochSeconds: 5 }
    const request = encodePcpRequest(REQUEST)
    const refused = responseOf(refusePcp(request.with(0, 3), answer))
    expect(refused).toMatchObject(answer)
    expect(answersRequest(refused, REQUEST)).toBe(true)
    expect(refusePcp(Uint8Array.of(1, 1), answer)).toHaveLength(24)
    expect(refusePcp(new Uint8Array(2000), answer)).toHaveLength(1100)
  })
})

describe('properties', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const port = fc.integer({ min: 0, max: 0xffff })
  const seconds = fc.integer({ min: 0, max: 0xffff_ffff })
  // An IPv4-mapped IPv6 address is the same on the wire as the IPv4 one, and comes back as that.
  const address = fc
    .oneof(bytes(4), bytes(16))
    .map(formatAddress)
    .filter((text) => !text.startsWith('::ffff:'))
  const endpoint = fc.record({ address, port })
  const arbitraryMapping = fc.record({
    nonce: bytes(12),
    protocol: fc.integer({ min: 0, max: 255 }),
    internalPort: port,
    external: endpoint,
  })
  const operation: fc.Arbitrary<PcpOperation> = fc.oneof(
    fc.constant({ opcode: 'ANNOUNCE' } as const),
    fc.record({ opcode: fc.constant('MAP' as const), mapping: arbitraryMapping }),
    fc.record({ opcode: fc.constant('PEER' as const), mapping: arbitraryMapping, remote: endpoint }),
  )
  const option: fc.Arbitrary<PcpOption> = fc.oneof(
    fc.record({ name: fc.constant('THIRD_PARTY' as const), value: address }),
    fc.record({ name: fc.constant('PREFER_FAILURE' as const), value: fc.constant(true as const) }),
    fc.record({
      name: fc.constant('FILTER' as const),
      value: fc.record({ prefixLength: fc.integer({ min: 0, max: 128 }), remotePort: port, remote: address }),
    }),
    fc.record({
      name: fc.constant('unknown' as const),
      code: fc.integer({ min: 4, max: 255 }),
      value: fc.uint8Array({ maxLength: 9 }),
    }),
  )
  const options = fc.array(option, { maxLength: 6 })

  test('what is encoded is decoded', () => {
    const request = fc.record({ operation, lifetimeSeconds: seconds, client: address, options })
    const resultCode = fc.integer({ min: 0, max: 255 })
    const response = fc.record({ operation, resultCode, lifetimeSeconds: seconds, epochSeconds: seconds, options })
    fc.assert(
      fc.property(request, response, (asked, told) => {
        expect(decodePcpRequest(encodePcpRequest(asked))).toEqual({ ok: true, value: asked })
        expect(responseOf(encodePcpResponse(told))).toEqual(told)
      }),
      PROPERTY_RUNS,
    )
  })

  test('cut or random bytes never throw', () => {
    const whole = Object.values(captured)
    const cut = fc.tuple(fc.constantFrom(...whole), fc.nat(80)).map(([datagram, end]) => datagram.subarray(0, end))
    const random = fc.uint8Array({ maxLength: 1200 })
    const headed = random.map((rest) => Uint8Array.from([2, 0x81, ...rest]))
    fc.assert(
      fc.property(fc.oneof(cut, random, headed), (datagram) => {
        decodePcpAnswer(datagram)
        decodePcpRequest(datagram)
        if (datagram.length >= 2) refusePcp(datagram, { resultCode: 3, lifetimeSeconds: 0, epochSeconds: 0 })
      }),
      PROPERTY_RUNS,
    )
  })
})
