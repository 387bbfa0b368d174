import type { PortSpec } from '../model/endpoint.ts'
import type { NodeAddress, PeerRange } from '../model/evidence.ts'
import { parseEndpoint } from '../model/ip.ts'
import { message } from '../model/message.ts'
import { integer, type Json, list, objectOf, text } from '../ruleset/json.ts'
import type { ProtocolName } from '../wire/first-packet/protocols.ts'
import type { OpenPlace } from './announce.ts'
import { imageName } from './find-nodes.ts'
import { parseMultiaddr } from './multiaddr.ts'
import { type AdminPort, type NodeKind, type NodeTold, type PeersTold, told } from './node-kind.ts'
import { type HttpQuestion, type NodePlace, urlOf } from './place.ts'
import { printable } from './printable.ts'
import { valueAt } from './value-at.ts'

/** A kind of node of the user's own, as a file describes it (docs/own-nodes.md). Plain data. */
export interface OwnKind {
  /** The path of the file, as `--node` takes it. */
  readonly file: string
  readonly name: string
  readonly processes: readonly string[]
  /** Without registry and tag. */
  readonly images: readonly string[]
  readonly ports: readonly PortSpec[]
  readonly adminPorts: readonly AdminPort[]
  readonly protocols: readonly ProtocolName[]
  /** The TCP port on which it answers HTTP on this host; null where it cannot be asked. */
  readonly api: number | null
  readonly version: OwnQuestion | null
  readonly peers: OwnPeers | null
  readonly announced: OwnQuestion | null
  /** A line of its log that says how many peers it has. */
  readonly peersInLog: string | null
  /** How its operator has it announce an address: `{address}` and `{port}` stand for it. */
  readonly announce: string | null
  readonly restart: string | null
}

/** Where in which answer: `at` is a path of keys, `result.peers`. */
export interface OwnQuestion {
  readonly path: string
  /** JSON, to be posted; null: it is a GET. */
  readonly body: string | null
  readonly at: string
}

export interface OwnPeers extends OwnQuestion {
  /** Of the entries of the list, those that came in: whose `key` is `is`. */
  readonly inbound: { readonly key: string; readonly is: string } | null
  readonly wanted: PeerRange | null
  /** So many it dials by itself. */
  readonly outbound: number | null
}

/** The kind that a file describes. */
export function ownKind(own: OwnKind): NodeKind {
  const { name, processes, images, adminPorts, protocols, ports } = own
  return {
    name,
    processes,
    images: images.length === 0 ? null : { test: (image) => images.map(imageName).includes(image) },
    ports,
    adminPorts,
    protocols,
    ...(own.announce !== null && { announcing: { steps: (places) => announceSteps(own, places), setting: null } }),
    ask: (place) => askOwn(own, place),
  }
}

async function askOwn(own: OwnKind, place: NodePlace): Promise<NodeTold> {
  const at = own.api === null ? undefined : place.askableAt([own.api])[0]
  const ask = async (question: OwnQuestion | null): Promise<Json> => {
    if (question === null || at === undefined) return undefined
    const answer = await place.json(at, httpQuestion(question))
    return answer.access === 'answered' ? valueAt(answer.json, question.at) : undefined
  }
  const [version, peers, announced, lines] = await Promise.all([
    ask(own.version),
    ask(own.peers),
    ask(own.announced),
    own.peersInLog === null ? [] : place.log(),
  ])
  const counted = countPeers(own, peers) ?? countInLog(own, lines)
  const hasAnswered = [version, peers, announced].some((each) => each !== undefined)
  return told({
    access: hasAnswered ? 'answered' : at === undefined ? 'not-asked' : 'silent',
    asked: hasAnswered ? urlOf(at!, '/') : null,
    version: printable(text(version)),
    peers: counted === undefined ? [] : [counted],
    addresses: announced === undefined ? null : { announced: placesIn(announced), configured: null, isComplete: false },
  })
}

function httpQuestion({ path, body }: OwnQuestion): HttpQuestion {
  if (body === null) return { path }
  return { method: 'POST', path, fields: [['Content-Type', 'application/json']], body }
}

/** A number is one; of a list or a map the entries are counted. */
export function countPeers({ peers: how }: Pick<OwnKind, 'peers'>, answer: Json): PeersTold | undefined {
  const entries = list(answer) ?? (objectOf(answer) && Object.values(objectOf(answer)!))
  const peers = entries?.length ?? integer(answer)
  if (how === null || peers === undefined || peers < 0) return undefined
  const { inbound } = how
  const cameIn = inbound && entries?.filter((entry) => String(valueAt(entry as Json, inbound.key)) === inbound.is)
  return {
    ...NO_MORE,
    peers,
    inbound: cameIn?.length ?? null,
    wanted: how.wanted,
    outboundQuota: how.outbound,
    from: 'api',
  }
}

const NO_MORE = { part: null, inboundFrom: null } as const

/** `{peers}` in the pattern is the number, `*` anything in the same line; the last line that fits counts. */
export function countInLog(
  { peersInLog, peers: how }: Pick<OwnKind, 'peersInLog' | 'peers'>,
  lines: readonly string[],
): PeersTold | undefined {
  if (peersInLog === null) return undefined
  const read = logReader(peersInLog)
  const last = lines.flatMap((line) => read(line) ?? []).at(-1)
  if (last === undefined) return undefined
  const { wanted = null, outbound = null } = how ?? {}
  return { ...NO_MORE, peers: last, inbound: null, wanted, outboundQuota: outbound, from: 'log' }
}

const MOST_LINE = 2000

/**
 * Reads the number out of a line that fits. No expression of the user's is run, which could take minutes for a line: what
 * stands between the asterisks is looked for piece by piece.
 */
function logReader(template: string): (line: string) => number | undefined {
  const pieces = template.split('*').map((piece) => {
    const [before, ...after] = piece.split('{peers}').map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(after.length === 0 ? before! : `${before}(?<peers>\\d{1,6})${after.join('')}`)
  })
  return (line) => {
    let rest = line.slice(0, MOST_LINE)
    let peers: number | undefined
    for (const piece of pieces) {
      const match = piece.exec(rest)
      if (match === null) return undefined
      if (match.groups?.peers !== undefined) peers = Number(match.groups.peers)
      rest = rest.slice(match.index + match[0].length)
    }
    return peers
  }
}

const MOST_PLACES = 64

/** Multiaddrs; or, of TCP, `203.0.113.7:9735`, with or without `ID@` before it. */
export function placesIn(answer: Json): readonly NodeAddress[] {
  const texts = (list(answer) ?? [answer]).slice(0, MOST_PLACES).flatMap((one) => text(one) ?? [])
  return texts.flatMap((one): readonly NodeAddress[] => {
    const multiaddr = parseMultiaddr(one)
    if (multiaddr !== undefined) return [multiaddr]
    const endpoint = parseEndpoint(one.replace(/^[^@]{0,256}@/, ''))
    return endpoint === undefined ? [] : [{ ...endpoint, transport: 'tcp', name: null, isDirect: true }]
  })
}

function announceSteps({ announce, restart }: OwnKind, places: readonly OpenPlace[]) {
  const steps = places.map(({ external: { address, port } }) =>
    message('step.own-announce', {
      command: announce!.replaceAll('{address}', address).replaceAll('{port}', String(port)),
    }),
  )
  return [...steps, restart === null ? message('step.restart-node') : message('step.own-restart', { command: restart })]
}
