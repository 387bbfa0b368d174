import type { Host } from '../../host/host.ts'
import { familyOf, type PortSpec } from '../../model/endpoint.ts'
import type { ExchangeTally, ProtocolExchangeFact } from '../../model/evidence.ts'
import type { OpenedPorts, ReceivedFlows } from '../../vantage/vantage.ts'
import { equalBytes } from '../../wire/bytes.ts'
import { INVERTED, masked, OPENINGS, type ProtocolName } from '../../wire/first-packet/protocols.ts'
import { probeFilterMemory } from './filter-memory.ts'
import { sayBytes } from './say-bytes.ts'
import { drawMasks, runTries, TRY_KINDS, type TryKind } from './tries.ts'

export interface OutwardExchange {
  readonly vantage: string
  readonly opened: OpenedPorts
  /** One of those opened. */
  readonly port: number
  readonly protocol: ProtocolName
  readonly ofNode: boolean
  readonly rttMs: number
}

/**
 * This host speaks a protocol to a port that the vantage opened for it, and what only looks like it; the vantage
 * answers each with its bytes inverted, so that both directions are tried. Undefined where some of it may have come from
 * another address than the one that is answered, as from a carrier with several.
 */
export async function probeExchangeOut(
  host: Host,
  exchange: OutwardExchange,
): Promise<ProtocolExchangeFact | undefined> {
  const { vantage, opened, port, protocol, ofNode, rttMs } = exchange
  const { transport, randomLength, encode } = OPENINGS[protocol]
  const bytes = encode(host.random.bytes(randomLength))
  const masks = drawMasks(host.random)
  const seen = { spoken: nothingYet(), answered: nothingYet(), neutral: nothingYet() }
  const tries = await runTries(host, async (kind) => {
    const said = masked(bytes, masks[kind])
    const { isEstablished, heard, ended } = await sayBytes(
      host,
      transport,
      { address: opened.address, port },
      said,
      rttMs,
    )
    const isReturned = equalBytes(heard, masked(said, INVERTED))
    seen[kind].established += Number(isEstablished)
    seen[kind].returned += Number(isReturned)
    seen[kind].cutBack += Number(!isReturned && isBeginning(heard, masked(said, INVERTED)))
    seen[kind].resets += Number(ended === 'reset')
    return isReturned
  })
  // Asked before anything else is said there.
  const [flows, arrivals] = await Promise.all([opened.flows(), opened.arrivals()])
  const isThere = (one: PortSpec) => one.transport === transport && one.port === port
  if (arrivals?.some((one) => isThere(one) && (one.strangers ?? 0) > 0)) return undefined
  const isSuspect = tries.spoken > 0 && seen.spoken.returned === 0 && seen.neutral.returned > 0
  const memory = isSuspect
    ? await probeFilterMemory(host, {
        ...{ transport, to: { address: opened.address, port }, rttMs },
        ...{ stopped: bytes, neutral: masked(bytes, masks.neutral) },
      })
    : null
  const tally = (kind: TryKind): ExchangeTally => ({
    tries: tries[kind],
    ...seen[kind],
    ...arrivedOf(flows, tries[kind], bytes.length, (flow) => {
      const said = masked(bytes, masks[kind])
      return flow.port === port && equalBytes(flow.head, said.subarray(0, flow.head.length))
    }),
  })
  return {
    transport,
    port,
    family: familyOf(opened.address),
    protocol,
    vantage,
    opener: 'host',
    purpose: 'comparison',
    ofNode,
    memory,
    ...(Object.fromEntries(TRY_KINDS.map((kind) => [kind, tally(kind)])) as Record<TryKind, ExchangeTally>),
  }
}

export function nothingYet(): { established: number; returned: number; cutBack: number; resets: number } {
  return { established: 0, returned: 0, cutBack: 0, resets: 0 }
}

function isBeginning(some: Uint8Array, all: Uint8Array): boolean {
  return some.length > 0 && equalBytes(some, all.subarray(0, some.length))
}

/** How many of `tries` flows came whole, and how many cut; a datagram may come several times. */
export function arrivedOf(
  flows: readonly ReceivedFlows[] | null,
  tries: number,
  length: number,
  isOurs: (flow: ReceivedFlows) => boolean,
): Pick<ExchangeTally, 'arrived' | 'partly'> {
  if (flows === null) return { arrived: null, partly: 0 }
  const ours = flows.filter(isOurs)
  const sum = (some: readonly ReceivedFlows[]) =>
    Math.min(
      tries,
      some.reduce((total, { count }) => total + count, 0),
    )
  return {
    arrived: sum(ours.filter(({ bytes }) => bytes >= length)),
    partly: sum(ours.filter(({ bytes }) => bytes < length)),
  }
}
