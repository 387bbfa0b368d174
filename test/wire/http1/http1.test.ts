import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeHead, encodeHead } from '../../../src/wire/http1/head.ts'
import { HttpMessageReader } from '../../../src/wire/http1/message-reader.ts'
import { encodeHttpRequest } from '../../../src/wire/http1/request.ts'
import { encodeHttpResponse } from '../../../src/wire/http1/response.ts'
import { HttpResponseReader } from '../../../src/wire/http1/response-reader.ts'
import { PROPERTY_RUNS } from '../property.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const textOf = (data: Uint8Array) => Buffer.from(data).toString('latin1')
const TO = { address: '192.168.1.1', port: 5000 }

/** The state after all of it, and the end of the connection. */
function read(text: string, ended = true) {
  const reader = new HttpResponseReader()
  const pushed = reader.push(bytes(text))
  const result = ended ? reader.end() : pushed
  if (result.state === 'done') return { status: result.response.status, body: textOf(result.response.body) }
  return result.state === 'failed' ? result.code : 'more'
}

describe('a request', () => {
  test('is written with its length, its host and an end of the connection', () => {
    const request = {
      method: 'POST',
      path: '/ctl?x=1',
      to: { address: '2001:db8::1', port: 80 },
      body: bytes('hi'),
    } as const
    const text = textOf(encodeHttpRequest({ ...request, fields: [['SOAPAction', '"a#b"']] }))
    expect(text.split('\r\n')).toEqual([
      'POST /ctl?x=1 HTTP/1.1',
      'Host: [2001:db8::1]:80',
      expect.stringMatching(/^User-Agent: peerway\/[0-9.]+ UPnP\/1\.1$/),
      'Connection: close',
      'SOAPAction: "a#b"',
      'Content-Length: 2',
      '',
      'hi',
    ])
  })

  test.each([
    ['a path with a line break', { path: '/a\r\nX: y' }],
    ['a path with a space', { path: '/a b' }],
    ['a path that is relative', { path: 'a' }],
    ['a path that is not ASCII', { path: '/é' }],
    ['a value with a line break', { fields: [['A', 'b\r\nX: y']] as const }],
    ['a value with a bare CR', { fields: [['A', 'b\ry']] as const }],
    ['a name with a colon', { fields: [['A: b\r\nC', 'd']] as const }],
  ])('is refused with %s', (_, wrong) => {
    expect(() => encodeHttpRequest({ method: 'GET', path: '/', to: TO, ...wrong })).toThrow(RangeError)
  })
})

describe('a response', () => {
  test.each<[string, string, object | string]>([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', { status: 200, body: 'hi' }],
    [
      'with a length, and more behind it',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!',
      { status: 200, body: 'hi' },
    ],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nT: v\r\n\r\n',
      { status: 200, body: 'hi!' },
    ],
    ['that the end of the connection ends', 'HTTP/1.0 500 Oops\r\n\r\nhi', { status: 500, body: 'hi' }],
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '' }],
    ['without a body by its status', 'HTTP/1.1 204 No Content\r\n\r\nhi', { status: 204, body: '' }],
    [
      'behind a 100 that nobody asked for',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
      { status: 200, body: 'hi' },
    ],
    ['with bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', { status: 200, body: 'hi' }],
    [
      'that redirects is a response like others',
      'HTTP/1.1 301 Moved\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n',
      { status: 301, body: '' },
    ],
    ['cut in its head', 'HTTP/1.1 200 OK\r\nContent-Le', 'cut-off'],
    ['cut in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi', 'cut-off'],
    ['cut in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi', 'cut-off'],
    ['of another protocol', 'SSH-2.0-x\r\n\r\n', 'not-http'],
    ['of HTTP/2', 'HTTP/2 200 OK\r\n\r\n', 'not-http'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi', 'bad-framing'],
    [
      'with a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'bad-framing',
    ],
    ['with a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi', 'bad-framing'],
    ['with a length in hexadecimal', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nhi', 'bad-framing'],
    ['of an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 'bad-framing'],
    ['with a chunk that says nothing', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'bad-framing'],
    [
      'with a chunk longer than it says',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n',
      'bad-framing',
    ],
    ['with a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', 'bad-field'],
    ['with a space before a colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', 'bad-field'],
    ['with a bare CR in a field', 'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n', 'bad-field'],
    ['with a zero byte in a field', 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n', 'bad-field'],
    ['with 65 fields', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(65)}\r\n`, 'too-many-fields'],
    ['with a head of 9 KiB', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(9000)}\r\n\r\n`, 'too-big'],
    ['with a head that never ends', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(9000)}`, 'too-big'],
    ['with a length beyond the limit', 'HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n', 'too-big'],
    ['with chunks beyond the limit', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n', 'too-big'],
    ['with a body beyond the limit', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(65_537)}`, 'too-big'],
    ['behind a hundred that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100), 'too-big'],
  ])('%s', (_, text, expected) => expect(read(text)).toEqual(expected))

  test('is the same however the stream is cut', () => {
    const texts = [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(12)), (text, cuts) => {
        const reader = new HttpResponseReader()
        let at = 0
        for (const size of [...cuts, text.length]) {
          reader.push(bytes(text.slice(at, at + size)))
          at += size
        }
        expect(reader.end()).toMatchObject({ state: 'done', response: { status: 200, body: bytes('hello') } })
      }),
      PROPERTY_RUNS,
    )
  })

  test('that is encoded is read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.uint8Array({ maxLength: 100 }), (status, body) => {
        fc.pre(status !== 204 && status !== 304)
        const reader = new HttpResponseReader()
        expect(reader.push(encodeHttpResponse(status, 'Because', [['A', 'b']], body))).toMatchObject({
          state: 'done',
          response: { status, body },
        })
      }),
      PROPERTY_RUNS,
    )
  })
})

describe('a request that is read', () => {
  test('without a length has no body', () => {
    const reader = new HttpMessageReader({ untilClosed: false })
    expect(reader.push(encodeHttpRequest({ method: 'GET', path: '/', to: TO }))).toMatchObject({
      state: 'done',
      head: { startLine: 'GET / HTTP/1.1' },
    })
  })

  test('with a length has one', () => {
    const reader = new HttpMessageReader({ untilClosed: false })
    expect(reader.push(encodeHttpRequest({ method: 'POST', path: '/', to: TO, body: bytes('hi') }))).toMatchObject({
      state: 'done',
      body: bytes('hi'),
    })
  })
})

test('heads are encoded and read again, and fields of one name joined', () => {
  const text = encodeHead('X', [
    ['A', 'b'],
    ['a', 'c'],
    ['D', ''],
  ])
  const head = decodeHead(text.slice(0, -4))
  expect(head.ok && [head.value.startLine, [...head.value.fields]]).toEqual([
    'X',
    [
      ['a', 'b, c'],
      ['d', ''],
    ],
  ])
})

test('no bytes make the reader throw', () => {
  const seeds = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n\r\n',
  ]
  const changed = fc.tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
    const copy = bytes(text)
    copy[at % copy.length] = byte
    return copy
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (data) => {
      const reader = new HttpResponseReader()
      reader.push(data)
      reader.end()
    }),
    PROPERTY_RUNS,
  )
})
