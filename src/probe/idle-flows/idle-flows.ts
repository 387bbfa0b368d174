import type { Endpoint } from '../../model/endpoint.ts'
import type { IdleFlowsFact, IdleWindow } from '../../model/evidence.ts'
import { scopeOf } from '../../model/ip.ts'
import { graceMs, TRANSMISSION_INTERVAL_MS, TRANSMISSIONS } from '../../wire/patience.ts'
import type { DeepContext } from '../observe-deep.ts'
import { type FlowDistance, measureDistance } from './flow-distance.ts'
import { type FlowSocket, openFlow } from './flow-socket.ts'
import {
  ALL_THE_WAY_OUT,
  type IdleTest,
  KEEP_EVERY_MS,
  type Kept,
  PROOFS_MS,
  planIdleFlows,
  sendsOf,
} from './plan-idle-flows.ts'

const STEP = 'idle-flows'

/**
 * TTL-driven enumeration of the boxes that remember flows (Richter et al., IMC 2016, section 5; Mueller, Wohlfart and
 * Carle, 2013): many flows to the vantage at once, each left idle for some seconds, some of them kept alive in a part of the
 * way by datagrams whose TTL ends there. Then the vantage sends on the flow. What does not arrive was forgotten by a box
 * that nobody kept busy.
 *
 * No box has to answer anything. It takes as long as the longest idleness, 206 or 316 s, and ten seconds more; nothing where the
 * vantage cannot send on flows, or no UDP comes through to it. `pace` shortens all times alike: boxes that a test has made
 * forget within seconds.
 */
export async function observeIdleFlows(context: DeepContext, pace = 1): Promise<void> {
  const { notebook, dialler } = context
  const { fact, control, rttMs } = dialler
  if (!control.canSendOnFlows || fact.address === null) return
  const server = { address: fact.address, port: fact.port }
  const distance = await measureDistance(context.host, control, server, rttMs)
  if (distance.out === null) return
  const windows = await new Measurement(context, server, distance, pace).run()
  // A vantage whose connection has ended sends nothing any more: then silence says nothing.
  if (!(await control.isUp())) return
  const { out: hopsOut, back: hopsBack } = distance
  notebook.add('idle-flows', { family: context.family, server, hopsOut, hopsBack, windows } satisfies IdleFlowsFact)
}

interface Outcome extends IdleTest {
  readonly lived: boolean
}

/** Between two tests that are set up. */
const STAGGER_MS = 15
/** Linux takes a flow for a lasting one that is still used after two seconds. */
const SETTLING_MS = 2500

class Measurement {
  readonly #context: DeepContext
  readonly #server: Endpoint
  readonly #distance: FlowDistance
  readonly #pace: number
  /** One for each wait: a signal that hundreds listen to is warned of. */
  readonly #waits = new Set<AbortController>()
  #isOver = false
  readonly #outcomes: Outcome[] = []

  constructor(context: DeepContext, server: Endpoint, distance: FlowDistance, pace: number) {
    this.#context = context
    this.#server = server
    this.#distance = distance
    this.#pace = pace
  }

  async run(): Promise<readonly IdleWindow[]> {
    const tests = planIdleFlows(this.#distance.back, this.#pace)
    const running = tests.map((test, index) => this.#run(test, index * STAGGER_MS))
    const telling = this.#tellTimeLeft(tests)
    await Promise.all(running.filter((_, index) => !tests[index]!.isLate))
    if (this.#isAllKnown()) this.#stop()
    await Promise.all(running)
    this.#stop()
    await telling
    return windowsOf(this.#outcomes)
  }

  async #run(test: IdleTest, delayMs: number): Promise<void> {
    const { host, dialler } = this.#context
    await host.clock.sleep(delayMs)
    const sends = sendsOf(test, this.#distance.back, this.#pace)
    const flow = await openFlow(host, dialler.control, this.#server, sends)
    if (flow === undefined) return
    await using open = flow
    if (!(await this.#show(open, 1))) return
    await host.clock.sleep(SETTLING_MS)
    if (!(await this.#show(open, 2))) return
    await this.#keep(open, test)
    if (this.#isOver) return
    this.#outcomes.push({ ...test, lived: open.heard.some(({ kind, number }) => kind === 'sent' && number === 0) })
  }

  /** Opens the flow, until the vantage says that it has seen it. */
  async #show(flow: FlowSocket, number: number): Promise<boolean> {
    const { host, dialler } = this.#context
    const isSeen = () => flow.heard.some((one) => one.kind === 'seen' && one.number === number)
    const waitMs = Math.max(TRANSMISSION_INTERVAL_MS, dialler.rttMs)
    for (let sent = 0; sent < TRANSMISSIONS && !isSeen(); sent++) {
      await flow.send('open', number)
      await host.clock.sleep(sent === TRANSMISSIONS - 1 ? graceMs(dialler.rttMs) : waitMs * 1.5)
    }
    return isSeen()
  }

  /** Keeps a part of the way busy until the test has ended. */
  async #keep(flow: FlowSocket, { kept, idleSeconds }: IdleTest): Promise<void> {
    const { clock } = this.#context.host
    const idleEndMs = clock.monotonicMs() + idleSeconds * 1000
    const everyMs = KEEP_EVERY_MS * this.#pace
    const ttl = kept.upTo === ALL_THE_WAY_OUT ? undefined : kept.upTo
    while (ttl !== 0 && !this.#isOver && clock.monotonicMs() < idleEndMs - everyMs / 2) {
      await flow.send('keep', 0, ttl)
      await this.#wait(Math.min(everyMs, idleEndMs - clock.monotonicMs()))
    }
    const endMs = idleEndMs + PROOFS_MS + graceMs(this.#context.dialler.rttMs) + LATE_MS
    await this.#wait(endMs - clock.monotonicMs())
  }

  /** Waits, but no longer than the measurement lasts. */
  async #wait(ms: number): Promise<void> {
    if (this.#isOver) return
    const wait = new AbortController()
    this.#waits.add(wait)
    await this.#context.host.clock.sleep(ms, wait.signal)
    this.#waits.delete(wait)
  }

  #stop(): void {
    this.#isOver = true
    for (const wait of this.#waits) wait.abort()
  }

  /** Have all boxes forgotten something that may translate, so that none need be waited for any longer? */
  #isAllKnown(): boolean {
    const hops = this.#mayTranslate()
    const forgot = (hop: number) => this.#hasDied({ upTo: Math.max(0, hop - 1), from: hop + 1 })
    return this.#hasDied({ upTo: 0, from: null }) && hops.every(forgot)
  }

  #hasDied(kept: Kept): boolean {
    const early = this.#outcomes.filter((one) => !one.isLate && isSame(one.kept, kept))
    return (
      early.filter(({ idleSeconds }) => idleSeconds >= 198 * this.#pace).every(({ lived }) => !lived) &&
      early.length > 1
    )
  }

  /** Hops before the first one with a public address, where they have shown themselves; IPv6 is not translated. */
  #mayTranslate(): readonly number[] {
    const { family, notebook } = this.#context
    if (family === 'ipv6') return []
    const fact = notebook.facts('hops').find((one) => one.family === family)
    const isPublic = ({ address }: { readonly address: string | null }) =>
      address !== null && scopeOf(address) === 'global'
    const first = fact?.hops.find(isPublic)?.ttl ?? this.#distance.back ?? 2
    return Array.from({ length: Math.max(1, first - 1) }, (_, index) => index + 1)
  }

  async #tellTimeLeft(tests: readonly IdleTest[]): Promise<void> {
    const { host, notebook } = this.#context
    const endMs = host.clock.monotonicMs() + Math.max(...tests.map(({ idleSeconds }) => idleSeconds * 1000)) + ABOUT_MS
    while (!this.#isOver) {
      notebook.running(STEP, endMs - host.clock.monotonicMs())
      await this.#wait(TELL_EVERY_MS)
    }
  }
}

/** What setting up and waiting for the last datagrams add. */
const ABOUT_MS = 9000
const TELL_EVERY_MS = 5000
/** The vantage may have begun to count a little later than this host. */
const LATE_MS = 1000

/** The outcomes of each window together, in order. */
function windowsOf(outcomes: readonly Outcome[]): readonly IdleWindow[] {
  const sorted = outcomes.toSorted(
    (a, b) => a.kept.upTo - b.kept.upTo || (a.kept.from ?? 256) - (b.kept.from ?? 256) || a.idleSeconds - b.idleSeconds,
  )
  const windows = new Map<string, Outcome[]>()
  for (const outcome of sorted) {
    const key = `${outcome.kept.upTo} ${outcome.kept.from}`
    windows.set(key, [...(windows.get(key) ?? []), outcome])
  }
  return [...windows.values()].map((all) => ({
    keptUpTo: all[0]!.kept.upTo,
    keptFrom: all[0]!.kept.from,
    livedSeconds: all.filter(({ lived }) => lived).map(({ idleSeconds }) => idleSeconds),
    // The last of the datagrams came so much later, and was too late as well.
    diedSeconds: all.filter(({ lived }) => !lived).map(({ idleSeconds }) => idleSeconds + PROOFS_MS / 1000),
  }))
}

function isSame(a: Kept, b: Kept): boolean {
  return a.upTo === b.upTo && a.from === b.from
}
