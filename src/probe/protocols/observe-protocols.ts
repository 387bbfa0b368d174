import type { PortSpec, Transport } from '../../model/endpoint.ts'
import type { DialBackFact, HopsFact } from '../../model/evidence.ts'
import {
  isProtocolName,
  masked,
  OPENINGS,
  PROTOCOL_NAMES,
  type ProtocolName,
} from '../../wire/first-packet/protocols.ts'
import type { DialTarget } from '../dial-back.ts'
import type { Dialler } from '../dial-backs.ts'
import { freePort } from '../dial-targets.ts'
import type { FamilyContext } from '../family-context.ts'
import type { DeepContext } from '../observe-deep.ts'
import { probeExchangeIn } from './exchange-in.ts'
import { probeExchangeOut } from './exchange-out.ts'
import { looksFiltered, probeFilterHop } from './filter-hop.ts'
import { probeProtocolAnswer } from './protocol-answer.ts'

/** Where no port of a transport is asked about, peers listen there. */
const USUAL_PORT = 4001

/**
 * Does anybody on the way stop the protocols of the node? Outwards to a port of the vantage, inwards to one that peerway
 * holds where strangers get in, and to the node's own. Speaks to the vantage's contacted address alone.
 */
export async function observeProtocols(
  context: FamilyContext,
  dialler: Dialler,
  targets: readonly DialTarget[],
  dials: readonly DialBackFact[],
): Promise<void> {
  const protocols = context.protocols.filter(isProtocolName)
  if (protocols.length === 0 || !dialler.control.canExchange) return
  await context.notebook.step('protocols', () =>
    Promise.all([
      observeOutward(context, dialler, { protocols, ofNode: true, rank: 0 }),
      observeInward(context, dialler, { protocols, ofNode: true, rank: 0 }, dials),
      observeAnswers(context, dialler, protocols, targets),
    ]),
  )
}

/** So many at a time: a vantage takes 64 connections. */
const AT_ONCE = 3

/** The protocols that are not the node's (`--deep`): is this a line on which somebody looks for protocols? */
export async function observeOtherProtocols(context: DeepContext): Promise<void> {
  const { dialler, dials } = context
  if (!dialler.control.canExchange) return
  const others = PROTOCOL_NAMES.filter((name) => !context.protocols.includes(name))
  for (let index = 0; index < others.length; index += AT_ONCE) {
    const some = { protocols: others.slice(index, index + AT_ONCE), ofNode: false, rank: 100 + 2 * index }
    await observeOutward(context, dialler, some)
    await observeInward(context, dialler, some, dials)
  }
}

interface Tried {
  readonly protocols: readonly ProtocolName[]
  readonly ofNode: boolean
  /** Place of the first fact in the order of the report. */
  readonly rank: number
}

async function observeOutward(
  { host, notebook, ports, family }: FamilyContext,
  { name, control, rttMs }: Dialler,
  { protocols, ofNode, rank }: Tried,
): Promise<void> {
  const transports = [...new Set(protocols.map((protocol) => OPENINGS[protocol].transport))]
  const wanted = transports.map((transport): PortSpec => ({ transport, port: portOf(ports, transport) }))
  const opened = await control.openInverting(wanted)
  if (opened === null) return
  const found = await Promise.all(
    protocols.map(async (protocol, index) => {
      const port = opened[OPENINGS[protocol].transport][0]
      if (port === undefined) return []
      const fact = await probeExchangeOut(host, { vantage: name, opened, port, protocol, ofNode, rttMs })
      if (fact === undefined) return []
      notebook.add('protocol-exchange', fact, rank + index)
      return looksFiltered(fact) ? [{ protocol, index, port }] : []
    }),
  )
  const filtered = found.flat()
  if (filtered.length === 0) return
  // All flows have been told of by now, and the ports may be closed again.
  const again = await control.openInverting(wanted)
  const routers = routersOnTheWay(notebook.facts('hops').find((one) => one.family === family))
  // In turn: a router tells one host of few packets in a row.
  for (const { protocol, index, port } of again === null ? [] : filtered) {
    const { transport, randomLength, encode } = OPENINGS[protocol]
    const spoken = encode(host.random.bytes(randomLength))
    const question = { vantage: name, transport, protocol, spoken, neutral: masked(spoken, NEUTRAL_MASK), rttMs }
    const hop = await probeFilterHop(host, { ...question, to: { address: opened.address, port }, routers })
    if (hop !== undefined) notebook.add('filter-hop', hop, rank + index)
  }
}

/** Turns a protocol's bytes into such that mean nothing, to whoever speaks first and to whoever answers. */
const NEUTRAL_MASK = 0x5a
const ROUTERS_AT_MOST = 12

function routersOnTheWay(hops: HopsFact | undefined): number {
  const end = hops?.hops.find(({ answer }) => answer === 'echo-reply')
  return end === undefined ? ROUTERS_AT_MOST : end.ttl - 1
}

/** A port asked about, or the usual one. */
export function portOf(ports: readonly PortSpec[], wanted: Transport): number {
  return ports.find(({ transport }) => transport === wanted)?.port ?? USUAL_PORT
}

/** Only where a port that peerway held let a stranger in does anything come that could be compared. */
async function observeInward(
  { host, notebook, listenerList, family, addresses }: FamilyContext,
  { name, control, fact: { address: source } }: Dialler,
  { protocols, ofNode, rank }: Tried,
  dials: readonly DialBackFact[],
): Promise<void> {
  const address = addresses.source[family]
  if (source === null || address === null) return
  const taken = new Set((listenerList?.sockets ?? []).map(({ port }) => port))
  const letsIn = (transport: Transport) =>
    dials.some((dial) => dial.purpose === 'comparison' && dial.transport === transport && dial.greeting === 'nonce')
  await Promise.all(
    protocols.map(async (protocol, index) => {
      const { transport } = OPENINGS[protocol]
      if (!letsIn(transport)) return
      const port = { transport, port: freePort(host, taken) }
      const exchange = {
        vantage: name,
        control,
        source,
        address,
        port,
        purpose: 'comparison',
        protocol,
        ofNode,
      } as const
      const fact = await probeExchangeIn(host, exchange)
      if (fact !== undefined) notebook.add('protocol-exchange', fact, rank + protocols.length + index)
    }),
  )
}

async function observeAnswers(
  { host, notebook, family, addresses }: FamilyContext,
  { name, control, fact: { address: source } }: Dialler,
  protocols: readonly ProtocolName[],
  targets: readonly DialTarget[],
): Promise<void> {
  const address = addresses.source[family]
  if (source === null || address === null) return
  const nodes = targets.filter(({ purpose, holder }) => purpose === 'endpoint' && holder === 'node')
  const questions = nodes.flatMap(({ key: { transport, port }, dialPort }) =>
    protocols
      .filter((protocol) => OPENINGS[protocol].transport === transport)
      .map((protocol) => ({ port: { transport, port }, dialPort, protocol })),
  )
  await Promise.all(
    questions.map(async (question, rank) => {
      const fact = await probeProtocolAnswer(host, { vantage: name, control, source, address, ...question })
      if (fact !== undefined) notebook.add('protocol-answer', fact, rank)
    }),
  )
}
