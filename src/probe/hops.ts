import type { EchoResult, Host } from '../host/host.ts'
import { accessLineStep } from '../model/access-line.ts'
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

/** Echo requests to each near hop before a round trip is believed, and so many more before a step in them is. */
const SAMPLES = 3
const MORE_SAMPLES = 9
/** A busy machine is busy for a while: the further echo requests are so far apart, and go on for so long. */
const APART_MS = 25
const MORE_SAMPLES_MS = 500

/**
 * The same hops with round trips that can be compared: the least of three echo requests to each near hop itself. What
 * ping tells of a "time exceeded" holds its own start-up, so it is left out. Nobody is asked where it would decide
 * nothing: only a second private hop may stand on either side of the access line. Nor where somebody nearer has its address.
 *
 * A step that looks like an access line decides whose a translator is, and a busy machine makes such steps as well, for a
 * while: it must outlast further requests, of which every hop gets one at the same time.
 */
export async function measureHops(
  host: Host,
  fact: HopsFact,
  addresses: AddressesFact,
  maxTtl: number,
  rttMs: number,
): Promise<HopsFact> {
  const inDoubt = fact.hops.some(({ ttl, address }) => ttl > 1 && address !== null && scopeOf(address) === 'private')
  const least = new Map<number, number>()
  const isAsked = (hop: Hop): hop is Hop & { readonly address: Address } =>
    hop.answer === 'time-exceeded' &&
    hop.address !== null &&
    hop.ttl <= maxTtl &&
    !isAlsoNearer(hop, fact.hops, addresses)
  const asked = inDoubt ? fact.hops.filter(isAsked) : []
  const silent = new Set<number>()
  const measureOnce = () =>
    Promise.all(
      asked.map(async ({ ttl, address }) => {
        if (silent.has(ttl)) return
        const sample = await roundTrip(host, address, graceMs(rttMs))
        if (sample === null) silent.add(ttl)
        else least.set(ttl, Math.min(sample, least.get(ttl) ?? sample))
      }),
    )
  const measured = () =>
    fact.hops.map((hop) => (hop.answer === 'time-exceeded' ? { ...hop, rttMs: least.get(hop.ttl) ?? null } : hop))

  for (let sample = 0; sample < SAMPLES; sample++) await measureOnce()
  const untilMs = host.clock.monotonicMs() + MORE_SAMPLES_MS
  for (let sample = 0; sample < MORE_SAMPLES && accessLineStep(measured()) !== null; sample++) {
    if (host.clock.monotonicMs() > untilMs) break
    await host.clock.sleep(APART_MS)
    await measureOnce()
  }
  return { ...fact, hops: measured() }
}

async function roundTrip(host: Host, to: Address, timeoutMs: number): Promise<number | null> {
  const result = await attempt<EchoResult, undefined>(() => host.icmp.echo({ to, timeoutMs }), undefined)
  return result?.answer === 'echo-reply' && result.from === to ? result.rttMs : null
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
