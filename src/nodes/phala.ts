import type { PeerRange } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import { byHand } from './by-hand.ts'
import { type NodeKind, tcp } from './node-kind.ts'
import { askHalves, type Half, viaTemplate } from './substrate.ts'

/** What the project itself calls healthy, of each half. */
const WANTED: PeerRange = { min: 40, max: 50 }

/** A parachain node with a node of the relay chain in it: two nodes in one process. */
const HALVES: readonly Half[] = [
  { part: 'parachain', rpc: [9944, 9933], metrics: 9615, log: 'Parachain' },
  { part: 'relaychain', rpc: [9945, 9934], metrics: 9616, log: 'Relaychain' },
]

const ADMIN_PORTS = [
  ...[9944, 9945, 9933, 9934].map((port) => ({ port, service: 'rpc' })),
  ...[9615, 9616].map((port) => ({ port, service: 'metrics' })),
]

/** Miners of Khala follow Kusama, those of Phala Polkadot; their node is run the same way. */
function miner(name: 'phala' | 'khala', images: RegExp): NodeKind {
  return {
    name,
    processes: [`${name}-node`],
    images,
    ports: [tcp(30333), tcp(30334)],
    adminPorts: ADMIN_PORTS,
    // Both listen for WebSocket alone.
    protocols: ['websocket'],
    announcing: viaTemplate,
    reconfiguring: byHand({ port: (port) => message('step.phala-port', { port }) }, ['hole-punching', 'tcp']),
    ask: (place) => askHalves(place, HALVES, WANTED),
  }
}

export const phala = miner('phala', /^phalanetwork\/phala-node/)
export const khala = miner('khala', /^phalanetwork\/khala-(?:pt\d+-)?node/)
