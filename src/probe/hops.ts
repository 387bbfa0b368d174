import type { EchoResult, Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { familyOf } from '../model/endpoint.ts'
import type { AddressesFact, Hop, HopsFact } from '../model/evidence.ts'
import { scopeOf } from '../model/ip.ts'
import { graceMs } from '../wire/patience.ts'
import { attempt } from './attempt.ts'
import { isAlsoNearer } from './outer-routers.ts'

export interface HopsQuestion {
  readonly toward: Address
  /** 1 to 16: that many echo requests are on their way at the same time. */
  readonly maxTtl: number
  readonly rttMs: number
  /** Called for every hop as soon as it has answered. */
  readonly onHop?: (hop: Hop) => void
}

/** Routers limit their ICMP errors and links lose packets, so one silence is asked again. */
const MAX_TRIES = 3

/**
 * Who is on the way to `toward`: echo requests with TTL 1, 2, ..., all at once, up to the first answer of the target
 * itself. Undefined where this host may not or cannot send echo requests: then nothing was observed.
 */
export async function probeHops(host: Host, question: HopsQuestion): Promise<HopsFact | undefined> {
  const { toward, maxTtl } = question
  const path = new Path()
  const hops = await Promise.all(Array.from({ length: maxTtl }, (_, index) => askHop(host, question, index + 1, path)))
  const asked = hops.filter((hop) => hop !== undefined)
  if (asked.length === 0) return undefined
  return { family: familyOf(toward), toward, hops: asked.filter(({ ttl }) => ttl <= path.length) }
}

const SAMPLES = 3

/**
 * The same hops with round trips that can be compared: the least of three echo requests to each near hop itself. What
 * ping tells of a "time exceeded" holds its own start-up, so it is left out. Nobody is asked where it would decide
 * nothing: only a second private hop may stand on either side of the access line. Nor where somebody nearer has its address.
 */
export async function measureHops(
  host: Host,
  fact: HopsFact,
  addresses: AddressesFact,
  maxTtl: number,
  rttMs: number,
): Promise<HopsFact> {
  const inDoubt = fact.hops.some(({ ttl, address }) => ttl > 1 && address !== null && scopeOf(address) === 'private')
  const hops = await Promise.all(
    fact.hops.map(async (hop) => {
      if (hop.answer !== 'time-exceeded' || hop.address === null) return hop
      const isAnothers = isAlsoNearer(hop, fact.hops, addresses)
      if (!inDoubt || hop.ttl > maxTtl || isAnothers) return { ...hop, rttMs: null }
      return { ...hop, rttMs: await leastRoundTrip(host, hop.address, graceMs(rttMs)) }
    }),
  )
  return { ...fact, hops }
}

async function leastRoundTrip(host: Host, to: Address, timeoutMs: number): Promise<number | null> {
  const samples: number[] = []
  for (let asked = 0; asked < SAMPLES; asked++) {
    const result = await attempt<EchoResult, undefined>(() => host.icmp.echo({ to, timeoutMs }), undefined)
    if (result?.answer !== 'echo-reply' || result.from !== to || result.rttMs === null) break
    samples.push(result.rttMs)
  }
  return samples.length === 0 ? null : Math.min(...samples)
}

/** The smallest TTL at which the target itself answered: farther hops need not be asked again. */
class Path {
  length = Number.POSITIVE_INFINITY

  endsAt(ttl: number): void {
    this.length = Math.min(this.length, ttl)
  }
}

async function askHop(host: Host, question: HopsQuestion, ttl: number, path: Path): Promise<Hop | undefined> {
  const timeoutMs = graceMs(question.rttMs)
  let hop: Hop | undefined
  for (let tries = 0; tries < MAX_TRIES && ttl <= path.length; tries++) {
    const result = await attempt<EchoResult, undefined>(
      () => host.icmp.echo({ to: question.toward, ttl, timeoutMs }),
      undefined,
    )
    if (result === undefined) return hop
    hop = { ttl, answer: result.answer, address: result.from, rttMs: result.rttMs }
    if (hop.answer === 'silent') continue
    if (endsPath(result, question.toward)) path.endsAt(ttl)
    question.onHop?.(hop)
    return hop
  }
  return hop
}

/** Nothing passes beyond a box that calls the target unreachable, nor beyond the target. */
function endsPath({ answer, from }: EchoResult, toward: Address): boolean {
  return answer === 'echo-reply' || answer === 'unreachable' || from === toward
}
