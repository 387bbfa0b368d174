import { describe, expect, test } from 'vitest'
import { bitcoin, readBitcoinPeers, readLocalAddresses } from '../../src/nodes/bitcoin.ts'
import { bittorrent, readTorrents } from '../../src/nodes/bittorrent.ts'
import { ethereum, readAdminPeers, readBeaconPeers, readPeerCount } from '../../src/nodes/ethereum.ts'
import {
  flagRange,
  mysterium,
  readMonitoring,
  readMysteriumLog,
  readPortRange,
  readServices,
} from '../../src/nodes/mysterium.ts'
import { NodePlace } from '../../src/nodes/place.ts'
import { readConnections, syncthing } from '../../src/nodes/syncthing.ts'
import { readOrPorts, readSelfTest, tor } from '../../src/nodes/tor.ts'
import { answeringHost } from './answering-host.ts'

const socket = (port: number, address = '127.0.0.1') =>
  ({ transport: 'tcp', address, port, families: ['ipv4'] }) as const
const SECRET = 'abcdefSECRET0123'

describe('Syncthing', () => {
  const CONNECTIONS = {
    connections: {
      A: { connected: true, type: 'tcp-server', isLocal: false, address: '198.51.100.7:40000' },
      B: { connected: true, type: 'quic-server', isLocal: false, address: '[2001:db8::7]:22000' },
      C: { connected: true, type: 'tcp-server', isLocal: true, address: '192.168.1.11:22000' },
      D: { connected: true, type: 'relay-server', isLocal: false, address: '198.51.100.9:443' },
      E: { connected: false, type: '', address: '' },
    },
    total: {},
  }
  test('devices that dialled from outside', () => {
    expect(readConnections(CONNECTIONS)).toMatchObject({
      peers: 4,
      inbound: 3,
      inboundFrom: [
        { transport: 'tcp', address: '198.51.100.7' },
        { transport: 'udp', address: '2001:db8::7' },
      ],
      wanted: null,
    })
    expect(readConnections({})).toBeUndefined()
  })
  test('its key is read where it is, and told to nobody else', async () => {
    const host = answeringHost({
      files: {
        '/proc/5/environ': 'HOME=/home/a\0',
        '/proc/5/cmdline': 'syncthing\0',
        '/home/a/.config/syncthing/config.xml': `<configuration><gui><apikey>${SECRET}</apikey></gui></configuration>`,
      },
      answers: {
        '127.0.0.1:8384': (line, _, head) => {
          if (line.endsWith('/health')) return { body: '{"status":"OK"}' }
          if (!head.includes(`X-API-Key: ${SECRET}`)) return { status: 403, body: '' }
          return { body: line.endsWith('/version') ? '{"version":"v1.19.2"}' : JSON.stringify(CONNECTIONS) }
        },
      },
    })
    const answer = await syncthing.ask(new NodePlace({ host, pid: 5, container: null, sockets: [socket(8384)] }))
    expect(answer).toMatchObject({ access: 'answered', version: 'v1.19.2', peers: [{ peers: 4 }] })
    expect(JSON.stringify(answer)).not.toContain(SECRET)
    const locked = await syncthing.ask(new NodePlace({ host, pid: 6, container: null, sockets: [socket(8384)] }))
    expect(locked.access).toBe('refused')
  })
})

describe('BitTorrent', () => {
  test('peers of all torrents', () => {
    const torrents = [
      {
        peers: [
          { address: '198.51.100.7', isIncoming: true, isUTP: false },
          { address: '198.51.100.8', isIncoming: true, isUTP: true },
        ],
      },
      { peers: [{ address: '198.51.100.9', isIncoming: false, isUTP: false }] },
    ]
    expect(readTorrents({ torrents })).toMatchObject({
      peers: 3,
      inbound: 2,
      inboundFrom: [
        { transport: 'tcp', address: '198.51.100.7' },
        { transport: 'udp', address: '198.51.100.8' },
      ],
    })
    expect(readTorrents('x')).toBeUndefined()
  })
  test('Transmission wants its session named', async () => {
    const host = answeringHost({
      answers: {
        '127.0.0.1:9091': (_, body, head) => {
          if (!head.includes('X-Transmission-Session-Id: s1')) {
            return { status: 409, body: '', fields: [['X-Transmission-Session-Id', 's1']] }
          }
          const isSession = JSON.parse(body).method === 'session-get'
          return {
            body: JSON.stringify({ arguments: isSession ? { 'peer-port': 51999, version: '3.00' } : { torrents: [] } }),
          }
        },
      },
    })
    const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(9091, '0.0.0.0')] })
    expect(await bittorrent.ask(place)).toMatchObject({
      access: 'answered',
      ports: [
        { transport: 'tcp', port: 51999 },
        { transport: 'udp', port: 51999 },
      ],
      peers: [{ peers: 0 }],
    })
  })
  test.each([
    ['connected', 'yes'],
    ['firewalled', 'unknown'],
  ])('qBittorrent that says %s', async (status, answer) => {
    const host = answeringHost({
      answers: {
        '127.0.0.1:8080': (line) => {
          if (line.endsWith('/preferences')) return { body: '{"listen_port":40001}' }
          return line.endsWith('/info')
            ? { body: JSON.stringify({ connection_status: status }) }
            : { status: 404, body: '' }
        },
      },
    })
    const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(8080)] })
    expect(await bittorrent.ask(place)).toMatchObject({ opinions: [{ answer, words: status }] })
  })
})

describe('Bitcoin', () => {
  const INFO = {
    subversion: '/Satoshi:29.0.0/',
    connections: 14,
    connections_in: 4,
    localaddresses: [
      { address: '203.0.113.7', port: 8333, score: 4 },
      { address: 'abc.onion', port: 8333, score: 4 },
    ],
  }
  const PEERS = [
    { addr: '198.51.100.7:40000', inbound: true, network: 'ipv4' },
    { addr: '[2001:db8::7]:40000', inbound: true, network: 'ipv6' },
    { addr: '127.0.0.1:40000', inbound: true, network: 'onion' },
    { addr: '198.51.100.8:8333', inbound: false, network: 'ipv4' },
  ]
  test('peers, and where those that came in came from', () => {
    expect(readBitcoinPeers(INFO, PEERS)).toMatchObject({
      peers: 14,
      inbound: 4,
      outboundQuota: 11,
      inboundFrom: [
        { transport: 'tcp', address: '198.51.100.7' },
        { transport: 'tcp', address: '2001:db8::7' },
      ],
    })
    expect(readBitcoinPeers({}, PEERS)).toBeUndefined()
    expect(readLocalAddresses(INFO)).toMatchObject([{ address: '203.0.113.7', port: 8333 }])
  })
  test('its cookie is read where it is, and told to nobody else', async () => {
    const login = `__cookie__:${SECRET}`
    const basic = `Basic ${Buffer.from(login).toString('base64')}`
    const host = answeringHost({
      files: { '/proc/5/cmdline': 'bitcoind\0-datadir=/data\0', '/data/.cookie': login },
      answers: {
        '127.0.0.1:8332': (_, body, head) => {
          if (!head.includes(`Authorization: ${basic}`)) return { status: 401, body: '' }
          return { body: JSON.stringify({ result: JSON.parse(body).method === 'getnetworkinfo' ? INFO : PEERS }) }
        },
      },
    })
    const ask = (pid: number) => bitcoin.ask(new NodePlace({ host, pid, container: null, sockets: [socket(8332)] }))
    const answer = await ask(5)
    expect(answer).toMatchObject({ access: 'answered', version: '/Satoshi:29.0.0/', peers: [{ peers: 14 }] })
    expect(JSON.stringify(answer)).not.toContain(SECRET)
    expect((await ask(6)).access).toBe('refused')
  })
})

describe('Ethereum', () => {
  test('execution peers', () => {
    expect(readPeerCount({ result: '0x19' })).toBe(25)
    expect(readPeerCount({ result: '25' })).toBeUndefined()
    const peers = [
      { network: { inbound: true, remoteAddress: '198.51.100.7:40000' } },
      { network: { inbound: false, remoteAddress: '198.51.100.8:30303' } },
    ]
    expect(readAdminPeers(peers)).toEqual({ inbound: 1, inboundFrom: [{ transport: 'tcp', address: '198.51.100.7' }] })
    expect(readAdminPeers(undefined)).toEqual({ inbound: null, inboundFrom: null })
  })
  test('consensus peers', () => {
    const inbound = [{ direction: 'inbound', last_seen_p2p_address: '/ip4/198.51.100.7/udp/9001/quic-v1' }]
    expect(readBeaconPeers({ connected: '98' }, inbound)).toMatchObject({
      part: 'consensus',
      peers: 98,
      inbound: 1,
      inboundFrom: [{ transport: 'udp', address: '198.51.100.7' }],
    })
    expect(readBeaconPeers({ connected: 98 }, inbound)).toBeUndefined()
  })
  test('a stand-in for geth, which is no geth, is asked by HTTP', async () => {
    const host = answeringHost({
      answers: {
        '127.0.0.1:8545': (_, body) => {
          const { method } = JSON.parse(body || '{}')
          if (method === 'net_peerCount') return { body: '{"result":"0x10"}' }
          return method === 'web3_clientVersion' ? { body: '{"result":"Geth/v1"}' } : { body: '{"error":{}}' }
        },
      },
    })
    const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(8545)] })
    expect(await ethereum.ask(place)).toMatchObject({
      version: 'Geth/v1',
      peers: [{ part: 'execution', peers: 16, outboundQuota: 16, inbound: null }],
    })
  })
})

describe('Tor', () => {
  test.each([
    ['ORPort 9001', [9001]],
    ['ORPort 443 NoListen\nORPort 127.0.0.1:9090 NoAdvertise', [9090]],
    ['orport [2001:db8::1]:9001 # six\nORPort 9001 IPv4Only', [9001]],
    ['#ORPort 9001\nSocksPort 9050', []],
    ['ORPort auto\nORPort 0', []],
  ])('%j', (torrc, ports) => {
    expect(readOrPorts(torrc).map(({ port }) => port)).toEqual(ports)
  })
  test('its own test, of each family the last', () => {
    const lines = [
      '[warn] Your server has not managed to confirm reachability for its ORPort(s) at 203.0.113.7:9001. Relays do not publish descriptors until their ORPort and',
      '[notice] Self-testing indicates your ORPort 203.0.113.7:9001 is reachable from the outside. Excellent.',
      '[warn] Your server has not managed to confirm reachability for its ORPort(s) at [2001:db8::1]:9001. Relays do not',
    ]
    expect(readSelfTest(lines)).toMatchObject([
      { family: 'ipv4', answer: 'yes' },
      { family: 'ipv6', answer: 'no' },
    ])
  })
  test('a client is no relay', () => {
    expect(tor.isNode!([socket(9050)])).toBe(false)
    expect(tor.isNode!([socket(9050), socket(9001, '0.0.0.0')])).toBe(true)
  })
})

describe('Mysterium', () => {
  test('what the network’s monitoring says', () => {
    expect(readMonitoring({ status: 'success' })).toMatchObject([{ answer: 'yes' }])
    expect(readMonitoring({ status: 'failed' })).toMatchObject([{ answer: 'no' }])
    expect(readMonitoring({ status: 'pending' })).toMatchObject([{ answer: 'unknown' }])
    expect(readMonitoring(undefined)).toEqual([])
  })
  test('clients that came and did not get in', () => {
    const services = [{ connection_statistics: { attempted: 9, successful: 0 } }, { connection_statistics: null }]
    expect(readServices(services)).toMatchObject([{ answer: 'unknown', words: '0 of 9 clients connected' }])
    expect(readServices([])).toEqual([])
  })
  test('the last of its own tests', () => {
    const failed = '2024-05-01T10:00:00.000 WRN p2p/listener.go:1 > Failed to check manual ports [11111 22222] globally'
    const passed = '2024-05-01T10:01:00.000 DBG p2p/listener.go:1 > All ports [11111 22222] are reachable'
    expect(readMysteriumLog([failed, passed])).toMatchObject([{ answer: 'yes' }])
    expect(readMysteriumLog([passed, failed])).toMatchObject([{ answer: 'no', transport: 'udp' }])
    expect(readMysteriumLog(['Supplying port 1'])).toEqual([])
  })
  test.each([
    ['59850:60000', { first: 59_850, last: 59_999 }],
    ['4000:4001', { first: 4000, last: 4000 }],
    ['4000:4000', undefined],
    ['0:100', undefined],
    ['1:70000', undefined],
    ['x', undefined],
    [undefined, undefined],
  ])('the range %s, of which the end does not count', (text, range) => {
    expect(readPortRange(text)).toEqual(range && { transport: 'udp', ...range })
  })

  test.each([
    [['myst', '--udp.ports=30000:31000', 'service'], 30_000],
    [['myst', '--udp.ports', '30000:31000'], 30_000],
    [['myst', '--udp.ports=1:2', '--udp.ports=30000:31000'], 30_000],
    // Today's node takes these and does nothing with them.
    [['myst', '--openvpn.port=1194', '--openvpn.proto=TCP', '--wireguard.listen.ports=52820:53075'], undefined],
    [[], undefined],
  ])('the command line %j', (words, first) => {
    expect(flagRange(words)?.first).toBe(first)
  })

  test.each([
    ['its settings', '{"data":{"udp":{"ports":"30000:31000"}}}', [], 30_000],
    ['a flag, which wins', '{"data":{"udp":{"ports":"30000:31000"}}}', ['myst', '--udp.ports=40000:41000'], 40_000],
    ['nothing', '{}', [], 10_000],
  ])('its ports by %s', async (_, config, words, first) => {
    const bodies: Record<string, string> = {
      'GET /healthcheck': '{"uptime":"1h","process":1,"version":"1.30.0"}',
      'GET /config': config,
    }
    const host = answeringHost({
      answers: { '127.0.0.1:4050': (line) => ({ body: bodies[line] ?? '{}' }) },
      files: { '/proc/5/cmdline': words.map((word) => `${word}\0`).join('') },
    })
    const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(4050)] })
    expect((await mysterium.ask(place)).onDemand?.first).toBe(first)
  })

  test('in user space it needs nothing of the kernel', async () => {
    const files = { '/proc/5/cmdline': 'myst\0--userspace\0' }
    const place = new NodePlace({ host: answeringHost({ answers: {}, files }), pid: 5, container: null, sockets: [] })
    expect(await mysterium.ask(place)).toMatchObject({ clients: null, onDemand: { first: 10_000 } })
  })

  test.each([
    ['1.30.0', '{}', [], '10.182.0.0/16', true],
    ['0.39.2', '{}', [], '10.182.0.0/16', false],
    ['0.4.0', '{}', [], '10.182.0.0/16', false],
    ['0.40.0', '{"data":{"wireguard":{"allowed":{"subnet":"10.7.0.0/16"}}}}', [], '10.7.0.0/16', true],
    ['source.dev-build', '{}', ['myst', '--wireguard.allowed.subnet=10.9.0.0/16'], '10.9.0.0/16', true],
    ['1.30.0', '{"data":{"wireguard":{"allowed":{"subnet":"x; y"}}}}', [], '10.182.0.0/16', true],
  ])(
    'version %s with %s and %j passes on %s, and accepts it itself: %s',
    async (version, config, words, network, accepts) => {
      const bodies: Record<string, string> = {
        'GET /healthcheck': JSON.stringify({ uptime: '1h', process: 1, version }),
        'GET /config': config,
      }
      const host = answeringHost({
        answers: { '127.0.0.1:4050': (line) => ({ body: bodies[line] ?? '{}' }) },
        files: { '/proc/5/cmdline': words.map((word) => `${word}\0`).join('') },
      })
      const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(4050)] })
      expect((await mysterium.ask(place)).clients).toEqual({ interfaces: 'myst', network, accepts })
    },
  )

  test('what its options do today is said, and what they do not', () => {
    const { reconfiguring } = mysterium
    expect(reconfiguring?.cannot).toContain('tcp')
    expect(reconfiguring?.steps({ want: 'port', port: null, transports: ['udp'] })).toMatchObject([
      { id: 'step.mysterium-port' },
    ])
  })

  test('a stand-in that speaks its API, and is no node', async () => {
    const bodies: Record<string, string> = {
      'GET /healthcheck': '{"uptime":"1h","process":1,"version":"1.30.0"}',
      'GET /node/monitoring-status': '{"status":"failed"}',
      'GET /services': '[]',
    }
    const host = answeringHost({ answers: { '127.0.0.1:4050': (line) => ({ body: bodies[line] ?? '{}' }) } })
    const place = new NodePlace({ host, pid: 5, container: null, sockets: [socket(4050), socket(4449, '0.0.0.0')] })
    expect(await mysterium.ask(place)).toMatchObject({
      access: 'answered',
      version: '1.30.0',
      ports: [
        { transport: 'udp', port: 10_000 },
        { transport: 'udp', port: 59_999 },
      ],
      onDemand: { transport: 'udp', first: 10_000, last: 59_999 },
      clients: { interfaces: 'myst', network: '10.182.0.0/16', accepts: true },
      opinions: [{ answer: 'no', words: 'monitoring: failed' }],
    })
  })
})
