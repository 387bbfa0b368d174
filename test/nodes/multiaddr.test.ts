import { expect, test } from 'vitest'
import { libp2pAt } from '../../src/nodes/libp2p.ts'
import { parseMultiaddr } from '../../src/nodes/multiaddr.ts'
import { type GivenMultiaddr, parseGivenMultiaddr } from '../../src/nodes/multiaddr-given.ts'

const DIRECT = { isDirect: true, name: null }

test.each([
  ['/ip4/203.0.113.7/tcp/4001', { ...DIRECT, transport: 'tcp', address: '203.0.113.7', port: 4001 }],
  ['/ip4/203.0.113.7/tcp/30333/ws/p2p/12D3KooW', { ...DIRECT, transport: 'tcp', address: '203.0.113.7', port: 30333 }],
  [
    '/ip6/2001:DB8::1/udp/4001/quic-v1/webtransport',
    { ...DIRECT, transport: 'udp', address: '2001:db8::1', port: 4001 },
  ],
  [
    '/dns4/node.example/tcp/443/wss',
    { isDirect: true, address: null, name: 'node.example', transport: 'tcp', port: 443 },
  ],
  [
    '/ip4/198.51.100.9/udp/4001/quic-v1/p2p/12D3KooW/p2p-circuit',
    { ...DIRECT, isDirect: false, transport: 'udp', address: '198.51.100.9', port: 4001 },
  ],
])('%s', (text, place) => {
  expect(parseMultiaddr(text)).toEqual(place)
})

test.each([
  '',
  '/',
  '/p2p-circuit',
  '/ip4/203.0.113.7',
  '/ip4/203.0.113.7/sctp/4001',
  '/ip4/203.0.113.7/tcp/0',
  '/ip4/203.0.113.7/tcp/70000',
  '/ip4/2001:db8::1/tcp/4001',
  '/ip6/203.0.113.7/tcp/4001',
  '/ip4/999.0.113.7/tcp/4001',
  '/dns4/a b/tcp/4001',
  '/onion3/abc:9001/tcp/1',
  'x/ip4/203.0.113.7/tcp/4001',
  `/dns4/${'a'.repeat(2000)}/tcp/1`,
])('%j is no place to dial', (text) => {
  expect(parseMultiaddr(text)).toBeUndefined()
})

const PEER = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'

test.each([
  ['/ip4/203.0.113.7/tcp/4001', 'multistream'],
  [`/ip4/203.0.113.7/tcp/4001/p2p/${PEER}`, 'multistream'],
  ['/ip6/2001:db8::1/tcp/30333/ws', 'websocket'],
  [`/dns4/node.example/tcp/443/wss/p2p/${PEER}`, null],
  ['/dnsaddr/node.example/tcp/443/tls/sni/x.libp2p.direct/ws', null],
  ['/dns/node.example/tcp/443/tls/ws', null],
  ['/ip4/203.0.113.7/udp/4001/quic-v1', 'quic'],
  ['/ip4/203.0.113.7/udp/4001/quic', 'quic'],
  ['/ip4/203.0.113.7/udp/4001/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ', 'quic'],
  ['/ip4/203.0.113.7/udp/4001/webrtc-direct', null],
])('%s is understood to its end', (text, protocol) => {
  expect(parseGivenMultiaddr(text)).toEqual({ place: parseMultiaddr(text), protocol })
})

test.each([
  ['/ip4/203.0.113.7', 'no-place'],
  ['4001', 'no-place'],
  ['/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWRelay/p2p-circuit', 'relayed'],
  ['/ip4/203.0.113.7/udp/4001', { part: '/udp/4001' }],
  ['/ip4/203.0.113.7/tcp/4001/', { part: '/' }],
  ['/ip4/203.0.113.7/tcp/4001/quic-v1', { part: '/quic-v1' }],
  ['/ip4/203.0.113.7/udp/4001/ws', { part: '/ws' }],
  ['/ip4/203.0.113.7/tcp/4001/p2p/no', { part: '/p2p/no' }],
  ['/ip4/203.0.113.7/tcp/4001/http', { part: '/http' }],
  ['/ip4/203.0.113.7/tcp/4001/ws\n', { part: '/ws\n' }],
])('%j is not', (text, fault) => {
  expect(parseGivenMultiaddr(text)).toEqual(fault)
})

test('what a libp2p node tells its peers says which ports, and what is spoken there', () => {
  const given = ['/ip4/203.0.113.7/tcp/4001', '/ip6/2001:db8::1/tcp/4001', '/ip4/203.0.113.7/udp/4001/quic-v1']
  const kind = libp2pAt(given.map((text) => parseGivenMultiaddr(text) as GivenMultiaddr))
  expect(kind).toMatchObject({
    name: 'libp2p',
    ports: [
      { transport: 'tcp', port: 4001 },
      { transport: 'udp', port: 4001 },
    ],
    protocols: ['multistream', 'quic'],
    known: { addresses: { isComplete: true } },
  })
})
