import type { Transport } from '../model/endpoint.ts'
import { parseAddress } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { integer, type Json, list, member, text } from '../ruleset/json.ts'
import { byHand } from './by-hand.ts'
import { type NodeKind, type NodeTold, type PeersTold, tcp, told, udp } from './node-kind.ts'
import { type NodePlace, parseJson, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Transmission and qBittorrent. A client has peers for what it shares, so no number of them is usual. */
export const bittorrent: NodeKind = {
  name: 'bittorrent',
  processes: ['transmission-da', 'transmission-gt', 'transmission-qt', 'qbittorrent', 'qbittorrent-nox'],
  images: /^(?:linuxserver\/(?:transmission|qbittorrent)|qbittorrentofficial\/qbittorrent-nox)$/,
  ports: [tcp(51413), udp(51413)],
  adminPorts: [
    { port: 9091, service: 'rpc' },
    { port: 8080, service: 'web-ui' },
  ],
  protocols: ['bittorrent', 'utp', 'bittorrent-dht'],
  reconfiguring: byHand({
    port: (port) => message('step.bittorrent-port', { port }),
    tcp: () => message('step.bittorrent-tcp'),
  }),
  ask: async (place) => {
    const transmission = await askTransmission(place)
    return transmission.access === 'answered' || transmission.access === 'refused'
      ? transmission
      : askQbittorrent(place)
  },
}

const SESSION = 'x-transmission-session-id'
const RPC = '/transmission/rpc'

/** Its first answer to everybody is 409 with the session that has to be named. */
async function askTransmission(place: NodePlace): Promise<NodeTold> {
  const candidates = place.askable(9091)
  const greetings = await Promise.all(candidates.map((at) => place.http(at, { method: 'POST', path: RPC, body: '{}' })))
  const index = greetings.findIndex((one) => one.access === 'answered' && one.fields.has(SESSION))
  const greeting = greetings[index]
  const at = candidates[index]
  if (greeting?.access !== 'answered' || at === undefined) {
    const isLocked = greetings.some((one) => one.access === 'answered' && one.status === 401)
    return told({
      access: isLocked
        ? 'refused'
        : greetings[0]?.access === 'answered'
          ? 'unreadable'
          : (greetings[0]?.access ?? 'not-asked'),
    })
  }
  const session = greeting.fields.get(SESSION)!
  if (!/^[\w+/=-]{1,128}$/.test(session)) return told({ access: 'unreadable' })
  const ask = async (method: string, args: Record<string, unknown>): Promise<Json> => {
    const body = JSON.stringify({ method, arguments: args })
    const answer = await place.http(at, {
      method: 'POST',
      path: RPC,
      body,
      fields: [['X-Transmission-Session-Id', session]],
    })
    return answer.access === 'answered' && answer.status === 200
      ? member(parseJson(answer.body), 'arguments')
      : undefined
  }
  const [settings, torrents] = await Promise.all([
    ask('session-get', {}),
    ask('torrent-get', { fields: ['peersConnected', 'peers'] }),
  ])
  const port = integer(member(settings, 'peer-port'))
  const peers = readTorrents(torrents)
  const isPort = port !== undefined && port >= 1 && port <= 65_535
  return told({
    access: settings === undefined ? 'refused' : 'answered',
    asked: urlOf(at, RPC),
    version: printable(text(member(settings, 'version'))),
    ports: isPort ? [tcp(port), udp(port)] : null,
    adminPorts: place.container === null ? [{ port: at.port, service: 'rpc' }] : [],
    peers: peers === undefined ? [] : [peers],
  })
}

/** The peers of all torrents, out of `torrent-get`. Undefined where it is no such answer. */
export function readTorrents(json: Json): PeersTold | undefined {
  const torrents = list(member(json, 'torrents'))
  if (torrents === undefined) return undefined
  const peers = torrents.flatMap((torrent) => list(member(torrent, 'peers')) ?? [])
  const cameIn = peers.filter((peer) => member(peer, 'isIncoming') === true)
  const inboundFrom = cameIn.flatMap((peer) => {
    const address = parseAddress(text(member(peer, 'address')) ?? '')
    const transport: Transport = member(peer, 'isUTP') === true ? 'udp' : 'tcp'
    return address === undefined ? [] : [{ transport, address }]
  })
  const nothing = { part: null, wanted: null, outboundQuota: null, from: 'api' } as const
  return { ...nothing, peers: peers.length, inbound: cameIn.length, inboundFrom }
}

/** Answers this host only where its user has let it do so without a password. */
async function askQbittorrent(place: NodePlace): Promise<NodeTold> {
  const isOurs = (json: Json) => integer(member(json, 'listen_port')) !== undefined
  const found = await place.firstJson(place.askable(8080), { path: '/api/v2/app/preferences' }, isOurs)
  if (typeof found === 'string') return told({ access: found })
  const port = integer(member(found.json, 'listen_port'))!
  const info = await place.json(found.at, { path: '/api/v2/transfer/info' })
  const status = info.access === 'answered' ? text(member(info.json, 'connection_status')) : undefined
  return told({
    access: 'answered',
    asked: urlOf(found.at, '/api/v2/'),
    ports: port >= 1 && port <= 65_535 ? [tcp(port), udp(port)] : null,
    adminPorts: place.container === null ? [{ port: found.at.port, service: 'web-ui' }] : [],
    // "firewalled" says no more than that nobody has come in yet.
    opinions:
      status === undefined
        ? []
        : [
            {
              transport: null,
              family: null,
              answer: status === 'connected' ? 'yes' : 'unknown',
              words: printable(status) ?? '',
            },
          ],
  })
}
