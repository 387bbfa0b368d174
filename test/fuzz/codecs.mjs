import { decodeReply, decodeRequest, encodeReply, encodeRequest, idOfBadLine } from '../../dist/wire/control/codec.js'
import { LineSplitter } from '../../dist/wire/control/line-splitter.js'
import { encodeDnsQuery, isDnsAnswer } from '../../dist/wire/dns/dns-query.js'
import {
  decodeContainerInspection,
  decodeContainerList,
  decodeNetworkDrivers,
} from '../../dist/wire/docker/containers.js'
import { decodeContainerLog } from '../../dist/wire/docker/log.js'
import { classifyGreeting } from '../../dist/wire/first-packet/classify-greeting.js'
import { FIRST_PACKETS, ROUTER_PACKETS } from '../../dist/wire/first-packet/first-packets.js'
import { MULTISTREAM_HEADER } from '../../dist/wire/first-packet/multistream.js'
import { HttpMessageReader } from '../../dist/wire/http1/message-reader.js'
import { encodeHttpRequest } from '../../dist/wire/http1/request.js'
import { encodeHttpResponse } from '../../dist/wire/http1/response.js'
import { HttpResponseReader } from '../../dist/wire/http1/response-reader.js'
import { decodeDescription, encodeDescription } from '../../dist/wire/igd/description.js'
import { parseLocation, resolveLocation } from '../../dist/wire/igd/location.js'
import { FIREWALL_SERVICE, WAN_SERVICES } from '../../dist/wire/igd/services.js'
import {
  decodeSoapCall,
  decodeSoapReply,
  encodeSoapCall,
  encodeSoapFault,
  encodeSoapReturn,
} from '../../dist/wire/igd/soap.js'
import {
  decodeNatPmpRequest,
  decodeNatPmpResponse,
  encodeNatPmpRequest,
  encodeNatPmpResponse,
} from '../../dist/wire/nat-pmp/message.js'
import {
  answersRequest,
  decodePcpAnswer,
  decodePcpRequest,
  encodePcpRequest,
  encodePcpResponse,
} from '../../dist/wire/pcp/message.js'
import { decodeAnswer, decodeSearch, encodeAnswer, encodeSearch } from '../../dist/wire/ssdp/ssdp.js'
import { answerStun } from '../../dist/wire/stun/answer.js'
import { appendFingerprint } from '../../dist/wire/stun/fingerprint.js'
import { decodeStunHeader } from '../../dist/wire/stun/header.js'
import { appendIntegrity, verifyIntegrity } from '../../dist/wire/stun/integrity.js'
import { decodeStunMessage, encodeStunMessage } from '../../dist/wire/stun/message.js'
import { StunTransaction } from '../../dist/wire/stun/transaction.js'

/**
 * What is fuzzed: a row for each decoder. `corpus` are valid inputs, `large` some that are as long as they may be (each
 * used once in a thousand inputs, for they are slow to make). `decode` takes any bytes and must throw on none.
 *
 * @typedef {{ name: string, corpus: Uint8Array[], large?: Uint8Array[], decode: (bytes: Uint8Array) => unknown }} Codec
 */

const hex = (text) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))
const ascii = (text) => Uint8Array.from(Buffer.from(text, 'latin1'))
const counting = (length) => Uint8Array.from({ length }, (_, index) => index + 1)

const DOCKER_CONTAINER = {
  Id: '81'.repeat(32),
  Names: ['/node'],
  Image: 'kubo:1',
  Labels: { 'com.docker.compose.service': 'node' },
  Ports: [{ IP: '::', PrivatePort: 1, PublicPort: 2, Type: 'udp' }],
  HostConfig: { NetworkMode: 'default' },
  NetworkSettings: { Networks: { bridge: { NetworkID: 'e04f', IPAddress: '172.17.0.2', Gateway: '172.17.0.1' } } },
}
const DOCKER_ANSWERS = [[DOCKER_CONTAINER], { State: { Pid: 812 } }, [{ Id: 'e04f', Driver: 'bridge' }]].map((answer) =>
  ascii(JSON.stringify(answer)),
)

/** One decoder a row, as one body has one reader: failed JSON leaves V8 more to collect than anything else here. */
function docker(name, decode) {
  const large = [ascii(JSON.stringify(new Array(100).fill(DOCKER_CONTAINER)))]
  return {
    name: `docker ${name}`,
    corpus: DOCKER_ANSWERS,
    large,
    decode: (bytes) => decode(Buffer.from(bytes).toString('utf8')),
  }
}

const key = ascii('VOkJxbRl1RmTxUk/WvJxBt')
const v4 = { address: '192.0.2.1', port: 3478 }
const v6 = { address: '2001:db8::1', port: 3479 }
const modernId = counting(12)
const legacyId = counting(16)

const stun = (messageClass, attributes, transactionId = modernId) =>
  encodeStunMessage({ messageClass, method: 1, transactionId, attributes })
const unknown = (type, length) => ({ name: 'unknown', type, value: new Uint8Array(length) })

const REQUEST = stun('request', [
  { name: 'CHANGE-REQUEST', value: { address: true, port: true } },
  { name: 'PADDING', value: 32 },
  { name: 'SOFTWARE', value: 'fuzz' },
])
const SUCCESS = stun('success', [
  { name: 'XOR-MAPPED-ADDRESS', value: v6 },
  { name: 'MAPPED-ADDRESS', value: v4 },
  { name: 'RESPONSE-ORIGIN', value: v4 },
  { name: 'OTHER-ADDRESS', value: v6 },
  { name: 'ALTERNATE-SERVER', value: v4 },
])
const ERROR = stun('error', [
  { name: 'ERROR-CODE', value: { code: 420, reason: 'Unknown Attribute' } },
  { name: 'UNKNOWN-ATTRIBUTES', value: [3, 0x7fee] },
])
const STUN_CORPUS = [
  REQUEST,
  SUCCESS,
  ERROR,
  stun('request', [{ name: 'RESPONSE-PORT', value: 40001 }, unknown(0x7fee, 5)]),
  stun('request', [{ name: 'CHANGE-REQUEST', value: { address: false, port: false } }], legacyId),
  stun(
    'success',
    [
      { name: 'CHANGED-ADDRESS', value: v4 },
      { name: 'SOURCE-ADDRESS', value: v4 },
    ],
    legacyId,
  ),
  appendFingerprint(REQUEST),
  appendIntegrity(SUCCESS, 'sha1', key),
  appendFingerprint(appendIntegrity(appendIntegrity(REQUEST, 'sha1', key), 'sha256', key)),
]
const STUN_LARGE = [
  stun(
    'request',
    Array.from({ length: 16_300 }, (_, index) => unknown(0x4000 + (index % 0x3fff), 0)),
  ),
  stun('error', [{ name: 'UNKNOWN-ATTRIBUTES', value: Array.from({ length: 32_000 }, (_, index) => index) }]),
  stun(
    'request',
    Array.from({ length: 80 }, () => ({ name: 'SOFTWARE', value: 'x'.repeat(763) })),
  ),
  appendFingerprint(stun('request', [{ name: 'PADDING', value: 65_000 }])),
]

const SERVERS = [
  { addresses: ['192.0.2.1', '192.0.2.2'], ports: [3478, 3479] },
  { addresses: ['2001:db8::1'], ports: [3478] },
]

/** One well-formed answer to each first packet when its random bytes are 1, 2, 3, ... */
const FIRST_PACKET_ANSWERS = {
  quic: hex('80 00000000 08 0d0e0f1011121314 08 05060708090a0b0c 00000001 6b3343cf'),
  openvpn: hex('40 a1a2a3a4a5a6a7a8 01 00000000 0102030405060708 00000000'),
  'bittorrent-dht': ascii('d1:rd2:id20:abcdefghij0123456789e1:t2:\x15\x161:y1:re'),
  utp: hex('21 00 0102 00000001 00000002 00100000 0007 0001'),
  stun: SUCCESS,
  'nat-pmp': hex('00 80 0000 0000002a 2d435902'),
  ssdp: encodeAnswer({
    target: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
    location: 'http://192.0.2.1:5000/a.xml',
    name: 'uuid:x',
    server: 'fuzz',
  }),
}

const PCP_MAPPING = {
  nonce: counting(12),
  protocol: 17,
  internalPort: 4001,
  external: { address: '192.0.2.1', port: 4001 },
}
const PCP_OPERATIONS = [
  { opcode: 'ANNOUNCE' },
  { opcode: 'MAP', mapping: PCP_MAPPING },
  { opcode: 'PEER', mapping: PCP_MAPPING, remote: v6 },
]
const PCP_OPTIONS = [
  { name: 'THIRD_PARTY', value: '192.0.2.7' },
  { name: 'PREFER_FAILURE', value: true },
  { name: 'FILTER', value: { prefixLength: 128, remotePort: 0, remote: '2001:db8::1' } },
  { name: 'unknown', code: 200, value: counting(5) },
]
const PCP_CORPUS = PCP_OPERATIONS.flatMap((operation) => {
  const common = { operation, lifetimeSeconds: 3600, options: PCP_OPTIONS }
  return [
    encodePcpRequest({ ...common, client: '192.0.2.9' }),
    encodePcpResponse({ ...common, resultCode: 0, epochSeconds: 7 }),
  ]
})
const PCP_LARGE = [
  Uint8Array.from({ length: 1100 }, (_, index) => (index < 2 ? 2 - index : 0)),
  new Uint8Array(65_507).fill(0x82),
]

const NAT_PMP_PORTS = { internalPort: 4001, externalPort: 4001, lifetimeSeconds: 3600 }
const NAT_PMP_CORPUS = [
  encodeNatPmpRequest({ operation: 'external-address' }),
  encodeNatPmpRequest({ operation: 'udp', ...NAT_PMP_PORTS }),
  encodeNatPmpResponse({
    operation: 'external-address',
    resultCode: 0,
    epochSeconds: 7,
    externalAddress: '192.0.2.1',
  }),
  encodeNatPmpResponse({ operation: 'tcp', resultCode: 0, epochSeconds: 7, ...NAT_PMP_PORTS }),
  encodeNatPmpResponse({ operation: 'tcp', resultCode: 2, epochSeconds: 7, internalPort: 4001 }),
]

const DNS_QUERY = encodeDnsQuery({ id: 0x0102, name: 'example.org', type: 'A' })

const CONTROL_REQUESTS = [
  { type: 'hello', protocol: 'peerway-vantage', version: 1, software: 'peerway 0.1.0' },
  {
    type: 'dial',
    id: 1,
    transport: 'udp',
    port: 4001,
    from: '192.0.2.2',
    via: v6,
    payload: { kind: 'nonce', nonce: counting(16) },
    rttMs: 40.5,
    holdMs: 3000,
  },
  {
    type: 'dial',
    id: 2,
    transport: 'tcp',
    port: 5000,
    from: null,
    via: null,
    payload: { kind: 'description', path: '/rootDesc.xml' },
    rttMs: 0,
    holdMs: 0,
  },
  { type: 'echo', id: 6, maxTtl: 16, rttMs: 40 },
  { type: 'open', id: 7, tcp: [80, 443], udp: [53], returns: null },
  { type: 'open', id: 7, tcp: [4001], udp: [], returns: 'inverted' },
  { type: 'release', id: 5 },
  {
    type: 'dial',
    id: 9,
    transport: 'tcp',
    port: 4001,
    from: null,
    via: null,
    payload: { kind: 'protocol', protocol: 'multistream', mask: 255 },
    rttMs: 1,
    holdMs: 0,
  },
].map((message) => encodeRequest(message))
const CONTROL_REPLIES = [
  { type: 'connected', id: 1, source: v4 },
  { type: 'echoed', id: 6, hops: [{ ttl: 1, answer: 'silent', address: null, rttMs: null }] },
  { type: 'arrived', id: 8, ports: [{ transport: 'tcp', port: 80, count: 3 }], flows: null },
  {
    type: 'arrived',
    id: 8,
    ports: [],
    flows: [{ transport: 'tcp', port: 80, head: counting(8), count: 3, bytes: 28 }],
  },
  { type: 'error', id: null, code: 'too-many-requests', message: 'slow down', retryAfterMs: 100 },
].map((message) => encodeReply(message))
const CONTROL_LARGE = [
  ascii('['.repeat(8192)),
  ascii(`${'{"a":'.repeat(1600)}1${'}'.repeat(1600)}`.slice(0, 8192)),
  ascii(`{"type":"open","id":1,"tcp":[${'80,'.repeat(2700)}80]}`),
  new Uint8Array(65_507).fill(0x20),
]

const IGD_TARGET = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'
const SSDP_CORPUS = [
  encodeSearch({ target: IGD_TARGET, maxWaitSeconds: 1 }, { address: '239.255.255.250', port: 1900 }),
  encodeAnswer({ target: IGD_TARGET, location: 'http://192.0.2.1:5000/a.xml', name: 'uuid:x', server: 'fuzz' }),
]
const DESCRIPTION = encodeDescription(
  2,
  {
    model: 'fuzz',
    services: [
      { service: WAN_SERVICES[0], controlUrl: '/a' },
      { service: FIREWALL_SERVICE, controlUrl: 'http://192.0.2.1/b' },
    ],
  },
  'x',
)
const SOAP_CORPUS = [
  encodeSoapCall(WAN_SERVICES[0], 'X', [
    ['A', '1'],
    ['B', '<&>'],
  ]),
  encodeSoapReturn(WAN_SERVICES[0], 'X', [['A', '']]),
  encodeSoapFault(718, 'fuzz'),
]
const XML_LARGE = [
  ascii(`<root>${'<a>'.repeat(20_000)}`),
  ascii(`<root><device>${'<a/>'.repeat(16_000)}</device></root>`),
  ascii(`<root ${Array.from({ length: 6000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
  ascii(`<root>${'&amp;'.repeat(13_000)}</root>`),
  ascii(`<${'a'.repeat(65_000)}/>`),
]
const CHUNKED = ascii('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n')
const HTTP_CORPUS = [
  encodeHttpResponse(200, 'OK', [['A', 'b']], ascii('hello')),
  CHUNKED,
  ascii('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 Oops\r\n\r\nhello'),
  encodeHttpRequest({ method: 'POST', path: '/a', to: v4, body: ascii('hello') }),
]
const HTTP_LARGE = [
  ascii(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(10_000)}`),
  ascii(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(10_000)}`),
  ascii('HTTP/1.1 100 x\r\n\r\n'.repeat(3500)),
  new Uint8Array(65_507).fill(0x0a),
]

/** @type {readonly Codec[]} */
export const CODECS = [
  { name: 'stun header', corpus: STUN_CORPUS, decode: decodeStunHeader },
  { name: 'stun message', corpus: STUN_CORPUS, large: STUN_LARGE, decode: decodeStunMessage },
  {
    name: 'stun integrity',
    corpus: STUN_CORPUS,
    large: STUN_LARGE,
    decode: (bytes) => [verifyIntegrity(bytes, 'sha1', key), verifyIntegrity(bytes, 'sha256', key)],
  },
  {
    name: 'stun server',
    corpus: STUN_CORPUS,
    large: STUN_LARGE,
    decode(bytes) {
      const request = decodeStunMessage(bytes)
      if (!request.ok) return
      for (const server of SERVERS) answerStun(request.value, { from: v4, at: { address: 0, port: 0 } }, server)
    },
  },
  {
    name: 'stun transaction',
    corpus: STUN_CORPUS,
    large: STUN_LARGE,
    decode(bytes) {
      const request = { messageClass: 'request', method: 1, transactionId: modernId, attributes: [] }
      const transaction = new StunTransaction(request, { rttMs: null })
      transaction.step({ kind: 'start' }, 0)
      return transaction.step({ kind: 'datagram', data: bytes, from: v4 }, 10)
    },
  },
  ...[...FIRST_PACKETS, ROUTER_PACKETS['nat-pmp'][0], ROUTER_PACKETS.ssdp[0]].map((packet) => {
    const random = counting(packet.randomLength)
    return {
      name: `first packet ${packet.name}`,
      corpus: [FIRST_PACKET_ANSWERS[packet.name], packet.encode(random)],
      large: [new Uint8Array(65_507)],
      decode: (bytes) => packet.isAnswer(bytes, random),
    }
  }),
  {
    name: 'greeting',
    corpus: [MULTISTREAM_HEADER, ascii('220 mail ESMTP\r\n'), ascii('SSH-2.0-x\r\n'), hex('f9beb4d976657273696f6e')],
    large: [new Uint8Array(65_507)],
    decode: classifyGreeting,
  },
  {
    name: 'dns answer',
    corpus: [DNS_QUERY.with(2, 0x81), DNS_QUERY],
    large: [new Uint8Array(65_507)],
    decode: (bytes) => isDnsAnswer(bytes, DNS_QUERY),
  },
  { name: 'pcp request', corpus: PCP_CORPUS, large: PCP_LARGE, decode: decodePcpRequest },
  {
    name: 'pcp answer',
    corpus: PCP_CORPUS,
    large: PCP_LARGE,
    decode(bytes) {
      const answer = decodePcpAnswer(bytes)
      const asked = { operation: PCP_OPERATIONS[1], lifetimeSeconds: 3600, client: '192.0.2.9', options: [] }
      if (answer.ok && answer.value.kind === 'response') answersRequest(answer.value.response, asked)
    },
  },
  { name: 'nat-pmp request', corpus: NAT_PMP_CORPUS, large: PCP_LARGE, decode: decodeNatPmpRequest },
  { name: 'nat-pmp answer', corpus: NAT_PMP_CORPUS, large: PCP_LARGE, decode: decodeNatPmpResponse },
  { name: 'control request', corpus: CONTROL_REQUESTS, large: CONTROL_LARGE, decode: decodeRequest },
  { name: 'control reply', corpus: CONTROL_REPLIES, large: CONTROL_LARGE, decode: decodeReply },
  { name: 'control bad line', corpus: CONTROL_REQUESTS, large: CONTROL_LARGE, decode: idOfBadLine },
  {
    name: 'control lines',
    corpus: [...CONTROL_REQUESTS, ascii('{}\n{}\n\n')],
    large: CONTROL_LARGE,
    decode(bytes) {
      const lines = new LineSplitter()
      lines.push(bytes.subarray(0, bytes.length >> 1))
      lines.push(bytes.subarray(bytes.length >> 1))
      while (typeof lines.next() !== 'string') {}
    },
  },
  docker('containers', decodeContainerList),
  docker('inspection', decodeContainerInspection),
  docker('networks', decodeNetworkDrivers),
  {
    name: 'docker log',
    corpus: [
      ascii('\x01\0\0\0\0\0\0\x0chello there\n\x02\0\0\0\0\0\0\x06 oops\n'),
      ascii('2022-12-14 [Parachain] Idle (50 peers), best: #1\r\n\x1b[2mSwarm\x1b[0m listening\n'),
    ],
    large: [ascii('\x01\0\0\0\0\0\0\x02a\n'.repeat(6500)), ascii('\x1b['.repeat(32_000))],
    decode: (bytes) => decodeContainerLog(Buffer.from(bytes).toString('utf8')),
  },
  { name: 'ssdp answer', corpus: SSDP_CORPUS, large: HTTP_LARGE, decode: decodeAnswer },
  { name: 'ssdp search', corpus: SSDP_CORPUS, large: HTTP_LARGE, decode: decodeSearch },
  { name: 'igd description', corpus: [DESCRIPTION], large: XML_LARGE, decode: decodeDescription },
  {
    name: 'igd soap',
    corpus: SOAP_CORPUS,
    large: XML_LARGE,
    decode: (bytes) => [decodeSoapCall(bytes), decodeSoapReply(bytes, 'X')],
  },
  {
    name: 'igd location',
    corpus: ['http://192.0.2.1:5000/a/b', '//[2001:db8::1]/a?b#c', 'a/b'].map(ascii),
    large: [ascii(`http://192.0.2.1/${'/'.repeat(65_000)}`)],
    decode(bytes) {
      const text = Buffer.from(bytes).toString('latin1')
      return [parseLocation(text), resolveLocation(text, { ...v4, path: '/a/b' })]
    },
  },
  {
    name: 'http message',
    corpus: HTTP_CORPUS,
    large: HTTP_LARGE,
    decode(bytes) {
      for (const reader of [new HttpResponseReader(), new HttpMessageReader({ untilClosed: false })]) {
        reader.push(bytes.subarray(0, bytes.length >> 1))
        reader.push(bytes.subarray(bytes.length >> 1))
        reader.end()
      }
    },
  },
]
