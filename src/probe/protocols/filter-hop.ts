import type { Host, UdpSocket } from '../../host/host.ts'
import { type Endpoint, familyOf, type Transport } from '../../model/endpoint.ts'
import type { FilterHopFact, ProtocolExchangeFact } from '../../model/evidence.ts'
import { graceMs } from '../../wire/patience.ts'
import { attempt } from '../attempt.ts'
import { probeTcpHops } from './filter-hop-tcp.ts'

export interface FilterHopQuestion {
  readonly vantage: string
  readonly transport: Transport
  /** A port that the vantage opened; over TCP it gives back inverted what it gets. */
  readonly to: Endpoint
  readonly protocol: string
  /** What did not come through, and what has the same shape and did. */
  readonly spoken: Uint8Array
  readonly neutral: Uint8Array
  /** So many routers are on the way, as far as that is known. */
  readonly routers: number
  readonly rttMs: number
}

type HopTried = FilterHopFact['hops'][number]

/** Of a silence one in five may be chance, on a bad line; five in a row are none. A router answers six in a row. */
const MOST_TRIES = 5
/** Where a hop is not told to have got the protocol, it must have told of others all along: else it may be it that is tired of telling. */
const NEUTRAL_LOST = 1
/** All hops are asked at the same time, with both kinds of bytes. */
export const MOST_HOPS = 12

/**
 * How far do the first bytes of a protocol come that somebody on the way stops? They are sent with one TTL after another,
 * beside such that mean nothing: each hop that they come to says that they ended there. Undefined where this host is not told
 * of such answers, or may not limit the TTL (TCP, without root), or where no hop gave any.
 */
export async function probeFilterHop(host: Host, question: FilterHopQuestion): Promise<FilterHopFact | undefined> {
  const { vantage, transport, to, protocol, routers } = question
  const ttls = Array.from({ length: Math.min(routers, MOST_HOPS) }, (_, index) => index + 1)
  const hops =
    transport === 'tcp'
      ? await probeTcpHops(host, question, ttls)
      : await Promise.all(ttls.map((ttl) => probeUdpHop(host, question, ttl)))
  if (hops.every((hop) => hop.neutral === 'silent' && hop.spoken === 'silent')) return undefined
  return { transport, port: to.port, family: familyOf(to.address), protocol, vantage, hops }
}

/** In turn, so that what befalls the line befalls both; no longer than until the protocol's bytes have come there. */
async function probeUdpHop(host: Host, question: FilterHopQuestion, ttl: number): Promise<HopTried> {
  let lost = 0
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const isPassed = await endsAt(host, question, question.spoken, ttl)
    if (!(await endsAt(host, question, question.neutral, ttl))) lost += 1
    if (isPassed) return { ttl, spoken: 'passed', neutral: lost > tries ? 'silent' : 'passed' }
    if (lost > NEUTRAL_LOST) break
  }
  return { ttl, spoken: 'silent', neutral: lost > NEUTRAL_LOST ? 'silent' : 'passed' }
}

/** Each try is a flow of its own: a filter may remember one that it has stopped. */
async function endsAt(host: Host, { to, rttMs }: FilterHopQuestion, data: Uint8Array, ttl: number): Promise<boolean> {
  const opened = await attempt<UdpSocket | undefined, undefined>(
    () => host.udp.open({ toward: to, connect: to, hopErrors: true }),
    undefined,
  )
  if (opened === undefined) return false
  await using socket = opened
  await socket.send(data, to, { ttl })
  const event = await socket.receive(graceMs(rttMs))
  return event?.kind === 'error' && event.code === 'ttl-exceeded'
}

/** Came the protocol's bytes to the other end in none of the flows, while others came? */
export function looksFiltered({ opener, spoken, neutral }: ProtocolExchangeFact): boolean {
  // What is cut goes on all the same.
  const isLost = spoken.arrived === 0 && spoken.partly === 0 && spoken.returned === 0 && spoken.established > 0
  return opener === 'host' && isLost && neutral.returned > 0
}
