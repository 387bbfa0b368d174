import { expect, test } from 'vitest'
import { parseMultiaddr } from '../../src/nodes/multiaddr.ts'

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
