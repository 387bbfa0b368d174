import type { PortSpec } from '../model/endpoint.ts'
import type { NodeOpinion, PeerRange } from '../model/evidence.ts'
import { isLoopback } from '../model/ip.ts'
import { integer, type Json, list, member, text } from '../ruleset/json.ts'
import { kuboAnnouncing } from './kubo-announce.ts'
import { kuboReconfiguring } from './kubo-settings.ts'
import { parseMultiaddr, parseMultiaddrs } from './multiaddr.ts'
import { type AdminPort, type NodeKind, type NodeTold, type PeersTold, tcp, told, udp } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Kubo, the IPFS node. Its RPC answers POST alone, on a port that is not for strangers. */
export const ipfs: NodeKind = {
  name: 'ipfs',
  processes: ['ipfs', 'kubo'],
  images: /^(?:ipfs\/kubo|ipfs\/go-ipfs)$/,
  ports: [tcp(4001), udp(4001)],
  adminPorts: [
    { port: 5001, service: 'rpc' },
    { port: 8080, service: 'gateway' },
  ],
  protocols: ['multistream', 'quic'],
  announcing: kuboAnnouncing,
  reconfiguring: kuboReconfiguring,
  ask: askKubo,
}

const RPC_PORT = 5001

async function askKubo(place: NodePlace): Promise<NodeTold> {
  const question = { method: 'POST', path: '/api/v0/version' } as const
  const found = await place.firstJson(place.askable(RPC_PORT), question, isKuboVersion)
  if (typeof found === 'string') return told({ access: found })
  const { at } = found
  const ask = async (path: string): Promise<Json> => {
    const answer = await place.json(at, { method: 'POST', path: `/api/v0/${path}` })
    return answer.access === 'answered' ? answer.json : undefined
  }
  const [id, peers, listening, autonat, config] = await Promise.all([
    ask('id'),
    ask('swarm/peers?direction=true'),
    ask('swarm/addrs/listen'),
    ask('swarm/addrs/autonat'),
    ask('config/show'),
  ])
  const counted = readKuboPeers(peers, readConnectionRange(config))
  return told({
    access: 'answered',
    asked: urlOf(at, '/api/v0/'),
    version: printable(text(member(found.json, 'Version'))),
    ports: readListeningPorts(listening),
    adminPorts: readAdminPorts(config),
    peers: counted === undefined ? [] : [counted],
    addresses: readKuboAddresses(id, config),
    opinions: readAutonat(autonat),
  })
}

function isKuboVersion(json: Json): boolean {
  return text(member(json, 'Version')) !== undefined && text(member(json, 'Golang')) !== undefined
}

/** What `swarm/addrs/listen` says, without loopback; null where that is nothing. Of a UDP port QUIC alone counts. */
export function readListeningPorts(json: Json): readonly PortSpec[] | null {
  const ports = stringsIn(json, 'Strings').flatMap((maddr): readonly PortSpec[] => {
    const place = parseMultiaddr(maddr)
    if (place === undefined || !place.isDirect || (place.address !== null && isLoopback(place.address))) return []
    return [{ transport: place.transport, port: place.port }]
  })
  const unique = [...new Map(ports.map((one) => [`${one.transport}/${one.port}`, one])).values()]
  return unique.length === 0 ? null : unique
}

/**
 * What `swarm/peers?direction=true` says. Who comes by a relay is a peer, and not one that dialled this host. Undefined
 * where it is no such answer.
 */
export function readKuboPeers(json: Json, wanted: PeerRange): PeersTold | undefined {
  const peers = member(json, 'Peers')
  // Without any peer Kubo says null.
  const entries = peers === null ? [] : list(peers)
  if (entries === undefined) return undefined
  const knows = entries.every((entry) => integer(member(entry, 'Direction')) !== undefined)
  const inbound = entries
    .filter((entry) => integer(member(entry, 'Direction')) === INBOUND)
    .map((entry) => parseMultiaddr(text(member(entry, 'Addr')) ?? ''))
  const from = inbound.flatMap((place) =>
    place === undefined || !place.isDirect || place.address === null
      ? []
      : [{ transport: place.transport, address: place.address }],
  )
  return {
    part: null,
    peers: entries.length,
    inbound: knows ? inbound.length : null,
    inboundFrom: knows ? from : null,
    wanted,
    outboundQuota: null,
    from: 'api',
  }
}

const INBOUND = 1
/** `Swarm.ConnMgr` as installed: below the first it keeps all, above the second it trims. */
const CONNECTIONS: PeerRange = { min: 32, max: 96 }

export function readConnectionRange(config: Json): PeerRange {
  const manager = member(member(config, 'Swarm'), 'ConnMgr')
  const [low, high] = [integer(member(manager, 'LowWater')), integer(member(manager, 'HighWater'))]
  const min = low !== undefined && low >= 0 ? low : CONNECTIONS.min
  const max = high !== undefined && high >= 0 ? high : CONNECTIONS.max
  return { min: Math.min(min, max), max }
}

/** What `id` says that it announces, and what `config/show` will make it announce after a restart. */
export function readKuboAddresses(id: Json, config: Json): NodeTold['addresses'] {
  if (list(member(id, 'Addresses')) === undefined && member(id, 'Addresses') !== null) return null
  const addresses = member(config, 'Addresses')
  const configured =
    addresses === undefined ? null : [...stringsIn(addresses, 'Announce'), ...stringsIn(addresses, 'AppendAnnounce')]
  return {
    announced: parseMultiaddrs(stringsIn(id, 'Addresses')),
    configured: configured === null ? null : parseMultiaddrs(configured),
    isComplete: true,
  }
}

const REACHABILITY = { Public: 'yes', Private: 'no', Unknown: 'unknown' } as const

/** What `swarm/addrs/autonat` says (since 0.40): for each address, and in general. Older ones have no such question. */
export function readAutonat(json: Json): readonly NodeOpinion[] {
  const word = text(member(json, 'reachability'))
  if (word === undefined) return []
  const nat = text(member(json, 'nat'))
  const words = printable(nat === undefined ? word : `${word}, ${nat}`) ?? word
  const answer = Object.hasOwn(REACHABILITY, word) ? REACHABILITY[word as keyof typeof REACHABILITY] : 'unknown'
  const general: NodeOpinion = { transport: null, family: null, answer, words }
  const each = (key: string, opinion: 'yes' | 'no') =>
    stringsIn(json, key).flatMap((maddr): readonly NodeOpinion[] => {
      const place = parseMultiaddr(maddr)
      if (place === undefined || place.address === null || !place.isDirect) return []
      const family = place.address.includes(':') ? 'ipv6' : 'ipv4'
      return [{ transport: place.transport, family, answer: opinion, words: key }]
    })
  const all = [general, ...each('reachable', 'yes'), ...each('unreachable', 'no')]
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

/** Where its settings have the RPC and the gateway; each may be a list. */
export function readAdminPorts(config: Json): readonly AdminPort[] {
  const addresses = member(config, 'Addresses')
  return (['API', 'Gateway'] as const).flatMap((key) => {
    const value = member(addresses, key)
    const texts = typeof value === 'string' ? [value] : stringsIn(addresses, key)
    const ports = texts.flatMap((maddr) => parseMultiaddr(maddr)?.port ?? [])
    return ports.map((port) => ({ port, service: key === 'API' ? 'rpc' : 'gateway' }))
  })
}

const MOST_TEXTS = 4096

function stringsIn(json: Json, key: string): readonly string[] {
  return (list(member(json, key)) ?? []).slice(0, MOST_TEXTS).flatMap((one) => text(one) ?? [])
}
