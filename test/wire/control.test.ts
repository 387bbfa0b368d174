import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeReply, decodeRequest, encodeReply, encodeRequest, idOfBadLine } from '../../src/wire/control/codec.ts'
import { canonicalGrant, signGrant, verifyGrant } from '../../src/wire/control/grant.ts'
import { LineSplitter } from '../../src/wire/control/line-splitter.ts'
import type { ControlReply, ControlRequest } from '../../src/wire/control/messages.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (line: Uint8Array) => new TextDecoder().decode(line)

const NONCE = Uint8Array.from({ length: 16 }, (_, index) => index)
const GRANT = signGrant(
  {
    version: 1,
    asker: '203.0.113.7',
    transport: 'udp',
    port: 4001,
    vantage: NONCE,
    expiresAtMs: 1_800_000_000_000,
  },
  'a shared token of the vantages',
)

const ROUTER_DIAL = { type: 'dial', from: '192.0.2.1', via: null, rttMs: 40, holdMs: 0 } as const

const REQUESTS: Readonly<Record<string, ControlRequest>> = {
  hello: { type: 'hello', protocol: 'peerway-vantage', version: 1, software: 'peerway 0.1.0' },
  'dial by a stranger': {
    type: 'dial',
    id: 1,
    transport: 'tcp',
    port: 4001,
    from: null,
    via: null,
    payload: { kind: 'stranger' },
    rttMs: 40.5,
    holdMs: 3000,
  },
  'dial with a nonce, from an address': {
    type: 'dial',
    id: 2 ** 31,
    transport: 'udp',
    port: 65535,
    from: '2001:db8::2',
    via: null,
    payload: { kind: 'nonce', nonce: NONCE },
    rttMs: 0,
    holdMs: 0,
  },
  'dial through a grant': {
    type: 'dial',
    id: 3,
    transport: 'udp',
    port: 1,
    from: null,
    via: { address: '2001:db8::3', port: 3478 },
    payload: { kind: 'stranger' },
    rttMs: 1,
    holdMs: 1,
  },
  'dial of a router’s SSDP': { ...ROUTER_DIAL, id: 9, transport: 'udp', port: 1900, payload: { kind: 'ssdp' } },
  'dial of a router’s NAT-PMP': { ...ROUTER_DIAL, id: 10, transport: 'udp', port: 5351, payload: { kind: 'nat-pmp' } },
  'dial of a router’s description': {
    ...ROUTER_DIAL,
    id: 11,
    transport: 'tcp',
    port: 5000,
    payload: { kind: 'description', path: '/upnp/root-Desc_1.xml' },
  },
  'granted-dial': {
    type: 'granted-dial',
    id: 4,
    grant: GRANT,
    payload: { kind: 'stranger' },
    rttMs: 1,
    holdMs: 1,
  },
  release: { type: 'release', id: 5 },
  echo: { type: 'echo', id: 6, maxTtl: 16, rttMs: 40 },
  open: { type: 'open', id: 7, tcp: [80, 443], udp: [], returns: null },
  'open, to be given back': { type: 'open', id: 9, tcp: [4001], udp: [4001], returns: 'inverted' },
  'dial that speaks a protocol': {
    type: 'dial',
    id: 10,
    transport: 'udp',
    port: 4001,
    from: '192.0.2.2',
    via: null,
    payload: { kind: 'protocol', protocol: 'quic', mask: 255 },
    rttMs: 1,
    holdMs: 0,
  },
  arrivals: { type: 'arrivals', id: 8 },
}

const REPLIES: Readonly<Record<string, ControlReply>> = {
  hello: {
    type: 'hello',
    protocol: 'peerway-vantage',
    version: 1,
    software: 'peerway 0.1.0',
    observed: { address: '2001:db8::7', port: 50000 },
    address: '2001:db8::1',
    dialFrom: ['2001:db8::2'],
    stun: { port: 3478, alternatePort: 3479, alternateAddress: null },
    capabilities: ['dial', 'open', 'something-later'],
    nonce: NONCE,
    nowMs: 1_800_000_000_000,
  },
  connected: { type: 'connected', id: 1, source: { address: '192.0.2.2', port: 40000 } },
  dialled: {
    type: 'dialled',
    id: 1,
    outcome: 'answered',
    source: { address: '192.0.2.2', port: 40000 },
    target: { address: '203.0.113.7', port: 4001 },
    attempts: 2,
    rttMs: 41.25,
    answer: new Uint8Array(64).fill(0xff),
    greeting: 'quic',
    answerBytes: 1200,
    ended: null,
  },
  'dialled, a router': {
    type: 'dialled',
    id: 11,
    outcome: 'connected',
    source: { address: '192.0.2.2', port: 40000 },
    target: { address: '203.0.113.7', port: 5000 },
    attempts: 1,
    rttMs: 41.25,
    answer: new Uint8Array(2048).fill(0x41),
    greeting: 'http',
    answerBytes: null,
    ended: null,
  },
  'dialled and silent': {
    type: 'dialled',
    id: 1,
    outcome: 'silent',
    source: { address: '192.0.2.2', port: 0 },
    target: { address: '203.0.113.7', port: 4001 },
    attempts: 6,
    rttMs: null,
    answer: null,
    greeting: null,
    answerBytes: null,
    ended: 'reset',
  },
  echoed: { type: 'echoed', id: 6, hops: [{ ttl: 1, answer: 'silent', address: null, rttMs: null }] },
  opened: { type: 'opened', id: 7, tcp: [80], udp: [] },
  arrived: { type: 'arrived', id: 8, ports: [{ transport: 'tcp', port: 80, count: 3, strangers: 1 }], flows: null },
  'arrived, with what flows began': {
    type: 'arrived',
    id: 8,
    ports: [{ transport: 'tcp', port: 80, count: 3, strangers: 1 }],
    flows: [{ transport: 'tcp', port: 80, head: Uint8Array.of(0x13, 0x2f), count: 3, bytes: 28 }],
  },
  error: { type: 'error', id: null, code: 'too-many-requests', message: 'slow down', retryAfterMs: 100 },
}

describe('what is encoded is decoded again', () => {
  test.each(Object.entries(REQUESTS))('request: %s', (_, message) => {
    expect(decodeRequest(encodeRequest(message))).toEqual({ ok: true, value: message })
  })

  test.each(Object.entries(REPLIES))('reply: %s', (_, message) => {
    expect(decodeReply(encodeReply(message))).toEqual({ ok: true, value: message })
  })
})

describe('requests that are not believed', () => {
  const dial = JSON.parse(textOf(encodeRequest(REQUESTS['dial by a stranger']!))) as Record<string, unknown>
  const bad: Readonly<Record<string, unknown>> = {
    'port 0': { ...dial, port: 0 },
    'port 65536': { ...dial, port: 65536 },
    'port as text': { ...dial, port: '4001' },
    'id 0': { ...dial, id: 0 },
    'no id': { ...dial, id: undefined },
    'a fraction of an id': { ...dial, id: 1.5 },
    'another transport': { ...dial, transport: 'sctp' },
    'an address with a zone': { ...dial, from: 'fe80::1%eth0' },
    'a name instead of an address': { ...dial, via: 'vantage.example:3478' },
    'a negative round trip': { ...dial, rttMs: -1 },
    'too long a hold': { ...dial, holdMs: 3001 },
    'another payload': { ...dial, payload: { kind: 'anything' } },
    'a payload named like a property of every object': { ...dial, payload: { kind: 'toString' } },
    'an empty nonce': { ...dial, payload: { kind: 'nonce', nonce: '' } },
    'a nonce of 33 bytes': { ...dial, payload: { kind: 'nonce', nonce: '00'.repeat(33) } },
    'half a byte': { ...dial, payload: { kind: 'nonce', nonce: '000' } },
    ...Object.fromEntries(
      [
        ...['', '/', 'rootDesc.xml', '/../rootDesc.xml', '/a/.xml', '/rootDesc.xml?a=b', '/rootDesc.xml#x', '/a b.xml'],
        ...[
          '/a%2fb.xml',
          '/a.xml\r\nX: y',
          '//host/a.xml',
          'http://192.0.2.1/a.xml',
          '/reboot',
          `/${'a'.repeat(124)}.xml`,
        ],
      ].map((path) => [`the path ${path}`, { ...dial, payload: { kind: 'description', path } }]),
    ),
    'a description without a path': { ...dial, payload: { kind: 'description' } },
    'an unknown type': { ...dial, type: 'exec' },
    'a type named like a property of every object': { ...dial, type: 'constructor' },
    'nine ports to open': { type: 'open', id: 1, tcp: Array.from({ length: 9 }, () => 80), udp: [] },
    'an echo with TTL 17': { type: 'echo', id: 1, maxTtl: 17, rttMs: 1 },
  }

  test.each(Object.entries(bad))('%s', (_, message) => {
    expect(decodeRequest(bytes(JSON.stringify(message)))).toMatchObject({ ok: false, code: 'bad-message' })
  })

  test.each([
    ['not JSON', bytes('hello'), 'not-json'],
    ['empty', bytes(''), 'not-json'],
    ['a list', bytes('[]'), 'not-an-object'],
    ['null', bytes('null'), 'not-an-object'],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'not-utf8'],
    ['8000 brackets', bytes('['.repeat(8000)), 'not-json'],
  ])('%s', (_, line, code) => {
    expect(decodeRequest(line)).toMatchObject({ ok: false, code })
  })

  test('unknown keys are ignored, absent optional ones are null', () => {
    const line = JSON.stringify({ ...dial, from: undefined, via: undefined, later: { anything: 1 } })
    expect(decodeRequest(bytes(line))).toEqual({ ok: true, value: REQUESTS['dial by a stranger'] })
  })

  test('addresses become canonical', () => {
    const line = JSON.stringify({ ...dial, from: '2001:DB8:0:0::2' })
    expect(decodeRequest(bytes(line))).toMatchObject({ value: { from: '2001:db8::2' } })
  })

  test('the id of a bad request is still told', () => {
    expect(idOfBadLine(bytes('{"type":"exec","id":7}'))).toBe(7)
    expect(idOfBadLine(bytes('{"type":"exec","id":"7"}'))).toBeNull()
    expect(idOfBadLine(bytes('nonsense'))).toBeNull()
  })
})

test('a reply with control characters in a text is not believed: it could reach a terminal', () => {
  const line = JSON.stringify({ type: 'error', id: 1, code: 'busy', message: '\u001b[2J' })
  expect(decodeReply(bytes(line))).toMatchObject({ ok: false })
})

test('no line makes the decoders throw', () => {
  const cut = [...Object.values(REQUESTS).map(encodeRequest), ...Object.values(REPLIES).map(encodeReply)]
  const mutated = fc.tuple(fc.constantFrom(...cut), fc.nat(), fc.nat(255)).map(([line, at, byte]) => {
    const copy = line.slice()
    copy[at % copy.length] = byte
    return copy
  })
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytes), mutated)
  fc.assert(
    fc.property(anything, (line) => {
      const request = decodeRequest(line)
      decodeReply(line)
      idOfBadLine(line)
      if (request.ok) expect(decodeRequest(encodeRequest(request.value))).toEqual(request)
    }),
    { numRuns: 2000 },
  )
})

describe('lines', () => {
  test('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), fc.array(fc.nat(40)), (texts, cuts) => {
        const wanted = texts.map((text) => text.replaceAll('\n', ''))
        const stream = bytes(wanted.map((text) => `${text}\n`).join(''))
        const splitter = new LineSplitter()
        const got: string[] = []
        let at = 0
        for (const size of [...cuts, stream.length]) {
          splitter.push(stream.subarray(at, at + size))
          at += size
          for (let line = splitter.next(); typeof line !== 'string'; line = splitter.next()) got.push(textOf(line))
        }
        expect(got).toEqual(wanted)
      }),
    )
  })

  test.each([
    ['in one chunk', [`${'x'.repeat(8193)}\n`]],
    ['in pieces, never ended', Array.from({ length: 9 }, () => 'x'.repeat(1000))],
    ['of 64 KB', ['x'.repeat(65536)]],
  ])('longer than 8192 bytes end the stream: %s', (_, chunks) => {
    const splitter = new LineSplitter()
    for (const chunk of chunks) {
      splitter.push(bytes(chunk))
      splitter.next()
    }
    splitter.push(bytes('{}\n'))
    expect(splitter.next()).toBe('too-long')
  })

  test('of exactly 8192 bytes pass', () => {
    const splitter = new LineSplitter()
    splitter.push(bytes(`${'x'.repeat(8192)}\n`))
    expect(splitter.next()).toHaveLength(8192)
  })
})

describe('grants', () => {
  const token = 'a shared token of the vantages'
  const now = GRANT.expiresAtMs - 30_000

  test('are signed over every field', () => {
    expect(canonicalGrant(GRANT)).toBe(
      'peerway-grant 1\n203.0.113.7\nudp\n4001\n000102030405060708090a0b0c0d0e0f\n1800000000000\n',
    )
    expect(verifyGrant(GRANT, token, NONCE, now)).toBe(true)
  })

  test.each([
    ['another token', GRANT, 'another token of the vantages', NONCE, now],
    ['another connection', GRANT, token, NONCE.slice().reverse(), now],
    ['expired', GRANT, token, NONCE, GRANT.expiresAtMs + 1],
    ['too far in the future', GRANT, token, NONCE, GRANT.expiresAtMs - 60_001],
    ['another asker', { ...GRANT, asker: '203.0.113.8' }, token, NONCE, now],
    ['another port', { ...GRANT, port: 22 }, token, NONCE, now],
    ['another transport', { ...GRANT, transport: 'tcp' as const }, token, NONCE, now],
    ['a longer life', { ...GRANT, expiresAtMs: GRANT.expiresAtMs + 1 }, token, NONCE, now],
    ['no signature', { ...GRANT, signature: new Uint8Array(32) }, token, NONCE, now],
  ])('are refused: %s', (_, grant, key, nonce, nowMs) => {
    expect(verifyGrant(grant, key, nonce, nowMs)).toBe(false)
  })
})
