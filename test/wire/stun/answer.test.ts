import { describe, expect, test } from 'vitest'
import { answerStun, type StunServerSockets, type StunSocket } from '../../../src/wire/stun/answer.ts'
import type { StunAttribute } from '../../../src/wire/stun/attributes.ts'
import { appendFingerprint, verifyFingerprint } from '../../../src/wire/stun/fingerprint.ts'
import {
  decodeStunMessage,
  encodeStunMessage,
  type StunMessage,
  stunAttribute,
} from '../../../src/wire/stun/message.ts'
import { hex } from '../hex.ts'
import { STUN_CLIENT_REQUEST } from './captured.ts'

const FULL: StunServerSockets = { addresses: ['192.0.2.1', '192.0.2.2'], ports: [3478, 3479] }
const ONE_ADDRESS: StunServerSockets = { addresses: ['192.0.2.1'], ports: [3478, 3479] }
const ONE_PORT: StunServerSockets = { addresses: ['192.0.2.1', '192.0.2.2'], ports: [3478] }
const ONE_SOCKET: StunServerSockets = { addresses: ['192.0.2.1'], ports: [3478] }

const from = { address: '198.51.100.7', port: 40000 }
const primary: StunSocket = { address: 0, port: 0 }
const transactionId = hex('0102030405060708090a0b0c')
const legacyId = hex('0102030405060708090a0b0c0d0e0f10')

function request(attributes: readonly StunAttribute[], changes: Partial<StunMessage> = {}): StunMessage {
  return { messageClass: 'request', method: 1, transactionId, legacy: false, attributes, ...changes }
}
const legacyRequest = (attributes: readonly StunAttribute[]) =>
  request(attributes, { transactionId: legacyId, legacy: true })
const change = (address: boolean, port: boolean): StunAttribute => ({
  name: 'CHANGE-REQUEST',
  value: { address, port },
})

/** The answer with its datagram decoded, as a client sees it. */
function answer(message: StunMessage, server: StunServerSockets, at: StunSocket = primary) {
  const result = answerStun(message, { from, at }, server)
  if (result === undefined) return undefined
  const response = decodeStunMessage(result.datagram)
  if (!response.ok) throw new Error(response.code)
  return { ...result, message: response.value }
}

describe('RFC 5780 table 1: which socket answers', () => {
  test.each([
    [primary, false, false, { address: 0, port: 0 }],
    [primary, true, false, { address: 1, port: 0 }],
    [primary, false, true, { address: 0, port: 1 }],
    [primary, true, true, { address: 1, port: 1 }],
    [{ address: 1, port: 1 }, true, true, { address: 0, port: 0 }],
    [{ address: 1, port: 0 }, false, true, { address: 1, port: 1 }],
  ] as const)('asked at %j, change address %s, port %s', (at, address, port, via) => {
    const result = answer(request([change(address, port)]), FULL, at)!
    expect(result.via).toEqual(via)
    expect(result.to).toEqual(from)
    const origin = { address: FULL.addresses[via.address], port: FULL.ports[via.port] }
    expect(stunAttribute(result.message, 'RESPONSE-ORIGIN')).toEqual(origin)
    // OTHER-ADDRESS is counted from the socket that was asked, whatever was asked for.
    const other = { address: FULL.addresses[at.address === 0 ? 1 : 0], port: FULL.ports[at.port === 0 ? 1 : 0] }
    expect(stunAttribute(result.message, 'OTHER-ADDRESS')).toEqual(other)
  })
})

test('a plain Binding gets both mapped addresses and no more than it needs', () => {
  const result = answer(request([]), FULL)!
  expect(result.message).toMatchObject({ messageClass: 'success', method: 1, transactionId })
  expect(result.message.attributes).toEqual([
    { name: 'XOR-MAPPED-ADDRESS', value: from },
    { name: 'MAPPED-ADDRESS', value: from },
    { name: 'RESPONSE-ORIGIN', value: { address: '192.0.2.1', port: 3478 } },
    { name: 'OTHER-ADDRESS', value: { address: '192.0.2.2', port: 3479 } },
  ])
  expect(result.datagram.length).toBe(68)
})

describe('a server that lacks a second address or port', () => {
  test.each([
    ['one address', ONE_ADDRESS],
    ['one port', ONE_PORT],
    ['one socket', ONE_SOCKET],
  ])('%s: no OTHER-ADDRESS', (_name, server) => {
    const result = answer(request([]), server)!
    expect(stunAttribute(result.message, 'OTHER-ADDRESS')).toBeUndefined()
    expect(stunAttribute(result.message, 'XOR-MAPPED-ADDRESS')).toEqual(from)
  })

  test.each([
    ['one address, change address', ONE_ADDRESS, true, false],
    ['one address, change both', ONE_ADDRESS, true, true],
    ['one port, change port', ONE_PORT, false, true],
    ['one socket, change port', ONE_SOCKET, false, true],
  ])('%s: error 420, from where it was asked', (_name, server, address, port) => {
    const result = answer(request([change(address, port)]), server)!
    expect(result.via).toEqual(primary)
    expect(result.message.messageClass).toBe('error')
    expect(stunAttribute(result.message, 'ERROR-CODE')?.code).toBe(420)
    expect(stunAttribute(result.message, 'UNKNOWN-ATTRIBUTES')).toEqual([0x0003])
  })

  test.each([
    ['one address, change port', ONE_ADDRESS, false, true, { address: 0, port: 1 }],
    ['one port, change address', ONE_PORT, true, false, { address: 1, port: 0 }],
    ['one socket, change nothing', ONE_SOCKET, false, false, { address: 0, port: 0 }],
  ])('%s: honoured', (_name, server, address, port, via) => {
    expect(answer(request([change(address, port)]), server)).toMatchObject({
      via,
      message: { messageClass: 'success' },
    })
  })
})

describe('RFC 3489 clients', () => {
  test('get the old attributes and their 16-byte id', () => {
    const decoded = decodeStunMessage(STUN_CLIENT_REQUEST)
    if (!decoded.ok) throw new Error(decoded.code)
    const result = answer(decoded.value, FULL)!
    expect(result.datagram.subarray(4, 20)).toEqual(STUN_CLIENT_REQUEST.subarray(4, 20))
    expect(result.message.attributes).toEqual([
      { name: 'MAPPED-ADDRESS', value: from },
      { name: 'SOURCE-ADDRESS', value: { address: '192.0.2.1', port: 3478 } },
      { name: 'CHANGED-ADDRESS', value: { address: '192.0.2.2', port: 3479 } },
    ])
  })

  test('get silence for a change that cannot be made, as they take any answer for a success', () => {
    expect(answer(legacyRequest([change(true, false)]), ONE_ADDRESS)).toBeUndefined()
  })

  test('are not answered elsewhere for a RESPONSE-ADDRESS', () => {
    const result = answer(
      legacyRequest([{ name: 'RESPONSE-ADDRESS', value: { address: '203.0.113.9', port: 53 } }]),
      FULL,
    )!
    expect(result.to).toEqual(from)
  })

  test('get unknown attributes in an even number', () => {
    const result = answer(legacyRequest([{ name: 'unknown', type: 0x7fee, value: new Uint8Array(0) }]), FULL)!
    expect(stunAttribute(result.message, 'UNKNOWN-ATTRIBUTES')).toEqual([0x7fee, 0x7fee])
  })
})

describe('attributes of requests', () => {
  test('unknown ones that must be understood are error 420 and are listed once', () => {
    const unknown = [0x7fee, 0x0024, 0x7fee, 0x8029].map(
      (type) => ({ name: 'unknown', type, value: new Uint8Array(4) }) as const,
    )
    const result = answer(request([...unknown, change(true, true)]), FULL)!
    expect(result.via).toEqual(primary)
    expect(stunAttribute(result.message, 'ERROR-CODE')).toEqual({ code: 420, reason: 'Unknown Attribute' })
    expect(stunAttribute(result.message, 'UNKNOWN-ATTRIBUTES')).toEqual([0x7fee, 0x0024])
  })

  test('RESPONSE-PORT moves the answer to another port of the same address', () => {
    const result = answer(request([{ name: 'RESPONSE-PORT', value: 40001 }]), FULL)!
    expect(result.to).toEqual({ address: from.address, port: 40001 })
    expect(stunAttribute(result.message, 'XOR-MAPPED-ADDRESS')).toEqual(from)
  })

  test.each([
    ['RESPONSE-PORT 0', [{ name: 'RESPONSE-PORT', value: 0 }]],
    [
      'RESPONSE-PORT with PADDING',
      [
        { name: 'RESPONSE-PORT', value: 40001 },
        { name: 'PADDING', value: 64 },
      ],
    ],
  ] as const)('%s is error 400, to the source', (_name, attributes) => {
    const result = answer(request(attributes), FULL)!
    expect(result.to).toEqual(from)
    expect(stunAttribute(result.message, 'ERROR-CODE')?.code).toBe(400)
  })

  test.each([
    [0, 0],
    [64, 64],
    [1500, 1500],
    [60000, 1500],
  ])('%d bytes of PADDING are answered with %d', (asked, got) => {
    const result = answer(request([{ name: 'PADDING', value: asked }]), FULL)!
    expect(stunAttribute(result.message, 'PADDING')).toBe(got)
  })

  test('a FINGERPRINT is answered with one', () => {
    const datagram = appendFingerprint(encodeStunMessage(request([])))
    const decoded = decodeStunMessage(datagram)
    if (!decoded.ok) throw new Error(decoded.code)
    expect(verifyFingerprint(answer(decoded.value, FULL)!.datagram)).toBe('right')
  })

  test('credentials are not asked for and do no harm', () => {
    const username = { name: 'USERNAME', value: Uint8Array.of(1) } as const
    expect(answer(request([username]), FULL)?.message.messageClass).toBe('success')
  })
})

test.each([
  ['an indication', { messageClass: 'indication' }],
  ['a success response', { messageClass: 'success' }],
  ['an error response', { messageClass: 'error' }],
  ['an Allocate', { method: 3 }],
] as const)('%s is not answered', (_name, changes) => expect(answer(request([], changes), FULL)).toBeUndefined())

test('IPv6', () => {
  const source = { address: '2001:db8::7', port: 40000 }
  const server: StunServerSockets = { addresses: ['2001:db8::1', '2001:db8::2'], ports: [3478, 3479] }
  const result = answerStun(request([]), { from: source, at: primary }, server)!
  const response = decodeStunMessage(result.datagram)
  expect(response.ok && stunAttribute(response.value, 'XOR-MAPPED-ADDRESS')).toEqual(source)
  expect(response.ok && stunAttribute(response.value, 'OTHER-ADDRESS')).toEqual({ address: '2001:db8::2', port: 3479 })
})
