import { describe, expect, test } from 'vitest'
import { khala } from '../../src/nodes/phala.ts'
import { NodePlace } from '../../src/nodes/place.ts'
import {
  externalInLog,
  outboundQuotas,
  peersInLog,
  publicAddressFlags,
  readCameIn,
  readConnected,
  readHealth,
  substrate,
} from '../../src/nodes/substrate.ts'
import { answeringHost } from './answering-host.ts'
import { CONTAINER } from './find-nodes.test.ts'

/** Lines of real nodes (Phala-Network/phala-blockchain issue 1070, khala-parachain issue 319, polkadot-sdk). */
const LOG = [
  '2022-12-14 12:35:29 [Relaychain] 💤 Idle (48 peers), best: #15744464 (0xcbef…5306), finalized #15744460 (0x8a5b…a66e), ⬇ 400.9kiB/s ⬆ 335.2kiB/s',
  '2022-12-14 12:35:30 [Parachain] 💤 Idle (50 peers), best: #2903684 (0xbca6…ff25), finalized #2903683 (0xfe11…3caa), ⬇ 64.6kiB/s ⬆ 40.4kiB/s',
  '2024-01-25 13:01:03 [Relaychain] ⚙️  Syncing 263.0 bps, target=#8900480 (10 peers), best: #5257 (0xa03a…44d2), finalized #5120 (0x141b…4f75), ⬇ 954.8kiB/s ⬆ 37.0kiB/s',
  '2024-01-25 13:01:03 [Parachain] 💤 Idle (0 peers), best: #0 (0x2c0c…b6bf), finalized #0 (0x2c0c…b6bf), ⬇ 0 ⬆ 0',
]

describe('peers by the log', () => {
  test.each([
    ['the last line of a half counts', LOG, 'Relaychain', 10],
    ['each half has its own', LOG, 'Parachain', 0],
    ['a compose file puts the name of its service first', [`phala-node             | ${LOG[1]}`], 'Parachain', 50],
    ['emoji are missing in copies', ['[Parachain] Idle (7 peers), best: #1'], 'Parachain', 7],
    [
      'a chain by itself has no prefix',
      ['2023-12-22 14:21:35 ⏩ Warping, Downloading state, 2.74 Mib (56 peers), best: #0 (0x2f05…6c03)'],
      null,
      56,
    ],
    ['lines of a half are not those of a chain by itself', LOG, null, null],
    ['others speak of peers too', ['Report 0xab: -10 to -5. Reason: (9 peers)'], null, null],
    ['no line', [], null, null],
  ])('%s', (_, lines, half, peers) => {
    expect(peersInLog(lines, half)).toBe(peers)
  })
})

test('addresses by the log, less those that expired', () => {
  const lines = [
    '🔍 Discovered new external address for our node: /ip4/203.0.113.7/tcp/30333/ws/p2p/12D3KooW',
    '🔍 Discovered new external address for our node: /ip4/203.0.113.8/tcp/30333/ws/p2p/12D3KooW',
    '🔍 Expired external address for our node: /ip4/203.0.113.7/tcp/30333/ws/p2p/12D3KooW',
  ]
  expect(externalInLog(lines)).toEqual(['/ip4/203.0.113.8/tcp/30333/ws/p2p/12D3KooW'])
})

test.each([
  [{ result: { peers: 50, isSyncing: false, shouldHavePeers: true } }, 50],
  [{ result: { peers: -1 } }, null],
  [{ error: { code: -32601, message: 'no' } }, null],
  ['x', null],
])('health %j', (json, peers) => {
  expect(readHealth(json)).toBe(peers)
})

test('who came in, where the node trusts the asker', () => {
  const state = {
    connectedPeers: {
      '12D3a': {
        endpoint: {
          listening: { local_addr: '/ip4/192.168.1.10/tcp/30333/ws', send_back_addr: '/ip4/198.51.100.7/tcp/40000/ws' },
        },
      },
      '12D3b': { endpoint: { dialing: ['/ip4/198.51.100.8/tcp/30333/ws', 'Dialer'] } },
    },
  }
  expect(readConnected(state)).toEqual({ inbound: 1, inboundFrom: [{ transport: 'tcp', address: '198.51.100.7' }] })
  expect(readConnected(undefined)).toBeNull()
})

test.each([
  ['somebody', 'in="x",direction="in"', 3, 'once'],
  ['nobody for an hour', 'direction="in"', 0, 'never'],
])('by its metrics %s came in', (_, label, count, expected) => {
  const metrics = `substrate_sub_libp2p_connections_opened_total{chain="khala",${label.replace(/^in="x",/, '')}} ${count}
substrate_sub_libp2p_connections_opened_total{chain="khala",direction="out"} 40
substrate_process_start_time_seconds{chain="khala"} 1000
`
  expect(readCameIn({ metrics, nowSeconds: 4600 })).toBe(expected)
  expect(readCameIn({ metrics: metrics.replace(`} ${count}\n`, '} 0\n'), nowSeconds: 1060 })).toBeNull()
})

test('each half has its own arguments', () => {
  expect(outboundQuotas(['khala-node', '--out-peers', '20', '--', '--out-peers=5'])).toEqual([20, 5])
  expect(outboundQuotas([])).toEqual([undefined])
})

test('an address of the Internet as flags', () => {
  const places = [
    { transport: 'tcp', external: { address: '203.0.113.7', port: 40333 } },
    { transport: 'tcp', external: { address: '2001:db8::1', port: 30334 } },
  ] as const
  expect(publicAddressFlags(places)).toBe(
    '--public-addr /ip4/203.0.113.7/tcp/40333/ws --public-addr /ip6/2001:db8::1/tcp/30334/ws',
  )
})

/** A stand-in: it speaks the recorded JSON-RPC, and is no node. */
function rpc(peers: number, listening: readonly string[]) {
  const results: Record<string, unknown> = {
    system_health: { peers, isSyncing: false, shouldHavePeers: true },
    system_version: '0.1.27',
    system_localListenAddresses: listening,
  }
  return (_: string, body: string) => {
    const { method } = JSON.parse(body)
    const result = results[method]
    return {
      body: JSON.stringify(result === undefined ? { error: { code: -32601 } } : { id: 1, jsonrpc: '2.0', result }),
    }
  }
}

const socket = (port: number) => ({ transport: 'tcp', address: '0.0.0.0', port, families: ['ipv4'] }) as const

test('Khala in a container: each half is asked by itself, at the ports that are published', async () => {
  const ports = [9944, 9945, 30333, 30334]
  const container = {
    ...CONTAINER,
    published: ports.map((port) => ({ transport: 'tcp', address: '0.0.0.0', port, hostPort: port }) as const),
  }
  const host = answeringHost({
    answers: {
      '127.0.0.1:9944': rpc(1, ['/ip4/127.0.0.1/tcp/30333/ws/p2p/12D3', '/ip4/172.17.0.2/tcp/30333/ws/p2p/12D3']),
      '127.0.0.1:9945': rpc(50, ['/ip4/172.17.0.2/tcp/30334/ws/p2p/12D3']),
    },
    containerLog: '',
  })
  const place = new NodePlace({ host, pid: 812, container, sockets: ports.map(socket) })
  expect(await khala.ask(place)).toMatchObject({
    access: 'answered',
    version: '0.1.27',
    ports: [
      { transport: 'tcp', port: 30333 },
      { transport: 'tcp', port: 30334 },
    ],
    peers: [
      { part: 'parachain', peers: 1, wanted: { min: 40, max: 50 }, outboundQuota: 8, from: 'api' },
      { part: 'relaychain', peers: 50, from: 'api' },
    ],
  })
})

test('Khala whose RPC is shut: its log still counts its peers', async () => {
  const host = answeringHost({ answers: {}, containerLog: LOG.slice(0, 2).join('\n') })
  const place = new NodePlace({ host, pid: null, container: { ...CONTAINER, published: [] }, sockets: [] })
  expect((await khala.ask(place)).peers).toMatchObject([
    { part: 'parachain', peers: 50, from: 'log' },
    { part: 'relaychain', peers: 48, from: 'log' },
  ])
})

test('Polkadot on the host itself', async () => {
  const host = answeringHost({ answers: { '127.0.0.1:9944': rpc(12, []) }, journal: '' })
  const place = new NodePlace({
    host,
    pid: 7,
    container: null,
    sockets: [socket(30333), { ...socket(9944), address: '127.0.0.1' }],
  })
  expect(await substrate.ask(place)).toMatchObject({
    access: 'answered',
    ports: null,
    peers: [{ part: null, peers: 12, wanted: null }],
  })
})
