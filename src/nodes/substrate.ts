import type { Endpoint } from '../model/endpoint.ts'
import type { NodeAddressesFact, PeerRange } from '../model/evidence.ts'
import { message } from '../model/message.ts'
import { integer, type Json, list, member, objectOf, text } from '../ruleset/json.ts'
import type { Announcing, OpenPlace } from './announce.ts'
import { byHand, flag } from './by-hand.ts'
import { parseMultiaddr, parseMultiaddrs } from './multiaddr.ts'
import { type NodeKind, type NodeTold, type PeersTold, tcp, told } from './node-kind.ts'
import { type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'

/** Polkadot and its family. Full nodes listen for WebSocket on TCP; there are no settings but the command line. */
export const substrate: NodeKind = {
  name: 'substrate',
  processes: ['polkadot', 'substrate', 'substrate-node', 'node-template', 'polkadot-parach', 'polkadot-omni-n'],
  images: /^(?:parity|paritytech)\/(?:polkadot|substrate|polkadot-parachain)$/,
  ports: [tcp(30333)],
  adminPorts: [
    { port: 9944, service: 'rpc' },
    { port: 9933, service: 'rpc' },
    { port: 9615, service: 'metrics' },
  ],
  protocols: ['multistream', 'websocket'],
  announcing: { steps: (places) => [publicAddress(places), message('step.restart-node')], setting: null },
  reconfiguring: byHand({ port: (port) => flag(`--port ${port}`) }, ['hole-punching', 'tcp']),
  ask: (place) => askHalves(place, [{ part: null, rpc: [9944, 9933], metrics: 9615, log: null }], null),
}

/** One of the nodes that a program is. */
export interface Half {
  readonly part: string | null
  /** Ports of its JSON-RPC over HTTP; older ones had a port of its own for that. */
  readonly rpc: readonly number[]
  readonly metrics: number
  /** How its log calls it; null where the whole log is its own. */
  readonly log: string | null
}

/** Newer ones dial 8 by themselves, older ones 25: with no more than 8, it is not said that anybody came in. */
const LEAST_OUTBOUND_QUOTA = 8

export async function askHalves(
  place: NodePlace,
  halves: readonly Half[],
  wanted: PeerRange | null,
): Promise<NodeTold> {
  const [answers, lines, words] = await Promise.all([
    Promise.all(halves.map((half) => askHalf(place, half))),
    place.log(),
    place.arguments(),
  ])
  const quotas = outboundQuotas(words)
  const counted = halves.flatMap((half, index): readonly PeersTold[] => {
    const { peers, connected, cameIn } = answers[index]!
    const fromLog = peers === null ? peersInLog(lines, half.log) : null
    const count = peers ?? fromLog
    if (count === null) return []
    return [
      {
        part: half.part,
        peers: count,
        inbound: connected?.inbound ?? (cameIn === 'never' ? 0 : null),
        inboundFrom: connected?.inboundFrom ?? null,
        wanted,
        outboundQuota: quotas[index] ?? LEAST_OUTBOUND_QUOTA,
        from: peers === null ? 'log' : 'api',
      },
    ]
  })
  const answered = answers.filter(({ at }) => at !== null)
  const listening = answered.flatMap(({ listening: maddrs }) => maddrs)
  const ports = parseMultiaddrs(listening).filter(
    ({ address, isDirect }) => isDirect && !/^127\.|^::1$/.test(address ?? ''),
  )
  const unique = [...new Set(ports.filter(({ transport }) => transport === 'tcp').map(({ port }) => port))]
  const announced = [...answered.flatMap(({ external }) => external), ...externalInLog(lines)]
  return told({
    access: answered.length > 0 ? 'answered' : (answers[0]?.access ?? 'not-asked'),
    asked: answered[0]?.at == null ? null : urlOf(answered[0].at, '/'),
    version: answered[0]?.version ?? null,
    ports: unique.length === 0 ? null : unique.map(tcp),
    peers: counted,
    addresses: addressesOf(announced, words),
  })
}

interface HalfAnswer {
  readonly access: NodeTold['access']
  readonly at: Endpoint | null
  readonly peers: number | null
  readonly version: string | null
  readonly listening: readonly string[]
  readonly external: readonly string[]
  readonly connected: Pick<PeersTold, 'inbound' | 'inboundFrom'> | null
  readonly cameIn: 'once' | 'never' | null
}

const NO_ANSWER: HalfAnswer = {
  access: 'not-asked',
  at: null,
  peers: null,
  version: null,
  listening: [],
  external: [],
  connected: null,
  cameIn: null,
}

async function askHalf(place: NodePlace, { rpc, metrics }: Half): Promise<HalfAnswer> {
  const found = await place.firstJson(
    place.askableAt(rpc),
    question('system_health'),
    (json) => readHealth(json) !== null,
  )
  if (typeof found === 'string') return { ...NO_ANSWER, access: found }
  const ask = async (method: string): Promise<Json> => {
    const answer = await place.json(found.at, question(method))
    return answer.access === 'answered' ? member(answer.json, 'result') : undefined
  }
  const [version, listening, state, counters] = await Promise.all([
    ask('system_version'),
    ask('system_localListenAddresses'),
    ask('system_unstable_networkState'),
    metricsOf(place, metrics),
  ])
  return {
    access: 'answered',
    at: found.at,
    peers: readHealth(found.json),
    version: printable(text(version)),
    listening: textsIn(listening),
    external: textsIn(member(state, 'externalAddresses')),
    connected: readConnected(state),
    cameIn: counters === undefined ? null : readCameIn(counters),
  }
}

function question(method: string) {
  return {
    method: 'POST' as const,
    path: '/',
    fields: [['Content-Type', 'application/json'] as const],
    body: JSON.stringify({ id: 1, jsonrpc: '2.0', method, params: [] }),
  }
}

/** The peers in the answer to `system_health`; null where it is none. */
export function readHealth(json: Json): number | null {
  const peers = integer(member(member(json, 'result'), 'peers'))
  return peers === undefined || peers < 0 ? null : peers
}

/**
 * Who came in, out of `system_unstable_networkState`, which is refused to whom the node does not trust: an endpoint is
 * `listening` for a peer that dialled. Null where it does not say.
 */
export function readConnected(state: Json): Pick<PeersTold, 'inbound' | 'inboundFrom'> | null {
  const peers = objectOf(member(state, 'connectedPeers'))
  if (peers === undefined) return null
  const inbound = Object.values(peers).flatMap((peer) => {
    const listening = member(member(peer, 'endpoint'), 'listening')
    return listening === undefined ? [] : [parseMultiaddr(text(member(listening, 'send_back_addr')) ?? '')]
  })
  const from = inbound.flatMap((one) =>
    one?.isDirect && one.address !== null ? [{ transport: one.transport, address: one.address }] : [],
  )
  return { inbound: inbound.length, inboundFrom: from }
}

const LONG_ENOUGH_SECONDS = 1800

/**
 * Has anybody ever come in, by `substrate_sub_libp2p_connections_opened_total`? Half an hour without anybody counts as
 * never, where the node itself has dialled out; null where that is not known.
 */
export function readCameIn({ metrics, nowSeconds }: { metrics: string; nowSeconds: number }): 'once' | 'never' | null {
  const sum = (direction: string) => {
    const line = new RegExp(
      `^(?:substrate|polkadot)_sub_libp2p_connections_opened_total\\{[^}\\n]*direction="${direction}"[^}\\n]*\\} ([0-9.e+]+)$`,
      'gm',
    )
    return [...metrics.matchAll(line)].reduce((total, match) => total + Number(match[1]), 0)
  }
  const started = Number(
    /^(?:substrate|polkadot)_process_start_time_seconds(?:\{[^}\n]*\})? ([0-9.e+]+)$/m.exec(metrics)?.[1],
  )
  if (sum('in') > 0) return 'once'
  return sum('out') > 0 && nowSeconds - started > LONG_ENOUGH_SECONDS ? 'never' : null
}

async function metricsOf(place: NodePlace, port: number) {
  const at = place.sockets.some((one) => one.transport === 'tcp' && one.port === port) ? place.askAt(port) : undefined
  const answer = at === undefined ? undefined : await place.http(at, { path: '/metrics' })
  if (answer?.access !== 'answered' || answer.status !== 200) return undefined
  return { metrics: answer.body, nowSeconds: place.nowSeconds }
}

/**
 * The peers of the last line that the informant wrote, every five seconds, for one half: `[Parachain] 💤 Idle (50 peers),
 * best: ...`. Emoji, time and what a process manager puts before it may be missing or there. Null where there is none.
 */
export function peersInLog(lines: readonly string[], half: string | null): number | null {
  const own = lines.filter((line) => {
    const prefix = /\[(Parachain|Relaychain)\]/.exec(line)?.[1] ?? null
    return prefix === half && /\b(?:Idle|Syncing|Preparing|State sync|Warping|Block history)\b/.test(line)
  })
  const last = own.flatMap((line) => /\((\d{1,6}) peers\)/.exec(line)?.[1] ?? []).at(-1)
  return last === undefined ? null : Number(last)
}

/** `Discovered new external address for our node: /ip4/...`, less those that expired. */
export function externalInLog(lines: readonly string[]): readonly string[] {
  const known = new Set<string>()
  for (const line of lines) {
    const [, what, maddr] = /\b(Discovered new|Expired) external address for our node: (\/\S{1,512})/.exec(line) ?? []
    if (maddr === undefined) continue
    if (what === 'Expired') known.delete(maddr)
    else known.add(maddr)
  }
  return [...known]
}

/** The values of `--out-peers`, one for each half: a bare `--` parts their arguments. */
export function outboundQuotas(words: readonly string[]): readonly (number | undefined)[] {
  return halvesOf(words).map((half) => {
    const value = valuesOf(half, '--out-peers').at(-1)
    return value !== undefined && /^[0-9]{1,5}$/.test(value) ? Number(value) : undefined
  })
}

function halvesOf(words: readonly string[]): readonly (readonly string[])[] {
  const dashes = words.indexOf('--')
  return dashes < 0 ? [words] : [words.slice(0, dashes), words.slice(dashes + 1)]
}

function valuesOf(words: readonly string[], flag: string): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === flag) return words[index + 1] ?? []
    return word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : []
  })
}

/** What peers see of it is announced too, so the list is never complete. */
function addressesOf(announced: readonly string[], words: readonly string[]): NodeAddressesFact | null {
  const configured = parseMultiaddrs(valuesOf(words, '--public-addr'))
  if (announced.length === 0 && words.length === 0) return null
  return {
    announced: parseMultiaddrs(announced),
    configured: words.length === 0 ? null : configured,
    isComplete: false,
  }
}

function publicAddress(places: readonly OpenPlace[]) {
  return message('step.substrate-announce', { flags: publicAddressFlags(places) })
}

export function publicAddressFlags(places: readonly OpenPlace[]): string {
  const flags = places.map(({ external: { address, port } }) => {
    return `--public-addr /${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${port}/ws`
  })
  return flags.join(' ')
}

function textsIn(json: Json): readonly string[] {
  return (list(json) ?? []).slice(0, 256).flatMap((one) => text(one) ?? [])
}

export const viaTemplate: Announcing = {
  steps: (places) => [
    message('step.phala-announce', { flags: publicAddressFlags(places) }),
    message('step.phala-restart'),
  ],
  setting: null,
}
