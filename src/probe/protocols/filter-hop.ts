import type { Host, UdpSocket } from '../../host/host.ts'
import { type Endpoint, familyOf } from '../../model/endpoint.ts'
import type { FilterHopFact, ProtocolExchangeFact } from '../../model/evidence.ts'
import { graceMs } from '../../wire/patience.ts'
import { attempt } from '../attempt.ts'

export interface FilterHopQuestion {
  readonly vantage: string
  /** A port that the vantage opened. */
  readonly to: Endpoint
  readonly protocol: string
  /** What did not come through, and what has the same shape and did. */
  readonly spoken: Uint8Array
  readonly neutral: Uint8Array
  /** So many routers are on the way, as far as that is known. */
  readonly routers: number
  readonly rttMs: number
}

/** Of a silence one in five may be chance, on a bad line; five in a row are none. A router answers six in a row. */
const MOST_TRIES = 5
/** All hops are asked at the same time, with both kinds of bytes. */
const MOST_HOPS = 12

/**
 * How far does the first datagram of a protocol come that somebody on the way drops? It is sent with one TTL after another,
 * beside one that means nothing: each hop that it comes to says that it ended there. Undefined where this host is not told
 * of such answers, or where no hop gave any.
 */
export async function probeFilterHop(host: Host, question: FilterHopQuestion): Promise<FilterHopFact | undefined> {
  const { vantage, to, protocol, spoken, neutral, routers } = question
  const ttls = Array.from({ length: Math.min(routers, MOST_HOPS) }, (_, index) => index + 1)
  const hops = await Promise.all(
    ttls.map(async (ttl) => {
      const [withProtocol, without] = await Promise.all([
        endsAt(host, question, spoken, ttl),
        endsAt(host, question, neutral, ttl),
      ])
      return { ttl, spoken: withProtocol, neutral: without }
    }),
  )
  if (hops.every((hop) => hop.neutral === 'silent')) return undefined
  return { transport: 'udp', port: to.port, family: familyOf(to.address), protocol, vantage, hops }
}

/** Each try is a flow of its own: a filter may remember one that it has stopped. */
async function endsAt(
  host: Host,
  { to, rttMs }: FilterHopQuestion,
  data: Uint8Array,
  ttl: number,
): Promise<'passed' | 'silent'> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const opened = await attempt<UdpSocket | undefined, undefined>(
      () => host.udp.open({ toward: to, connect: to, hopErrors: true }),
      undefined,
    )
    if (opened === undefined) return 'silent'
    await using socket = opened
    await socket.send(data, to, { ttl })
    const event = await socket.receive(graceMs(rttMs))
    if (event?.kind === 'error' && event.code === 'ttl-exceeded') return 'passed'
  }
  return 'silent'
}

/** Came the protocol's bytes to the other end in none of the flows, while others came? */
export function looksFiltered({ transport, opener, spoken, neutral }: ProtocolExchangeFact): boolean {
  const isLost = spoken.arrived === 0 && spoken.returned === 0 && spoken.established > 0
  return transport === 'udp' && opener === 'host' && isLost && neutral.returned > 0
}
