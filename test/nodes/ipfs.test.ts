import { describe, expect, test } from 'vitest'
import {
  ipfs,
  readAdminPorts,
  readAutonat,
  readConnectionRange,
  readKuboAddresses,
  readKuboPeers,
  readListeningPorts,
} from '../../src/nodes/ipfs.ts'
import { NodePlace } from '../../src/nodes/place.ts'
import { answeringHost } from './answering-host.ts'

const RANGE = { min: 32, max: 96 }
const PEER = { Peer: '12D3KooW', Latency: '', Muxer: '', Streams: null }

describe('peers', () => {
  test.each([
    ['none', { Peers: null }, { peers: 0, inbound: 0, inboundFrom: [] }],
    [
      'one that came in and one that was dialled',
      {
        Peers: [
          { ...PEER, Addr: '/ip4/198.51.100.7/tcp/40000', Direction: 1 },
          { ...PEER, Addr: '/ip4/198.51.100.8/tcp/4001', Direction: 2 },
        ],
      },
      { peers: 2, inbound: 1, inboundFrom: [{ transport: 'tcp', address: '198.51.100.7' }] },
    ],
    [
      'one that came by a relay: it did not dial this host',
      { Peers: [{ ...PEER, Addr: '/ip4/198.51.100.9/udp/4001/quic-v1/p2p/12D3KooR/p2p-circuit', Direction: 1 }] },
      { peers: 1, inbound: 1, inboundFrom: [] },
    ],
    [
      'of an old Kubo, which does not tell who dialled',
      { Peers: [{ ...PEER, Addr: '/ip4/198.51.100.7/tcp/40000' }] },
      { peers: 1, inbound: null, inboundFrom: null },
    ],
  ])('%s', (_, json, expected) => {
    expect(readKuboPeers(json, RANGE)).toMatchObject({ ...expected, wanted: RANGE, from: 'api' })
  })

  test.each([undefined, null, [], 'x', { Peers: 'x' }, { Message: 'no' }])('%j is no answer', (json) => {
    expect(readKuboPeers(json, RANGE)).toBeUndefined()
  })
})

test.each([
  [{}, { min: 32, max: 96 }],
  [{ Swarm: { ConnMgr: { LowWater: 20, HighWater: 40 } } }, { min: 20, max: 40 }],
  [{ Swarm: { ConnMgr: { LowWater: 'x', HighWater: -1 } } }, { min: 32, max: 96 }],
])('of %j so many peers are usual', (config, range) => {
  expect(readConnectionRange(config)).toEqual(range)
})

test('the ports are those that it listens on, loopback and relays left out', () => {
  const Strings = [
    '/ip4/127.0.0.1/tcp/4011',
    '/ip4/192.168.1.10/tcp/4001',
    '/ip4/192.168.1.10/udp/4001/quic-v1',
    '/ip4/192.168.1.10/udp/4001/quic-v1/webtransport/certhash/u',
    '/ip6/2001:db8::10/tcp/4001',
    '/p2p-circuit',
  ]
  expect(readListeningPorts({ Strings })).toEqual([
    { transport: 'tcp', port: 4001 },
    { transport: 'udp', port: 4001 },
  ])
  expect(readListeningPorts({ Strings: [] })).toBeNull()
  expect(readListeningPorts('x')).toBeNull()
})

test('what it announces now, and what its settings will make it announce', () => {
  const id = {
    ID: '12D3',
    Addresses: ['/ip4/192.168.1.10/tcp/4001/p2p/12D3', '/ip4/192.168.1.10/tcp/4001/ws/p2p/12D3'],
  }
  const config = { Addresses: { Announce: null, AppendAnnounce: ['/ip4/203.0.113.7/tcp/4001'], NoAnnounce: [] } }
  const here = { transport: 'tcp', address: '192.168.1.10', port: 4001, name: null, isDirect: true }
  expect(readKuboAddresses(id, config)).toEqual({
    announced: [here],
    configured: [{ ...here, address: '203.0.113.7' }],
    isComplete: true,
  })
  expect(readKuboAddresses(id, undefined)).toMatchObject({ configured: null })
  expect(readKuboAddresses({ Message: 'no' }, config)).toBeNull()
})

test.each([
  ['without a word, as before 0.40', { Message: 'unknown command' }, []],
  ['unknown', { reachability: 'Unknown' }, [{ transport: null, family: null, answer: 'unknown', words: 'Unknown' }]],
  [
    'private, and why',
    { reachability: 'Private', nat: 'cgnat' },
    [{ transport: null, family: null, answer: 'no', words: 'Private, cgnat' }],
  ],
  [
    'each transport by itself',
    {
      reachability: 'Public',
      reachable: ['/ip4/203.0.113.7/tcp/4001', '/ip4/203.0.113.7/tcp/4001/ws'],
      unreachable: ['/ip4/203.0.113.7/udp/4001/quic-v1'],
    },
    [
      { transport: null, family: null, answer: 'yes', words: 'Public' },
      { transport: 'tcp', family: 'ipv4', answer: 'yes', words: 'reachable' },
      { transport: 'udp', family: 'ipv4', answer: 'no', words: 'unreachable' },
    ],
  ],
])('its own opinion: %s', (_, json, opinions) => {
  expect(readAutonat(json)).toEqual(opinions)
})

test('ports of administration may be written as a text or a list, or be a unix socket', () => {
  const of = (API: unknown, Gateway: unknown) => readAdminPorts({ Addresses: { API, Gateway } })
  expect(of('/ip4/127.0.0.1/tcp/5001', ['/ip4/0.0.0.0/tcp/8080', '/ip6/::/tcp/8081'])).toEqual([
    { port: 5001, service: 'rpc' },
    { port: 8080, service: 'gateway' },
    { port: 8081, service: 'gateway' },
  ])
  expect(of('/unix/run/ipfs.sock', null)).toEqual([])
})

describe('asked', () => {
  const sockets = [4001, 5002].map(
    (port) => ({ transport: 'tcp', address: '0.0.0.0', port, families: ['ipv4'] }) as const,
  )
  const place = (host: ReturnType<typeof answeringHost>) => new NodePlace({ host, pid: 1, container: null, sockets })
  const VERSION = { body: '{"Version":"0.42.0","Golang":"go1.26.8"}' }

  test('it is found at another port than the usual, and what it does not answer is not known', async () => {
    const host = answeringHost({
      answers: {
        '127.0.0.1:4001': () => ({ status: 400, body: '' }),
        '127.0.0.1:5002': (line) => (line.endsWith('/version') ? VERSION : { status: 500, body: '{"Message":"no"}' }),
      },
    })
    expect(await ipfs.ask(place(host))).toEqual({
      access: 'answered',
      asked: 'http://127.0.0.1:5002/api/v0/',
      version: '0.42.0',
      ports: null,
      onDemand: null,
      clients: null,
      adminPorts: [],
      peers: [],
      addresses: null,
      opinions: [],
    })
    expect(host.asked.every((line) => line.includes(' POST '))).toBe(true)
  })

  test.each([
    ['wants a password', { status: 403, body: '' }, 'refused'],
    ['says nothing', null, 'silent'],
    ['says nonsense', { body: '<html>' }, 'unreadable'],
    ['is another program', { body: '{"Version":"1"}' }, 'unreadable'],
  ])('whoever %s', async (_, answer, access) => {
    const host = answeringHost({ answers: { '127.0.0.1:5002': () => answer } })
    const only = new NodePlace({ host, pid: 1, container: null, sockets: sockets.slice(1) })
    expect(await ipfs.ask(only)).toMatchObject({ access, asked: null, version: null })
  })
})
