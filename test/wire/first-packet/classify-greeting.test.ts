import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyGreeting } from '../../../src/wire/first-packet/classify-greeting.ts'
import { MULTISTREAM_HEADER } from '../../../src/wire/first-packet/multistream.ts'
import { hex } from '../hex.ts'
import { PROPERTY_RUNS } from '../property.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

test.each([
  ['libp2p', MULTISTREAM_HEADER, 'multistream'],
  ['libp2p that refuses', ascii('\x13/multistream/1.0.0\n\x03na\n'), 'multistream'],
  ['half a multistream header', ascii('\x13/multistr'), null],
  ['OpenSSH', ascii('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), 'ssh'],
  ['an HTTP server', ascii('HTTP/1.1 400 Bad Request\r\n'), 'http'],
  ['a TLS alert', hex('15 0301 0002 0246'), 'tls'],
  ['Postfix', ascii('220 mail.example.org ESMTP Postfix\r\n'), 'smtp'],
  ['vsftpd', ascii('220 (vsFTPd 3.0.3)\r\n'), 'ftp'],
  ['another 220', ascii('220 ready\r\nSMTP is not in the first line'), 'banner-220'],
  ['Bitcoin mainnet', hex('f9beb4d9 76657273696f6e0000000000'), 'bitcoin'],
  ['our own holder', ascii('peerway-reply 00ff\n'), 'peerway'],
  ['a vantage', ascii('{"type":"hello","protocol":"peerway-vantage","version":1}\n'), 'peerway'],
  ['VNC', ascii('RFB 003.008\n'), 'vnc'],
  ['nothing', new Uint8Array(0), null],
  ['something else', ascii('hello'), null],
])('%s', (_name, bytes, expected) => expect(classifyGreeting(bytes)).toBe(expected))

test('any bytes are taken', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const name = classifyGreeting(bytes)
      expect(name === null || name.length > 0).toBe(true)
    }),
    PROPERTY_RUNS,
  )
})
