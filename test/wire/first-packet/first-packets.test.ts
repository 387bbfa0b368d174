import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bittorrentDht } from '../../../src/wire/first-packet/bittorrent-dht.ts'
import type { FirstPacket } from '../../../src/wire/first-packet/first-packet.ts'
import { FIRST_PACKETS, ROUTER_PACKETS } from '../../../src/wire/first-packet/first-packets.ts'
import { natPmpAddress } from '../../../src/wire/first-packet/nat-pmp-address.ts'
import { openvpn } from '../../../src/wire/first-packet/openvpn.ts'
import { quic } from '../../../src/wire/first-packet/quic.ts'
import { SSDP_SEARCHES } from '../../../src/wire/first-packet/ssdp-search.ts'
import { stunBinding } from '../../../src/wire/first-packet/stun-binding.ts'
import { utp } from '../../../src/wire/first-packet/utp.ts'
import { hex } from '../hex.ts'
import { PROPERTY_RUNS } from '../property.ts'

/** 1, 2, 3, ...: as much of it as a protocol wants. */
const randomOf = (packet: FirstPacket) => Uint8Array.from({ length: packet.randomLength }, (_, index) => index + 1)
const ascii = (text: string) => new TextEncoder().encode(text)

describe('first packets are written as their protocols say', () => {
  test('QUIC: a long header of a greased version, 1200 bytes', () => {
    const datagram = quic.encode(randomOf(quic))
    expect(datagram.length).toBe(1200)
    expect(datagram.subarray(0, 23)).toEqual(hex('c0 0a0a0a0a 08 05060708090a0b0c 08 0d0e0f1011121314'))
    expect(quic.encode(new Uint8Array(20).fill(0xff)).subarray(1, 5)).toEqual(hex('fafafafa'))
  })

  test.each([
    [openvpn, hex('38 0102030405060708 00 00000000')],
    [utp, hex('41 00 0102 03040506 00000000 0000ffff 0001 0000')],
    [stunBinding, hex('0001 0000 2112a442 0102030405060708090a0b0c')],
    [natPmpAddress, hex('00 00')],
  ])('$name', (packet, expected) => expect(packet.encode(randomOf(packet))).toEqual(expected))

  test.each([
    ['a gateway', 0, 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'],
    ['any device', 1, 'upnp:rootdevice'],
  ])('SSDP: a search for %s', (_, index, target) => {
    const lines = [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      `ST: ${target}`,
      'MAN: "ssdp:discover"',
      'MX: 1',
    ]
    const text = new TextDecoder().decode(SSDP_SEARCHES[index]!.encode(new Uint8Array(0)))
    expect(text).toBe(`${lines.join('\r\n')}\r\n\r\n`)
  })

  test('BitTorrent DHT: the ping of BEP 5', () => {
    const random = ascii('abcdefghij0123456789aa')
    const ping = 'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe'
    expect(new TextDecoder().decode(bittorrentDht.encode(random))).toBe(ping)
  })
})

/** Version Negotiation with the ids swapped, offering versions 1 and 2. */
const VERSION_NEGOTIATION = hex('80 00000000 08 0d0e0f1011121314 08 05060708090a0b0c 00000001 6b3343cf')
const OPENVPN_ANSWER = hex('40 a1a2a3a4a5a6a7a8 01 00000000 0102030405060708 00000000')
const UTP_STATE = hex('21 00 0102 00000001 00000002 00100000 0007 0001')
const DHT_ID = '\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14'
const STUN_ERROR = hex('0111 0008 2112a442 0102030405060708090a0b0c 00090004 00000400')

const [searchGateway, searchRoot] = SSDP_SEARCHES as readonly [FirstPacket, FirstPacket]
const SSDP_ANSWER = ascii(
  'HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:8d94::upnp:rootdevice\r\nLOCATION: http://192.168.1.1:5000/d.xml\r\n\r\n',
)
const NAT_PMP_ANSWER = hex('00 80 0000 0000002a 2d435902')

const ANSWERS: readonly (readonly [what: string, packet: FirstPacket, datagram: Uint8Array, isAnswer: boolean])[] = [
  ['Version Negotiation', quic, VERSION_NEGOTIATION, true],
  ['Version Negotiation with other unused bits', quic, VERSION_NEGOTIATION.with(0, 0xff), true],
  ['a short header', quic, VERSION_NEGOTIATION.with(0, 0x40), false],
  ['another version', quic, VERSION_NEGOTIATION.with(4, 1), false],
  ['ids that are not ours', quic, VERSION_NEGOTIATION.with(6, 0xff), false],
  ['a source id that we did not ask for', quic, VERSION_NEGOTIATION.with(15, 0xff), false],
  ['no version at all', quic, VERSION_NEGOTIATION.subarray(0, 23), false],
  ['half a version', quic, VERSION_NEGOTIATION.subarray(0, 29), false],
  ['our own version offered', quic, hex('80 00000000 08 0d0e0f1011121314 08 05060708090a0b0c 0a0a0a0a'), false],
  ['our own packet, reflected', quic, quic.encode(randomOf(quic)), false],
  ['a server hard reset', openvpn, OPENVPN_ANSWER, true],
  ['one that acknowledges nothing', openvpn, hex('40 a1a2a3a4a5a6a7a8 00 00000000'), false],
  ['one for another session', openvpn, OPENVPN_ANSWER.with(14, 0xff), false],
  ['a cut one', openvpn, OPENVPN_ANSWER.subarray(0, 25), false],
  ['another opcode', openvpn, OPENVPN_ANSWER.with(0, 0x20), false],
  ['more acknowledgements than bytes', openvpn, OPENVPN_ANSWER.with(9, 255), false],
  ['our own packet, reflected', openvpn, openvpn.encode(randomOf(openvpn)), false],
  ['a pong', bittorrentDht, ascii(`d1:rd2:id20:${DHT_ID}e1:t2:\x15\x161:y1:re`), true],
  ['an error', bittorrentDht, ascii('d1:eli201e5:Errore1:t2:\x15\x161:y1:ee'), true],
  ['a pong to another ping', bittorrentDht, ascii(`d1:rd2:id20:${DHT_ID}e1:t2:zz1:y1:re`), false],
  ['our own packet, reflected', bittorrentDht, bittorrentDht.encode(randomOf(bittorrentDht)), false],
  ['a STATE', utp, UTP_STATE, true],
  ['a RESET', utp, UTP_STATE.with(0, 0x31), true],
  ['another connection', utp, UTP_STATE.with(3, 9), false],
  ['another version', utp, UTP_STATE.with(0, 0x22), false],
  ['an acknowledgement of something else', utp, UTP_STATE.with(19, 2), false],
  ['a cut header', utp, UTP_STATE.subarray(0, 19), false],
  ['our own packet, reflected', utp, utp.encode(randomOf(utp)), false],
  ['an error response', stunBinding, STUN_ERROR, true],
  ['another transaction', stunBinding, STUN_ERROR.with(19, 0), false],
  ['an external address', natPmpAddress, NAT_PMP_ANSWER, true],
  ['a refusal', natPmpAddress, hex('00 80 0003 0000002a'), true],
  ['a mapping', natPmpAddress, hex('00 81 0000 0000002a 0fa1 0fa1 00000e10'), false],
  ['our own packet, reflected', natPmpAddress, natPmpAddress.encode(new Uint8Array(0)), false],
  ['a device', searchRoot, SSDP_ANSWER, true],
  ['a device, to another question', searchGateway, SSDP_ANSWER, false],
  ['a device that says not where', searchRoot, ascii('HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n'), false],
  ['our own packet, reflected', searchRoot, searchRoot.encode(new Uint8Array(0)), false],
  ['our own packet, reflected', stunBinding, stunBinding.encode(randomOf(stunBinding)), false],
]

describe('answers', () => {
  test.each(ANSWERS)('%s', (what, packet, datagram, isAnswer) => {
    expect([packet.name, what, packet.isAnswer(datagram, randomOf(packet))]).toEqual([packet.name, what, isAnswer])
  })

  const all = [...FIRST_PACKETS, natPmpAddress, searchRoot]
  test.each(all)('$name takes any bytes and throws on none', (packet) => {
    const random = randomOf(packet)
    const good = ANSWERS.filter(([, owner, , isAnswer]) => owner === packet && isAnswer).map(
      ([, , datagram]) => datagram,
    )
    const cut = fc
      .tuple(fc.constantFrom(...good), fc.nat())
      .map(([datagram, at]) => datagram.subarray(0, at % datagram.length))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), cut), (datagram) => {
        expect(typeof packet.isAnswer(datagram, random)).toBe('boolean')
      }),
      PROPERTY_RUNS,
    )
  })
})

test('all first packets of one round fit into the byte budget of a dial', () => {
  for (const packets of [FIRST_PACKETS, ...Object.values(ROUTER_PACKETS)]) {
    const bytes = packets.reduce((sum, packet) => sum + packet.encode(randomOf(packet)).length, 0)
    expect(bytes * 6).toBeLessThanOrEqual(12_000)
  }
})
