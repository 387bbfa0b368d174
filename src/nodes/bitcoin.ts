import { formatEndpoint } from '../model/endpoint.ts'
import type { NodeAddress } from '../model/evidence.ts'
import { parseAddress } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { integer, type Json, list, member, text } from '../ruleset/json.ts'
import { byHand, line } from './by-hand.ts'
import { type NodeKind, type NodeTold, type PeersTold, tcp, told } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Bitcoin Core. */
export const bitcoin: NodeKind = {
  name: 'bitcoin',
  processes: ['bitcoind', 'bitcoin-qt', 'bitcoin-node', 'bitcoin-gui'],
  images: /\/(?:bitcoind|bitcoin-core|bitcoin)$/,
  ports: [tcp(8333)],
  adminPorts: [{ port: 8332, service: 'rpc' }],
  protocols: ['bitcoin'],
  announcing: {
    steps: (places) => [
      message('step.bitcoin-announce', {
        lines: places.map(({ external }) => `externalip=${formatEndpoint(external)}`).join(', '),
      }),
      message('step.restart-node'),
    ],
    setting: null,
  },
  reconfiguring: byHand({ port: (port) => line(`port=${port}`, 'bitcoin.conf') }, ['hole-punching']),
  ask: askBitcoin,
}

/** 8 full-relay, 2 block-relay and a feeler: with no more than these nobody may have come in. */
const OUTBOUND_QUOTA = 11

async function askBitcoin(place: NodePlace): Promise<NodeTold> {
  const login = await loginOf(place)
  const question = (method: string) => ({
    method: 'POST' as const,
    path: '/',
    fields: login === undefined ? [] : [['Authorization', `Basic ${Buffer.from(login).toString('base64')}`] as const],
    body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params: [] }),
  })
  const isOurs = (json: Json) => integer(member(member(json, 'result'), 'connections')) !== undefined
  const found = await place.firstJson(place.askable(8332), question('getnetworkinfo'), isOurs)
  if (typeof found === 'string') return told({ access: found })
  const info = member(found.json, 'result')
  const answer = await place.json(found.at, question('getpeerinfo'))
  const peers = readBitcoinPeers(info, answer.access === 'answered' ? member(answer.json, 'result') : undefined)
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/'),
    version: printable(text(member(info, 'subversion'))),
    peers: peers === undefined ? [] : [peers],
    addresses: { announced: readLocalAddresses(info), configured: null, isComplete: false },
  })
}

/** Out of `getnetworkinfo` and `getpeerinfo`; the second tells where each came from. Undefined where it is no such answer. */
export function readBitcoinPeers(info: Json, peerInfo: Json): PeersTold | undefined {
  const peers = integer(member(info, 'connections'))
  if (peers === undefined || peers < 0) return undefined
  const inboundFrom = list(peerInfo)?.flatMap((peer) => {
    const isDirect = ['ipv4', 'ipv6'].includes(text(member(peer, 'network')) ?? '')
    const address = parseAddress((text(member(peer, 'addr')) ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
    return member(peer, 'inbound') === true && isDirect && address !== undefined
      ? [{ transport: 'tcp' as const, address }]
      : []
  })
  return {
    part: null,
    peers,
    inbound: integer(member(info, 'connections_in')) ?? null,
    inboundFrom: inboundFrom ?? null,
    wanted: null,
    outboundQuota: OUTBOUND_QUOTA,
    from: 'api',
  }
}

/** What it advertises, beside what each peer sees of it; onion addresses are no place on the Internet. */
export function readLocalAddresses(info: Json): readonly NodeAddress[] {
  return (list(member(info, 'localaddresses')) ?? []).flatMap((one) => {
    const [address, port] = [parseAddress(text(member(one, 'address')) ?? ''), integer(member(one, 'port'))]
    if (address === undefined || port === undefined || port < 1 || port > 65_535) return []
    return [{ transport: 'tcp' as const, address, name: null, port, isDirect: true }]
  })
}

/** The cookie that it writes for programs of its own user; it goes no further than into the question. */
async function loginOf(place: NodePlace): Promise<string | undefined> {
  const [home, words] = await Promise.all([place.variable('HOME'), place.arguments()])
  const named = words.flatMap((word) => /^--?datadir=(.+)$/.exec(word)?.[1] ?? [])
  const folders = [
    ...named,
    home && `${home}/.bitcoin`,
    '/var/lib/bitcoind',
    '/home/bitcoin/.bitcoin',
    '/root/.bitcoin',
  ]
  for (const folder of folders) {
    const cookie = folder ? (await place.ownSecret(`${folder}/.cookie`))?.trim() : undefined
    if (cookie !== undefined && /^[\x21-\x7e]{1,256}$/.test(cookie)) return cookie
  }
  return undefined
}
