import { GatewayMemory } from '../gateway/ask-memory.ts'
import type { Host } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import { type EndpointName, endpointName } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { ErrorTextId } from '../model/error-texts.ts'
import type { MessageParams } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import type { JournalEntry } from '../remedy/journal.ts'
import type { UndoneChange } from '../undo.ts'
import { type Happening, type HappeningKind, happening } from './core/happening.ts'
import type { Now } from './core/lease.ts'
import { DEFAULT_PACE, type Pace } from './core/pace.ts'
import { Watcher } from './core/watcher.ts'
import type { Checked, Command, Input, Question } from './core/watcher-io.ts'
import { Counters } from './counters.ts'
import { describe, heirOf, isHeld, Keeper } from './keeper.ts'
import { askGateways, askOutside, holdersOf, look, outsideServers, seenFrom } from './questions.ts'
import { MOST_MEMORY_BYTES, parseRemembered, type Remembered } from './remembered.ts'
import { samplesOf } from './samples.ts'
import { History } from './store/history.ts'
import type { Store, StoredEvent } from './store/store.ts'
import { type Measured, mayOpen, planId, planIsOld, type Work } from './work.ts'

export interface DaemonOptions {
  readonly host: Host
  readonly work: Work
  readonly store: Store
  /** Of the journal, and of what is remembered over restarts. */
  readonly stateFolder: string
  readonly pace?: Pace
  /** Called with everything that happens, once it is in the history. */
  readonly onEvent?: (event: StoredEvent) => void
  /** Called when anything of `DaemonView` has changed. */
  readonly onChange?: () => void
  readonly onProgress?: (progress: Progress) => void
}

/** What runs at the moment, for the page. */
export type Doing = 'check' | 'open' | 'apply' | 'undo'

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

/** Rules of other programs may come up later than this one after a reboot. */
const RESTORE_WAITS_MS = [0, 5000, 10_000, 20_000, 40_000, 80_000, 160_000] as const
/** A reason of our own: the usual one is an error with a stack, which costs more than all else that a step does. */
const WOKEN = 'woken'
const BUSY_WAIT_MS = 5000
const MOST_BUSY_WAITS = 24

/**
 * Carries out what `Watcher` decides, over a Host, until it is told to stop. What the host cannot do is counted, told once and
 * tried again; nothing of it ends the daemon. A mistake of ours does.
 */
export class Daemon {
  readonly #host: Host
  readonly #work: Work
  readonly #options: DaemonOptions
  readonly #keeper: Keeper
  readonly #memory: GatewayMemory
  readonly #history: History
  readonly #counters = new Counters()
  readonly #inputs: Input[] = []
  readonly #running = new Set<Promise<void>>()
  #watcher: Watcher
  #remembered: Remembered = { bootId: null, stated: new Map() }
  #entries: readonly JournalEntry[] = []
  #measured: Measured | null = null
  #measuredAtMs: number | null = null
  #doing: Doing | null = null
  #workQueue: Promise<unknown> = Promise.resolve()
  #wake = new AbortController()
  #stop: AbortSignal | undefined
  #turn = 0
  #fault: { readonly error: unknown } | null = null
  /** Leased mappings that this daemon knows of, so that one that a person took back is not opened again. */
  #known = new Set<string>()
  #lastTrouble = ''
  readonly #startedAtMs: number

  constructor(options: DaemonOptions) {
    this.#options = options
    this.#host = options.host
    this.#work = options.work
    this.#keeper = new Keeper(options.host, options.stateFolder)
    this.#memory = new GatewayMemory(options.host)
    this.#history = new History(options.store, () => this.#counters.count('storeErrors'))
    this.#startedAtMs = options.host.clock.nowMs()
    this.#watcher = this.#newWatcher()
  }

  get view(): DaemonView {
    const { monotonicMs, nowMs } = this.#host.clock
    const toWall = (ms: number) => nowMs() + ms - monotonicMs()
    const checkAtMs = this.#watcher.checkAtMs
    const held = this.#entries.filter(isHeld).map(({ change: { id } }) => [id, this.#watcher.renewAtMs(id)] as const)
    return {
      startedAtMs: this.#startedAtMs,
      measured: this.#measured,
      measuredAtMs: this.#measuredAtMs,
      doing: this.#doing,
      nextCheckAtMs: checkAtMs === null ? null : toWall(checkAtMs),
      entries: this.#entries,
      renewAtMs: new Map(held.flatMap(([id, ms]) => (ms === undefined ? [] : [[id, toWall(ms)] as const]))),
      stated: this.#remembered.stated,
      counters: this.#counters,
      storeError: this.#history.error,
    }
  }

  get store(): Store {
    return this.#history.store
  }

  /** Runs until `signal` fires; then gives back what it leased, and resolves. */
  async run(signal: AbortSignal): Promise<void> {
    this.#stop = signal
    await this.#begin()
    const stop = () => this.#wake.abort(WOKEN)
    signal.addEventListener('abort', stop)
    while (!signal.aborted && this.#fault === null) {
      this.#step()
      if (this.#inputs.length > 0) continue
      const waitMs = this.#watcher.wakeAtMs - this.#host.clock.monotonicMs()
      if (waitMs > 0) await this.#host.clock.sleep(waitMs, this.#wake.signal)
      // What ended at the same moment is handled together.
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
      if (signal.aborted) break
    }
    signal.removeEventListener('abort', stop)
    if (this.#fault !== null) throw this.#fault.error
    await this.#end()
  }

  /** What became of an alert; `why` is null where somebody took it. */
  noteAlert(channel: string, why: string | null): void {
    this.#counters.count(why === null ? 'alerts' : 'alertFailures')
    if (why === null) this.#tell('alert-sent', { channel })
    else this.#tell('alert-failed', { channel, why })
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
    return this.#measure('apply', () => this.#work.apply(plan, this.#options.onProgress))
  }

  /** Takes changes back. Mappings that a person takes back are not opened again unasked. */
  async undo(which: readonly string[] | 'all'): Promise<readonly UndoneChange[]> {
    const undone = await this.#exclusively('undo', () => this.#work.undo(which))
    if (undone.length > 0) this.#watcher.decline()
    for (const { entry, outcome } of undone) this.#tell('change-undone', { change: entry.change.id, state: outcome })
    await this.#readJournal('ours')
    this.checkNow()
    return undone
  }

  // ------------------------------------------------------------------------------------------ begin and end

  async #begin(): Promise<void> {
    await this.#readMemory()
    this.#watcher = this.#newWatcher()
    await this.#calmly('recover', () => this.#keeper.recover())
    await this.#readJournal('ours')
    this.#tell('started')
    const bootId = await this.#bootId()
    if (bootId !== null && bootId !== this.#remembered.bootId) this.#start(this.#restore(bootId))
  }

  async #end(): Promise<void> {
    await Promise.allSettled([...this.#running])
    await this.#calmly('release', async () => {
      const leased = this.#entries.filter(isHeld)
      for (const id of await this.#keeper.release()) {
        const entry = leased.find(({ change }) => change.id === id)
        if (entry !== undefined) this.#tell('mapping-released', describe(entry.change.mapping))
      }
    })
    this.#tell('stopped')
  }

  /** After a reboot: what this host does not make by itself at boot is made again. */
  async #restore(bootId: string): Promise<void> {
    for (const waitMs of RESTORE_WAITS_MS) {
      if (waitMs > 0) await this.#host.clock.sleep(waitMs, this.#stop)
      if (this.#stop?.aborted) return
      const left = await this.#restoreOnce()
      if (left === 0) return this.#remember({ bootId })
    }
  }

  /** How many could not be made. */
  async #restoreOnce(): Promise<number> {
    let left = 0
    const gone = await this.#calmly('look-for-rules', async () => {
      const entries = this.#entries.filter(this.#remembered.bootId === null ? await this.#madeBeforeBoot() : () => true)
      return this.#keeper.gone(entries)
    })
    if (gone === undefined) return 1
    for (const id of gone) {
      const isMade = await this.#calmly('make-rule-again', async () => {
        await this.#keeper.restore(id)
        return true
      })
      if (isMade) this.#tell('rule-restored', { change: id })
      else left++
    }
    if (gone.length > left) this.checkNow()
    return left
  }

  /** Where no watch ran before, the journal's times tell what is of an earlier boot. */
  async #madeBeforeBoot(): Promise<(entry: JournalEntry) => boolean> {
    const uptime = await this.#host.files.read('/proc/uptime', { maxBytes: 1024 })
    const upSeconds = Number.parseFloat(uptime ?? '')
    const bootedAtMs = this.#host.clock.nowMs() - upSeconds * 1000
    return ({ atMs }) => atMs < bootedAtMs
  }

  async #bootId(): Promise<string | null> {
    return (await this.#calmly('read-boot-id', () => this.#host.sysctl.read('kernel.random.boot_id'))) ?? null
  }

  // ------------------------------------------------------------------------------------------ the loop

  #newWatcher(): Watcher {
    const stated = [...this.#remembered.stated].map(([name, { answer }]) => [name, answer] as const)
    const unit = () => {
      const [a = 0, b = 0] = this.#host.random.bytes(2)
      return (a * 256 + b) / 65_536
    }
    return new Watcher(this.#options.pace ?? DEFAULT_PACE, unit, this.#now(), new Map(stated))
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
    if (task === 'check' || task === 'open') {
      await this.#calmly(task, () => this.#measure(task, () => this.#work[task](this.#options.onProgress)), task)
      return
    }
    const answer = await this.#calmly(
      task,
      async (): Promise<Input> => {
        if (command.do === 'look') return look(this.#host)
        if (command.do === 'look-closer') return this.#lookCloser()
        if (command.do === 'ask-gateways') {
          this.#counters.count('gatewayQuestions', command.grantors.length)
          return askGateways(this.#memory, this.#entries, command.grantors, this.#turn++)
        }
        const servers = this.#measured === null ? [] : outsideServers(this.#measured.diagnosis)
        this.#counters.count('outsideQuestions', servers.length)
        return askOutside(this.#host, servers)
      },
      task,
    )
    if (answer !== undefined) this.#give(answer)
  }

  async #lookCloser(): Promise<Input> {
    await this.#readJournal('anybody')
    this.#history.prune(this.#host.clock.nowMs())
    const names = this.#measured?.diagnosis.endpoints.map(endpointName) ?? []
    return {
      kind: 'looked-closer',
      holders: await holdersOf(this.#host, names),
      gone: await this.#keeper.gone(this.#entries),
    }
  }

  async #renew(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.#counters.count('gatewayQuestions')
      const renewal = await this.#calmly('renew-mapping', () => this.#keeper.renew(id))
      this.#counters.count(renewal === undefined || renewal.outcome === 'failed' ? 'renewalFailures' : 'renewals')
      for (const what of renewal?.told ?? []) this.#told(what)
      await this.#readJournal('ours')
      this.#give({ kind: 'renewed', id, outcome: renewal?.outcome ?? 'failed', about: renewal?.about ?? {} })
    }
  }

  // ------------------------------------------------------------------------------------------ measuring

  async #measure(doing: 'check' | 'open' | 'apply', work: () => Promise<Measured>): Promise<Measured> {
    const measured = await this.#exclusively(doing, work)
    this.#counters.count('checks')
    const nowMs = this.#host.clock.nowMs()
    this.#measured = measured
    this.#measuredAtMs = nowMs
    await this.#readJournal('ours')
    await this.#dropDoubles()
    this.#tellChanges(measured)
    this.#history.addSamples(nowMs, samplesOf(measured))
    const { endpoints, evidence } = measured.diagnosis
    const result: Checked = {
      endpoints: endpoints.map((each) => ({ name: endpointName(each), reachable: each.reachable })),
      mayOpen: mayOpen(measured.plan),
      outside: seenFrom(measured.diagnosis),
      isAnswered: evidence.some(({ probe, value }) => probe === 'vantage' && value.control === 'answered'),
      repair: doing === 'check' ? null : measured.changes.some(({ state }) => state === 'kept') ? 'helped' : 'useless',
    }
    this.#give({ kind: 'checked', result, isAsked: doing !== 'apply' })
    return measured
  }

  /** A repair may have asked anew for what was held and had been forgotten. */
  async #dropDoubles(): Promise<void> {
    const doubled = this.#entries.filter((entry) => heirOf(entry, this.#entries) !== undefined)
    if (doubled.length === 0) return
    const ids = doubled.map(({ change }) => change.id)
    // Nobody has taken these back.
    for (const id of ids) this.#known.delete(id)
    await this.#calmly('forget-doubles', () => this.#keeper.dropDoubles(ids))
    await this.#readJournal('ours')
  }

  #tellChanges({ changes }: Measured): void {
    for (const { entry, state } of changes) {
      const { id } = entry.change
      if (state === 'kept' && isHeld(entry)) this.#tell('mapping-made', describe(entry.change.mapping))
      else if (state === 'kept') this.#tell('change-made', { change: id, remedy: entry.remedy })
      else this.#tell('change-useless', { change: id, remedy: entry.remedy, state })
    }
  }

  /** One after the other: the same lock would refuse the second. */
  #exclusively<T>(doing: Doing, work: () => Promise<T>): Promise<T> {
    const next = this.#workQueue.then(async () => {
      this.#doing = doing
      this.#options.onChange?.()
      try {
        return await this.#unlessBusy(work)
      } finally {
        this.#doing = null
        this.#options.onChange?.()
      }
    })
    this.#workQueue = next.catch(() => {})
    return next
  }

  /** A renewal, or a repair in another terminal, holds the lock for a moment. */
  async #unlessBusy<T>(work: () => Promise<T>): Promise<T> {
    for (let waits = 0; ; waits++) {
      try {
        return await work()
      } catch (error) {
        if (!isLocked(error) || waits >= MOST_BUSY_WAITS || this.#stop?.aborted) throw error
        await this.#host.clock.sleep(BUSY_WAIT_MS, this.#stop)
      }
    }
  }

  // ------------------------------------------------------------------------------------------ journal and memory

  /** Where it cannot be read, what was read last stands. `changedBy`: who may have changed it since. */
  async #readJournal(changedBy: 'ours' | 'anybody'): Promise<void> {
    const entries = await this.#calmly('read-journal', () => this.#keeper.entries())
    if (entries === undefined) return
    const leased = new Set(entries.filter(({ leased }) => leased === true).map(({ change }) => change.id))
    const takenBack = changedBy === 'ours' ? [] : [...this.#known].filter((id) => !leased.has(id))
    if (takenBack.length > 0) this.#watcher.decline()
    for (const change of takenBack) this.#tell('mapping-dropped', { change })
    this.#known = leased
    this.#entries = entries
    const leases = await this.#calmly('read-addresses', () => this.#keeper.leases(entries))
    if (leases !== undefined) this.#give({ kind: 'leases', leases })
    this.#options.onChange?.()
  }

  async #readMemory(): Promise<void> {
    const path = `${this.#options.stateFolder}/watch.json`
    const text = await this.#calmly('read-memory', () => this.#host.files.read(path, { maxBytes: MOST_MEMORY_BYTES }))
    if (text !== undefined) this.#remembered = parseRemembered(text)
  }

  async #remember(changed: Partial<Remembered>): Promise<void> {
    this.#remembered = { ...this.#remembered, ...changed }
    const { bootId, stated } = this.#remembered
    const text = `${JSON.stringify({ bootId, stated: [...stated] })}\n`
    await this.#calmly('remember', () => this.#host.files.replace(`${this.#options.stateFolder}/watch.json`, text))
  }

  // ------------------------------------------------------------------------------------------ telling

  #told(what: Happening): void {
    if (REACHABILITY.includes(what.kind)) this.#noteStated()
    this.#tell(what.kind, what.params)
  }

  #noteStated(): void {
    const sinceMs = this.#host.clock.nowMs()
    const stated = [...this.#watcher.stated].map(([name, answer]) => {
      const before = this.#remembered.stated.get(name)
      return [name, before?.answer === answer ? before : { answer, sinceMs }] as const
    })
    this.#start(this.#remember({ stated: new Map(stated) }))
  }

  #tell(kind: HappeningKind, params: MessageParams = {}): void {
    const { kind: told, params: about } = happening(kind, params)
    const event = this.#history.addEvent({ atMs: this.#host.clock.nowMs(), kind: told, params: about })
    this.#counters.count('events')
    this.#options.onEvent?.(event)
    this.#options.onChange?.()
  }

  /** What this host cannot do is counted, told when it is another than the last time, and undefined. */
  async #calmly<T>(what: Undertaking, run: () => Promise<T>, task?: Question): Promise<T | undefined> {
    try {
      const result = await run()
      return result
    } catch (error) {
      if (!(error instanceof PeerwayError)) throw error
      // Work that is called off at the end is no trouble.
      if (task !== undefined && this.#stop?.aborted) return undefined
      this.#counters.count('troubles')
      const trouble = `${what}: ${error.message}`
      const why = errorText('error.during', { what: errorText(`error.of.task-${what}`), why: error.told })
      if (trouble !== this.#lastTrouble) this.#tell('trouble', { why })
      this.#lastTrouble = trouble
      if (task !== undefined) this.#give({ kind: 'failed', task })
      return undefined
    }
  }
}

/** What the daemon is at when something cannot be done. */
type Undertaking = ErrorTextId extends infer Id ? (Id extends `error.of.task-${infer Name}` ? Name : never) : never

/** Held by another repair, not refused by it. */
function isLocked(error: unknown): boolean {
  return error instanceof PeerwayError && error.code === 'busy' && error.facts.path !== undefined
}
