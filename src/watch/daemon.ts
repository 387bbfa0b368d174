import { GatewayMemory } from '../gateway/ask-memory.ts'
import type { Host } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import { type EndpointName, endpointName } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { message } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import type { JournalEntry } from '../remedy/journal.ts'
import { changeText } from '../report/change-text.ts'
import type { UndoneChange } from '../undo.ts'
import type { Happening, HappeningKind } from './core/happening.ts'
import type { Now } from './core/lease.ts'
import { DEFAULT_PACE, type Pace } from './core/pace.ts'
import { Watcher } from './core/watcher.ts'
import type { Checked, Command, Input, Question } from './core/watcher-io.ts'
import type { Counters } from './counters.ts'
import { describe, isHeld, Keeper } from './keeper.ts'
import { KeptChanges } from './kept-changes.ts'
import { OutsideFlows } from './outside-flows.ts'
import { askGateways, holdersOf, look, outsideServers, seenFrom } from './questions.ts'
import { Memory } from './remembered.ts'
import { restoreAfterReboot } from './restore-rules.ts'
import { samplesOf } from './samples.ts'
import type { Store } from './store/store.ts'
import { type Listeners, Teller } from './teller.ts'
import { type Measured, mayOpen, planId, planIsOld, type Work } from './work.ts'
import { type Doing, WorkQueue } from './work-queue.ts'

export interface DaemonOptions extends Listeners {
  readonly host: Host
  readonly work: Work
  readonly store: Store
  /** Of the journal, and of what is remembered over restarts. */
  readonly stateFolder: string
  readonly pace?: Pace
  /** Once a day, and in every other network, what takes minutes is measured too. */
  readonly isDeep?: boolean
  readonly onProgress?: (progress: Progress) => void
}

/** How things stand, as plain data. */
export interface DaemonView {
  readonly startedAtMs: number
  readonly measured: Measured | null
  readonly measuredAtMs: number | null
  readonly doing: Doing | null
  /** When the next check is due, by the wall's clock; null while one runs. */
  readonly nextCheckAtMs: number | null
  readonly entries: readonly JournalEntry[]
  /** By the wall's clock, for each mapping that is kept. */
  readonly renewAtMs: ReadonlyMap<string, number>
  /** What is told of each endpoint, after hysteresis, and since when. */
  readonly stated: ReadonlyMap<EndpointName, { readonly answer: Answer; readonly sinceMs: number }>
  readonly counters: Counters
  /** The last error of the history; null while it can be written. */
  readonly storeError: string | null
}

/** What changes what is stated of an endpoint. */
const REACHABILITY: readonly HappeningKind[] = ['reachable', 'unreachable', 'lost', 'back']
/** A reason of our own: the usual one is an error with a stack, which costs more than all else that a step does. */
const WOKEN = 'woken'

/**
 * Carries out what `Watcher` decides, over a Host, until it is told to stop. What the host cannot do is counted, told once and
 * tried again; nothing of it ends the daemon. A mistake of ours does.
 */
export class Daemon {
  readonly #host: Host
  readonly #options: DaemonOptions
  readonly #keeper: Keeper
  readonly #teller: Teller
  readonly #memory: Memory
  readonly #changes: KeptChanges
  readonly #queue: WorkQueue
  readonly #gateways: GatewayMemory
  readonly #outside: OutsideFlows
  readonly #stop = new AbortController()
  readonly #startedAtMs: number
  readonly #inputs: Input[] = []
  readonly #running = new Set<Promise<void>>()
  #watcher: Watcher
  #measured: Measured | null = null
  #measuredAtMs: number | null = null
  #wake = new AbortController()
  #turn = 0
  #fault: { readonly error: unknown } | null = null

  constructor(options: DaemonOptions) {
    const { host, stateFolder } = options
    this.#options = options
    this.#host = host
    this.#keeper = new Keeper(host, stateFolder)
    this.#teller = new Teller(host, options.store, options)
    this.#memory = new Memory(host, stateFolder, this.#teller)
    this.#changes = new KeptChanges(this.#keeper, this.#teller, {
      onLeases: (leases) => this.#give({ kind: 'leases', leases }),
      onTakenBack: () => this.#watcher.decline(),
    })
    this.#queue = new WorkQueue(host.clock, this.#stop.signal, () => this.#teller.changed())
    this.#gateways = new GatewayMemory(host)
    this.#outside = new OutsideFlows(host)
    this.#startedAtMs = host.clock.nowMs()
    this.#watcher = this.#newWatcher()
  }

  get view(): DaemonView {
    const { monotonicMs, nowMs } = this.#host.clock
    const toWall = (ms: number) => nowMs() + ms - monotonicMs()
    const checkAtMs = this.#watcher.checkAtMs
    const held = this.#changes.held.map(({ change: { id } }) => [id, this.#watcher.renewAtMs(id)] as const)
    return {
      startedAtMs: this.#startedAtMs,
      measured: this.#measured,
      measuredAtMs: this.#measuredAtMs,
      doing: this.#queue.doing,
      nextCheckAtMs: checkAtMs === null ? null : toWall(checkAtMs),
      entries: this.#changes.entries,
      renewAtMs: new Map(held.flatMap(([id, ms]) => (ms === undefined ? [] : [[id, toWall(ms)] as const]))),
      stated: this.#memory.remembered.stated,
      counters: this.#teller.counters,
      storeError: this.#teller.history.error,
    }
  }

  get store(): Store {
    return this.#options.store
  }

  /** Runs until `signal` fires; then gives back what it leased, and resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => {
      this.#stop.abort(WOKEN)
      this.#wake.abort(WOKEN)
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    await this.#begin()
    while (!signal.aborted && this.#fault === null) {
      this.#step()
      if (this.#inputs.length > 0) continue
      const waitMs = this.#watcher.wakeAtMs - this.#host.clock.monotonicMs()
      if (waitMs > 0) await this.#host.clock.sleep(waitMs, this.#wake.signal)
      // What ended at the same moment is handled together.
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
    }
    signal.removeEventListener('abort', stop)
    if (this.#fault !== null) throw this.#fault.error
    await this.#end()
  }

  /** What became of an alert; `why` is null where somebody took it. */
  noteAlert(channel: string, why: string | null): void {
    this.#teller.counters.count(why === null ? 'alerts' : 'alertFailures')
    if (why === null) this.#teller.tell('alert-sent', { channel })
    else this.#teller.tell('alert-failed', { channel, why })
  }

  /** A person wants to know now. */
  checkNow(): void {
    this.#give({ kind: 'check-wanted' })
  }

  /**
   * Makes the changes of the plan with this id (`planId`), which a person has seen. `PeerwayError` `busy` where the plan is
   * another by now, or another repair runs.
   */
  async apply(id: string): Promise<Measured> {
    const plan = this.#measured?.plan ?? []
    if (plan.length === 0 || planId(plan) !== id) {
      throw planIsOld()
    }
    this.#watcher.allow()
    return this.#measure('apply', () => this.#options.work.apply(plan, this.#options.onProgress))
  }

  /** Takes changes back. Mappings that a person takes back are not opened again unasked. */
  async undo(which: readonly string[] | 'all'): Promise<readonly UndoneChange[]> {
    const undone = await this.#queue.run('undo', () => this.#options.work.undo(which))
    if (undone.length > 0) this.#watcher.decline()
    for (const one of undone) {
      const { change } = one.entry
      const how = message(`undo.${one.outcome}`, one.outcome === 'left' ? { why: one.why } : {})
      this.#teller.tell('change-undone', { change: change.id, what: changeText(change), how })
    }
    await this.#changes.read('ours')
    this.checkNow()
    return undone
  }

  // ------------------------------------------------------------------------------------------ begin and end

  async #begin(): Promise<void> {
    await this.#memory.read()
    this.#watcher = this.#newWatcher()
    await this.#teller.calmly('recover', () => this.#keeper.recover())
    await this.#changes.read('ours')
    this.#teller.tell('started')
    const restoring = restoreAfterReboot({
      host: this.#host,
      keeper: this.#keeper,
      changes: this.#changes,
      memory: this.#memory,
      teller: this.#teller,
      stop: this.#stop.signal,
      onRestored: () => this.checkNow(),
    })
    this.#start(restoring)
  }

  async #end(): Promise<void> {
    await Promise.allSettled([...this.#running])
    await this.#teller.calmly('ask-outside', () => this.#outside.close())
    await this.#teller.calmly('release', async () => {
      const leased = this.#changes.held
      for (const id of await this.#keeper.release()) {
        const entry = leased.find(({ change }) => change.id === id)
        if (entry !== undefined) this.#teller.tell('mapping-released', describe(entry.change.mapping))
      }
    })
    this.#teller.tell('stopped')
  }

  // ------------------------------------------------------------------------------------------ the loop

  #newWatcher(): Watcher {
    const stated = [...this.#memory.remembered.stated].map(([name, { answer }]) => [name, answer] as const)
    const unit = () => {
      const [a = 0, b = 0] = this.#host.random.bytes(2)
      return (a * 256 + b) / 65_536
    }
    const { pace = DEFAULT_PACE, isDeep = false } = this.#options
    return new Watcher(pace, unit, this.#now(), { known: new Map(stated), isDeep })
  }

  #now(): Now {
    return { ms: this.#host.clock.monotonicMs(), wallMs: this.#host.clock.nowMs() }
  }

  #step(): void {
    for (const input of this.#inputs.splice(0)) this.#execute(this.#watcher.handle(input, this.#now()))
    this.#execute(this.#watcher.handle(null, this.#now()))
  }

  #give(input: Input): void {
    this.#inputs.push(input)
    this.#wake.abort(WOKEN)
  }

  #execute(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === 'tell') this.#told(command.what)
      else if (command.do === 'renew') this.#start(this.#renew(command.ids))
      else this.#start(this.#answer(command))
    }
  }

  #start(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => {
        this.#running.delete(running)
        this.#wake.abort(WOKEN)
      })
    this.#running.add(running)
  }

  /** Carries one command out; its answer goes back to the watcher, whatever befalls. */
  async #answer(command: Exclude<Command, { do: 'tell' | 'renew' }>): Promise<void> {
    const task = command.do
    const { work, onProgress } = this.#options
    if (command.do === 'check') {
      await this.#attempt(task, () => this.#measure('check', () => work.check(command.isDeep, onProgress)))
      return
    }
    if (command.do === 'open') {
      await this.#attempt(task, () => this.#measure('open', () => work.open(onProgress)))
      return
    }
    const answer = await this.#attempt(task, async (): Promise<Input> => {
      if (command.do === 'look') return look(this.#host)
      if (command.do === 'look-closer') return this.#lookCloser()
      if (command.do === 'ask-gateways') {
        this.#teller.counters.count('gatewayQuestions', command.grantors.length)
        return askGateways(this.#gateways, this.#changes.entries, command.grantors, this.#turn++)
      }
      const servers = this.#measured === null ? [] : outsideServers(this.#measured.diagnosis)
      this.#teller.counters.count('outsideQuestions', servers.length)
      return { kind: 'outside-said', seen: await this.#outside.ask(servers, command.isKept) }
    })
    if (answer !== undefined) this.#give(answer)
  }

  /** What cannot be done is told, and the watcher tries it again; work that is called off at the end is no trouble. */
  async #attempt<T>(task: Question, run: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await run()
      return result
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      if (this.#stop.signal.aborted) return undefined
      this.#teller.trouble(task, error)
      this.#give({ kind: 'failed', task })
      return undefined
    }
  }

  async #lookCloser(): Promise<Input> {
    await this.#changes.read('anybody')
    this.#teller.history.prune(this.#host.clock.nowMs())
    const names = this.#measured?.diagnosis.endpoints.map(endpointName) ?? []
    return {
      kind: 'looked-closer',
      holders: await holdersOf(this.#host, names),
      gone: await this.#keeper.gone(this.#changes.entries),
    }
  }

  async #renew(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.#teller.counters.count('gatewayQuestions')
      const renewal = await this.#teller.calmly('renew-mapping', () => this.#keeper.renew(id))
      this.#teller.counters.count(
        renewal === undefined || renewal.outcome === 'failed' ? 'renewalFailures' : 'renewals',
      )
      for (const what of renewal?.told ?? []) this.#told(what)
      await this.#changes.read('ours')
      this.#give({ kind: 'renewed', id, outcome: renewal?.outcome ?? 'failed', about: renewal?.about ?? {} })
    }
  }

  // ------------------------------------------------------------------------------------------ measuring

  async #measure(doing: 'check' | 'open' | 'apply', work: () => Promise<Measured>): Promise<Measured> {
    const measured = await this.#queue.run(doing, work)
    this.#teller.counters.count('checks')
    const nowMs = this.#host.clock.nowMs()
    this.#measured = measured
    this.#measuredAtMs = nowMs
    await this.#changes.read('ours')
    await this.#changes.dropDoubles()
    this.#tellChanges(measured)
    this.#teller.history.addSamples(nowMs, samplesOf(measured))
    const { endpoints, evidence } = measured.diagnosis
    const result: Checked = {
      endpoints: endpoints.map((each) => ({ name: endpointName(each), reachable: each.reachable })),
      mayOpen: mayOpen(measured.plan),
      outside: seenFrom(measured.diagnosis),
      lifetimeSeconds: measured.diagnosis.nat.udpLifetimeSeconds,
      isAnswered: evidence.some(({ probe, value }) => probe === 'vantage' && value.control === 'answered'),
      repair: doing === 'check' ? null : measured.changes.some(({ state }) => state === 'kept') ? 'helped' : 'useless',
    }
    this.#give({ kind: 'checked', result, isAsked: doing !== 'apply' })
    return measured
  }

  #tellChanges({ changes }: Measured): void {
    for (const one of changes) {
      const { change } = one.entry
      const about = { change: change.id, what: changeText(change) }
      const how = message(`change-state.${one.state}`, one.state === 'left' ? { why: one.why } : {})
      if (one.state !== 'kept') this.#teller.tell('change-useless', { ...about, how })
      else if (isHeld(one.entry)) this.#teller.tell('mapping-made', describe(one.entry.change.mapping))
      else this.#teller.tell('change-made', about)
    }
  }

  #told(what: Happening): void {
    if (REACHABILITY.includes(what.kind)) this.#noteStated()
    this.#teller.tell(what.kind, what.params)
  }

  #noteStated(): void {
    const sinceMs = this.#host.clock.nowMs()
    const stated = [...this.#watcher.stated].map(([name, answer]) => {
      const before = this.#memory.remembered.stated.get(name)
      return [name, before?.answer === answer ? before : { answer, sinceMs }] as const
    })
    this.#start(this.#memory.remember({ stated: new Map(stated) }))
  }
}
