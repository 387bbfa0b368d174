import type { Host } from '../host/host.ts'
import type { EndpointKey } from '../model/endpoint.ts'
import type { DialBackFact, DialPurpose } from '../model/evidence.ts'
import type { DialReport, VantageControl } from '../vantage/vantage.ts'
import { hex } from '../wire/bytes.ts'
import { judgeArrival } from './arrival.ts'
import type { ArrivalCounts } from './arrival-counts.ts'
import { attempt } from './attempt.ts'
import { ConnectionWatch, type FlowSighting } from './connection-watch.ts'
import type { DialSource } from './dial-plan.ts'
import type { HeldPort } from './held-port.ts'
import { parseReply } from './nonce-line.ts'

/** One port to be dialled, and who holds it meanwhile. */
export interface DialTarget {
  readonly key: EndpointKey
  /** Where strangers dial it: the same port, but for a router that forwards it from another. */
  readonly dialPort: number
  readonly purpose: DialPurpose
  /** The node or nobody; or peerway, and then by what. */
  readonly holder: 'node' | 'nobody' | HeldPort
}

export interface DialTools {
  readonly host: Host
  readonly control: VantageControl
  readonly counts: ArrivalCounts
  readonly rttMs: number
}

const NONCE_BYTES = 16
/** Beside two round trips: what the kernel and the reading of its table take. */
const FLOW_MARGIN_MS = 200

/**
 * Has one port dialled from outside, and watches on this host what of it arrives. `sources` are tried in turn until one
 * dial came about; that none did is a fact too, and no evidence against the port. Never throws.
 */
export async function probeDialBack(
  tools: DialTools,
  target: DialTarget,
  sources: readonly DialSource[],
): Promise<DialBackFact> {
  const [first, ...others] = sources as readonly [DialSource, ...DialSource[]]
  let source = first
  let fact = await dialFrom(tools, target, source)
  for (const other of others) {
    if (fact.outcome !== 'not-dialled') break
    source = other
    fact = await dialFrom(tools, target, source)
  }
  return isUnheard(fact) ? dialAgain(tools, target, source, fact) : fact
}

const MORE_DIALS = 3

/** Somebody on the way completed the handshake, and nothing came here. */
function isUnheard({ transport, purpose, outcome, greeting, arrival }: DialBackFact): boolean {
  const isProxied = transport === 'tcp' && outcome === 'connected' && greeting === null
  return isProxied && purpose !== 'vacant' && arrival.wire === 'no'
}

/** Who completes handshakes asks this host once for each: that a single packet was lost must not look like a port that is stopped. */
async function dialAgain(
  tools: DialTools,
  target: DialTarget,
  source: DialSource,
  fact: DialBackFact,
): Promise<DialBackFact> {
  const more = await Promise.all(Array.from({ length: MORE_DIALS }, () => dialFrom(tools, target, source)))
  return more.find((each) => each.outcome === 'connected' && !isUnheard(each)) ?? fact
}

async function dialFrom(tools: DialTools, target: DialTarget, source: DialSource): Promise<DialBackFact> {
  const { key, purpose, holder } = target
  const held = typeof holder === 'object' ? holder : undefined
  const nonce = tools.host.random.bytes(NONCE_BYTES)
  held?.expect(hex(nonce))
  const payload = holder === 'node' ? ({ kind: 'stranger' } as const) : ({ kind: 'nonce', nonce } as const)
  const watch = new FlowLookout(tools, key, holder === 'node' && key.transport === 'tcp')
  await watch.ready()

  const report = await tools.control.dial({
    transport: key.transport,
    port: target.dialPort,
    from: source.from,
    payload,
    onConnected: watch.onConnected,
  })
  const flow = await watch.sighting()
  tools.control.release(report)

  const dialledFrom = report.source?.address ?? source.address
  const bearer = held?.bearerOf(hex(nonce))
  return {
    ...key,
    purpose,
    vantage: source.vantage,
    target: report.target,
    source: report.source,
    sourceClean: source.clean && dialledFrom === source.address,
    answersFrom: (await attempt(() => tools.host.network.sourceTowards(dialledFrom), undefined)) ?? null,
    outcome: report.outcome,
    refusal: report.refusal,
    attempts: report.attempts,
    rttMs: report.rttMs,
    holder: held === undefined ? (holder as 'node' | 'nobody') : 'peerway',
    greeting: greetingOf(report, held),
    arrival: judgeArrival({
      transport: key.transport,
      outcome: report.outcome,
      dialledFrom,
      count: await tools.counts.read(key, source.address),
      flow,
      held: held && { bearer: bearer?.address ?? null, heard: held.heardFrom(dialledFrom) },
    }),
  }
}

/**
 * Only our own secret, returned, proves that the far side spoke to us. A vantage may say `nonce`; that alone is
 * nothing.
 */
function greetingOf(report: DialReport, held: HeldPort | undefined): string | null {
  const secret = report.answer === null ? undefined : parseReply(report.answer)
  if (held !== undefined && secret === held.secret) return 'nonce'
  return report.greeting === 'nonce' ? null : report.greeting
}

/** Starts looking into the connection table at the very moment when the vantage says that it is connected. */
class FlowLookout {
  readonly #watch: ConnectionWatch | undefined
  readonly #forMs: number
  #sighting: Promise<FlowSighting> | undefined

  constructor({ host, rttMs }: DialTools, key: EndpointKey, wanted: boolean) {
    this.#watch = wanted ? new ConnectionWatch(host, key.port) : undefined
    this.#forMs = 2 * rttMs + FLOW_MARGIN_MS
  }

  async ready(): Promise<void> {
    await this.#watch?.ready()
  }

  readonly onConnected = (source: { readonly address: string } | null): void => {
    this.#sighting ??= this.#watch?.look(source?.address ?? null, this.#forMs)
  }

  async sighting(): Promise<FlowSighting | undefined> {
    return this.#sighting
  }
}
