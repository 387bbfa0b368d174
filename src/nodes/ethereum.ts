import type { NodeAddressesFact, PeerRange } from '../model/evidence.ts'
import { parseAddress } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { type Json, list, member, text } from '../ruleset/json.ts'
import { byHand } from './by-hand.ts'
import { parseMultiaddr, parseMultiaddrs } from './multiaddr.ts'
import { type NodeKind, type NodeTold, type PeersTold, tcp, told, udp } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Execution clients (geth and others) and consensus clients (Lighthouse, Lodestar, Prysm, Nimbus, Teku). */
export const ethereum: NodeKind = {
  name: 'ethereum',
  processes: ['geth', 'reth', 'erigon', 'nethermind', 'lighthouse', 'beacon-chain', 'nimbus_beacon_n'],
  images:
    /^(?:ethereum\/client-go|sigp\/lighthouse|chainsafe\/lodestar|nethermind\/nethermind|hyperledger\/besu|consensys\/teku)$/,
  ports: [tcp(30303), udp(30303), tcp(9000), udp(9000)],
  adminPorts: [
    ...[8545, 8546, 8551].map((port) => ({ port, service: 'rpc' })),
    ...[5052, 9596, 3500, 5051].map((port) => ({ port, service: 'api' })),
    ...[6060, 5054, 8008].map((port) => ({ port, service: 'metrics' })),
  ],
  protocols: ['devp2p', 'multistream', 'quic'],
  reconfiguring: byHand({ port: (port) => message('step.ethereum-port', { port }) }, ['hole-punching']),
  ask: async (place) => {
    const consensus = await askConsensus(place)
    return consensus.access === 'answered' ? consensus : askExecution(place)
  },
}

const CONSENSUS_API = [5052, 9596, 3500, 5051]
const EXECUTION_RPC = [8545]
/** geth dials floor(50 / 3) of its 50. */
const EXECUTION_PEERS: PeerRange = { min: 17, max: 50 }
const EXECUTION_QUOTA = 16

/** The Beacon API, which all consensus clients serve. */
async function askConsensus(place: NodePlace): Promise<NodeTold> {
  const isOurs = (json: Json) => text(member(member(json, 'data'), 'version')) !== undefined
  const found = await place.firstJson(place.askableAt(CONSENSUS_API), { path: '/eth/v1/node/version' }, isOurs)
  if (typeof found === 'string') return told({ access: found })
  const ask = async (path: string): Promise<Json> => {
    const answer = await place.json(found.at, { path: `/eth/v1/node/${path}` })
    return answer.access === 'answered' ? member(answer.json, 'data') : undefined
  }
  const [identity, count, inbound] = await Promise.all([
    ask('identity'),
    ask('peer_count'),
    ask('peers?state=connected&direction=inbound'),
  ])
  const peers = readBeaconPeers(count, inbound)
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/eth/v1/node/'),
    version: printable(text(member(member(found.json, 'data'), 'version'))),
    peers: peers === undefined ? [] : [peers],
    addresses: readIdentity(identity),
  })
}

/** Numbers are decimal texts. Undefined where it is no such answer. */
export function readBeaconPeers(count: Json, inbound: Json): PeersTold | undefined {
  const connected = text(member(count, 'connected'))
  if (connected === undefined || !/^[0-9]{1,6}$/.test(connected)) return undefined
  const cameIn = list(inbound)
  const inboundFrom = cameIn?.flatMap((peer) => {
    const place = parseMultiaddr(text(member(peer, 'last_seen_p2p_address')) ?? '')
    return place === undefined || !place.isDirect || place.address === null
      ? []
      : [{ transport: place.transport, address: place.address }]
  })
  return {
    part: 'consensus',
    peers: Number(connected),
    inbound: cameIn?.length ?? null,
    inboundFrom: inboundFrom ?? null,
    wanted: null,
    outboundQuota: null,
    from: 'api',
  }
}

function readIdentity(identity: Json): NodeAddressesFact | null {
  const addresses = list(member(identity, 'p2p_addresses'))
  if (addresses === undefined) return null
  const announced = parseMultiaddrs(addresses.slice(0, 256).flatMap((one) => text(one) ?? []))
  return { announced, configured: null, isComplete: false }
}

/** Its HTTP side tells how many peers there are; who they are only to whom it was opened further. */
async function askExecution(place: NodePlace): Promise<NodeTold> {
  const question = (method: string) => ({
    method: 'POST' as const,
    path: '/',
    fields: [['Content-Type', 'application/json'] as const],
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
  })
  const isOurs = (json: Json) => readPeerCount(json) !== undefined
  const found = await place.firstJson(place.askableAt(EXECUTION_RPC), question('net_peerCount'), isOurs)
  if (typeof found === 'string') return told({ access: found })
  const ask = async (method: string): Promise<Json> => {
    const answer = await place.json(found.at, question(method))
    return answer.access === 'answered' ? member(answer.json, 'result') : undefined
  }
  const [version, peers, words] = await Promise.all([ask('web3_clientVersion'), ask('admin_peers'), place.arguments()])
  const isUsual = !words.some((word) => /^--?maxpeers\b/.test(word))
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/'),
    version: printable(text(version)),
    peers: [
      {
        part: 'execution',
        peers: readPeerCount(found.json)!,
        ...readAdminPeers(peers),
        wanted: isUsual ? EXECUTION_PEERS : null,
        outboundQuota: isUsual ? EXECUTION_QUOTA : null,
        from: 'api',
      },
    ],
  })
}

/** `"0x19"` */
export function readPeerCount(json: Json): number | undefined {
  const count = text(member(json, 'result'))
  return count !== undefined && /^0x[0-9a-fA-F]{1,6}$/.test(count) ? Number.parseInt(count, 16) : undefined
}

/** Out of `admin_peers`, which geth keeps to its socket unless told otherwise; null where it does not tell. */
export function readAdminPeers(peers: Json): Pick<PeersTold, 'inbound' | 'inboundFrom'> {
  const entries = list(peers)
  if (entries === undefined) return { inbound: null, inboundFrom: null }
  const cameIn = entries.map((peer) => member(peer, 'network')).filter((network) => member(network, 'inbound') === true)
  const inboundFrom = cameIn.flatMap((network) => {
    const remote = text(member(network, 'remoteAddress')) ?? ''
    const address = parseAddress(remote.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
    return address === undefined ? [] : [{ transport: 'tcp' as const, address }]
  })
  return { inbound: cameIn.length, inboundFrom }
}
