import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FIRST_PACKETS } from '../../../src/wire/first-packet/first-packets.ts'
import { INVERTED, masked, OPENINGS, PROTOCOL_NAMES } from '../../../src/wire/first-packet/protocols.ts'
import { hex } from '../hex.ts'

/** 1, 2, 3, ...: as much of it as a protocol wants. */
const counted = (length: number) => Uint8Array.from({ length }, (_, index) => index + 1)
const openingOf = (name: (typeof PROTOCOL_NAMES)[number]) => {
  const { randomLength, encode } = OPENINGS[name]
  return encode(counted(randomLength))
}
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('openings are written as their protocols say', () => {
  test('libp2p over TCP: the header and the proposal of Noise', () => {
    expect(text(openingOf('multistream'))).toBe('\x13/multistream/1.0.0\n\x07/noise\n')
  })

  test('Noise: the proposal and the first message of XX, an ephemeral key of 32 bytes', () => {
    expect(openingOf('noise')).toEqual(Uint8Array.from([...hex('072f6e6f6973650a 0020'), ...counted(32)]))
  })

  test('WebSocket: the upgrade of RFC 6455', () => {
    const lines = text(openingOf('websocket')).split('\r\n')
    expect(lines[0]).toBe('GET / HTTP/1.1')
    expect(lines).toContain('Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==')
    expect(lines.slice(-2)).toEqual(['', ''])
  })

  test("QUIC: the client Initial of RFC 9001, A.2, by its first and last bytes and its packet's digest", () => {
    const initial = openingOf('quic')
    expect(initial.length).toBe(1200)
    expect(initial.subarray(0, 48)).toEqual(
      hex(`c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11
           d242b123dc9bd8bab936b47d92ec356c`),
    )
    expect(initial.subarray(-32)).toEqual(hex('8b4c8d169a44e55c88d4a9a7f9474241e221af44860018ab0856972e194cd934'))
  })

  test('OpenVPN over TCP: its packet behind its length', () => {
    expect(openingOf('openvpn-tcp')).toEqual(hex('000e 38 0102030405060708 00 00000000'))
  })

  test('WireGuard: a handshake initiation of 148 bytes without mac2', () => {
    const initiation = openingOf('wireguard')
    expect(initiation.length).toBe(148)
    expect(initiation.subarray(0, 8)).toEqual(hex('01000000 01020304'))
    expect(initiation.subarray(-16)).toEqual(new Uint8Array(16))
  })

  test('BitTorrent: the handshake of BEP 3, 68 bytes', () => {
    const handshake = openingOf('bittorrent')
    expect(handshake.length).toBe(68)
    expect(text(handshake.subarray(0, 20))).toBe('\x13BitTorrent protocol')
    expect(text(handshake.subarray(48, 56))).toBe('-TR3000-')
  })

  test('devp2p: an auth message of EIP-8, its length before it', () => {
    const auth = openingOf('devp2p')
    expect(auth[0]! * 256 + auth[1]!).toBe(auth.length - 2)
    expect(auth[2]).toBe(4)
  })

  test('Bitcoin: a version message of mainnet with the checksum of its payload', () => {
    const message = openingOf('bitcoin')
    expect(message.subarray(0, 16)).toEqual(hex('f9beb4d9 76657273696f6e0000000000'))
    const payload = message.subarray(24)
    expect(Buffer.from(message).readUInt32LE(16)).toBe(payload.length)
    const twice = [0, 0].reduce((bytes) => createHash('sha256').update(bytes).digest(), Buffer.from(payload))
    expect(message.subarray(20, 24)).toEqual(new Uint8Array(twice.subarray(0, 4)))
  })
})

describe.each(PROTOCOL_NAMES)('%s', (name) => {
  const { transport, randomLength, encode } = OPENINGS[name]

  test('is one segment or datagram, as long whatever is random in it, and begins alike', () => {
    const [one, other] = [encode(new Uint8Array(randomLength)), encode(new Uint8Array(randomLength).fill(0xa5))]
    expect(one.length).toBe(other.length)
    expect(one.length).toBeLessThanOrEqual(1200)
    expect(one[0]).toBe(other[0])
  })

  test('turned twice it is itself again', () => {
    const bytes = openingOf(name)
    expect(masked(masked(bytes, INVERTED), INVERTED)).toEqual(bytes)
    expect(masked(bytes, 0)).toEqual(bytes)
  })

  test('goes over the transport that its first packet goes over', () => {
    if (FIRST_PACKETS.some((packet) => packet.name === name)) expect(transport).toBe('udp')
  })
})
