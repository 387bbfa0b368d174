import type { CheckResult } from './check.ts'
import { hasMappingEnded } from './gateway/mapping-end.ts'
import type { Host } from './host/host.ts'
import { type Measured, measure } from './measure.ts'
import type { Diagnosis } from './model/diagnosis.ts'
import { endpointName } from './model/endpoint.ts'
import { errorText, PeerwayError } from './model/error.ts'
import type { Evidence } from './model/evidence.ts'
import type { Message } from './model/message.ts'
import type { EarlierRun, ObservePlan, Progress } from './model/plan.ts'
import { type CheckOptions, planOf } from './plan-of.ts'
import type { UndoResult } from './remedy/change.ts'
import { Journal, type JournalEntry, type PlannedChange } from './remedy/journal.ts'
import { hasCleared, helpOf } from './remedy/judge-repair.ts'
import { makeChange, takeBack } from './remedy/make-change.ts'
import { type ProposeOptions, proposeRepair, triedNames } from './remedy/propose.ts'
import { lockRepairs } from './remedy/repair-lock.ts'
import type { FixedChange } from './remedy/repair-result.ts'

export interface FixOptions extends CheckOptions {
  /** Ids of the remedies that may be used; without it, all that can be automatic. */
  readonly only?: readonly string[] | undefined
  /** What shall be changed is told, and nothing is. */
  readonly dryRun?: boolean | undefined
  /** For `watch`: routers are asked to keep a mapping for so long, and it is marked as leased in the journal. */
  readonly leaseSeconds?: number | undefined
}

/** What a repair would change, and the check that it follows from. */
export interface Proposal extends CheckResult {
  readonly changes: readonly PlannedChange[]
}

export interface FixResult extends CheckResult {
  /** Planned and, in a dry run or because nobody agreed, not made. */
  readonly proposed: readonly PlannedChange[]
  readonly changes: readonly FixedChange[]
  /** Obstacles with no endpoints that a kept or proposed change was against, and that are still there. */
  readonly stillStopped: boolean
}

/** What keeps a repair from going on: the host's own error, in its words. */
export interface FixEvents {
  /** Asked before anything is changed; false: nothing is. */
  readonly agree: (proposal: Proposal) => Promise<boolean>
  readonly onProgress?: (progress: Progress) => void
  /** Why a change is not planned; or one of this run, or of one that was killed, whose making or taking back failed. */
  readonly onTrouble?: (why: Message) => void
  /** Once it fires no change is made any more, and what did not help yet is taken back. */
  readonly signal?: AbortSignal
}

/** Remedies are tried in their order of preference; more rounds than there are protocols of routers help nobody. */
const MOST_ROUNDS = 5

/** For so long what was measured before a change is worth carrying over; whoever thinks for longer gets it measured anew. */
const CARRIED_FOR_MS = 60_000

/**
 * Checks, and then changes what it takes for strangers to get in: the cheapest plan that peerway can carry out itself, shown
 * first, journalled before each step, and proven afterwards by a dial from outside. What did not help is taken back. What a
 * killed run left unproven is taken back before anything else.
 *
 * `PeerwayError` as `check`; `busy` while another repair runs; `not-available` without a folder for the journal.
 */
export async function fix(options: FixOptions, events: FixEvents, host?: Host): Promise<FixResult> {
  planOf(options)
  const machine = host ?? (await import('./host/os/os-host.ts')).openOsHost()
  const { stateFolder = null } = options
  if (options.dryRun) {
    const { report, diagnosis, plans } = await measure(options, machine, events.onProgress ?? (() => {}))
    const proposed = await proposeRepair(machine, diagnosis, plans, proposeOptions(options, new Set()))
    return { report, diagnosis, proposed, changes: [], stillStopped: false }
  }
  if (stateFolder === null) {
    throw new PeerwayError('not-available', errorText('error.no-state-folder'))
  }
  await using _lock = await lockRepairs(machine, stateFolder)
  return await new Repair(machine, await Journal.open(machine, stateFolder), options, events).run()
}

class Repair {
  readonly #host: Host
  readonly #journal: Journal
  readonly #options: FixOptions
  readonly #events: FixEvents
  readonly #made: JournalEntry[] = []
  readonly #ended: FixedChange[] = []
  readonly #tried = new Set<string>()
  readonly #told = new Set<string>()
  /** Was something taken back since the last measurement? */
  #isOutdated = false
  #staleAtMs = 0
  /** Dials by which strangers got in, and that nothing which was taken back since can have been needed for. */
  #proofs: readonly Evidence[] = []

  constructor(host: Host, journal: Journal, options: FixOptions, events: FixEvents) {
    this.#host = host
    this.#journal = journal
    this.#options = options
    this.#events = events
  }

  async run(): Promise<FixResult> {
    await this.#takeBackAll(this.#journal.entries.filter((entry) => entry.state !== 'kept' || this.#hasExpired(entry)))
    // Of an earlier run only what is still there is worth telling.
    this.#ended.splice(0, this.#ended.length, ...this.#ended.filter(({ state }) => state === 'left'))
    // Whether peers meet half-way is told by what a sparing run leaves out.
    const sparing = this.#options.deep !== true && this.#options.only?.includes('hole-punching') !== true
    const first = await this.#note(measure(this.#options, this.#host, this.#onProgress, { sparing }))
    this.#staleAtMs = this.#host.clock.monotonicMs() + CARRIED_FOR_MS
    let now = first
    let proposed: readonly PlannedChange[] = []
    for (let round = 0; round < MOST_ROUNDS && !this.#isStopped; round++) {
      const changes = await this.#propose(now)
      if (changes.length === 0) break
      const { report, diagnosis } = now
      if (!(await this.#events.agree({ report, diagnosis, changes }))) {
        proposed = changes
        break
      }
      await this.#make(changes)
      now = (now === first ? await this.#verify(now, changes) : null) ?? (await this.#measure())
      const made = now.diagnosis
      await this.#takeBackAll(this.#made.filter((entry) => isUseless(entry, made) && !hasCleared(entry, made)))
    }
    const last = now.diagnosis
    await this.#takeBackAll(this.#made.filter((entry) => isUseless(entry, last)))
    // What is reported is how things are now, and all that there is to know.
    if (!this.#isStopped) {
      if (this.#isOutdated) now = await this.#measure()
      else if (now === first && sparing)
        now = await this.#measure(this.#isStale ? {} : { earlier: earlierRun(first, false) })
    }
    const { report, diagnosis } = now
    await this.#keep(diagnosis)
    return { report, diagnosis, proposed, changes: this.#ended, stillStopped: this.#isStillStopped(diagnosis) }
  }

  /** A mapping that has ended by itself needs an end in the journal alone. */
  #hasExpired({ change }: JournalEntry): boolean {
    if (change.kind !== 'port-mapping' || change.mapping === null) return false
    return hasMappingEnded(change.mapping, this.#host.clock.nowMs())
  }

  get #isStopped(): boolean {
    return this.#events.signal?.aborted === true
  }

  get #isStale(): boolean {
    return this.#host.clock.monotonicMs() > this.#staleAtMs
  }

  readonly #onProgress = (progress: Progress) => this.#events.onProgress?.(progress)

  async #step<T>(step: string, run: () => Promise<T>): Promise<T> {
    this.#onProgress({ step, state: 'started' })
    try {
      return await run()
    } finally {
      this.#onProgress({ step, state: 'finished' })
    }
  }

  /** After the first time, when only the way in is in question. */
  #measure(how: Pick<ObservePlan, 'earlier'> = {}): Promise<Measured> {
    const proofs = this.#proofs.filter((one) => this.#isStanding(one))
    return this.#note(measure({ ...this.#options, deep: false }, this.#host, this.#onProgress, { ...how, proofs }))
  }

  async #note(measuring: Promise<Measured>): Promise<Measured> {
    const measured = await measuring
    this.#isOutdated = false
    this.#proofs = measured.diagnosis.evidence.filter(({ probe }) => probe === 'dial-back')
    return measured
  }

  /** Not so long ago, and no mapping that it may rest on has ended since. */
  #isStanding(proof: Evidence): boolean {
    const ageMs = this.#host.clock.nowMs() - proof.atMs
    const isOver = this.#made.some((entry) => this.#hasExpired(entry) && isAbout(entry, proof))
    return ageMs >= 0 && ageMs <= CARRIED_FOR_MS && !isOver
  }

  /**
   * Dials again what these changes are to open, from addresses that the first check spared, and adds what that left out.
   * Null where that does not show that they all helped: then everything is to be measured anew.
   */
  async #verify(first: Measured, changes: readonly PlannedChange[]): Promise<Measured | null> {
    if (this.#isStale || changes.some(({ endpoints }) => endpoints.length === 0)) return null
    const now = await this.#measure({ earlier: earlierRun(first, true) })
    const opened = now.diagnosis.endpoints.filter(({ reachable }) => reachable === 'yes').map(endpointName)
    return changes.every(({ endpoints }) => endpoints.every((name) => opened.includes(name))) ? now : null
  }

  async #propose({ diagnosis, plans }: Measured): Promise<readonly PlannedChange[]> {
    const onUnplanned = (why: Message) => this.#tellOnce(why)
    const options = { ...proposeOptions(this.#options, this.#tried), onUnplanned }
    const changes = await proposeRepair(this.#host, diagnosis, plans, options)
    for (const name of changes.flatMap(triedNames)) this.#tried.add(name)
    return changes
  }

  /** The first that fails ends it: the rest would not open the way alone. */
  async #make(changes: readonly PlannedChange[]): Promise<void> {
    for (const planned of changes) {
      if (this.#isStopped) return
      try {
        const made = await this.#step('change', () => makeChange(this.#host, this.#journal, planned))
        if (made !== undefined) this.#made.push(made)
      } catch (error) {
        this.#tell(error)
        await this.#takeBackAll(this.#journal.entries.filter(({ state }) => state === 'planned'))
        return
      }
    }
  }

  /** The last one first, as each may stand on those before it. */
  async #takeBackAll(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries.toReversed()) {
      const index = this.#made.indexOf(entry)
      if (index >= 0) this.#made.splice(index, 1)
      this.#isOutdated = true
      this.#proofs = this.#proofs.filter((proof) => !isAbout(entry, proof))
      const result = await this.#takeBack(entry)
      // What was planned and not made was no change.
      if (entry.state !== 'planned' || result.outcome !== 'was-gone') this.#ended.push(ended(entry, result))
    }
  }

  async #takeBack(entry: JournalEntry): Promise<UndoResult> {
    try {
      return await this.#step('take-back', () => takeBack(this.#host, this.#journal, entry))
    } catch (error) {
      this.#tell(error)
      return { outcome: 'left', why: (error as PeerwayError).told }
    }
  }

  async #keep(diagnosis: Diagnosis): Promise<void> {
    for (const entry of this.#made) {
      const isLeased = this.#options.leaseSeconds !== undefined && entry.change.kind === 'port-mapping'
      const kept: JournalEntry = { ...entry, state: 'kept', ...(isLeased && { leased: true }) }
      await this.#journal.write(kept)
      this.#ended.push({ entry: kept, state: 'kept', isProven: helpOf(entry, diagnosis) === 'let-in' })
    }
  }

  #isStillStopped({ obstacles }: Diagnosis): boolean {
    return this.#ended.some(
      ({ entry }) =>
        entry.endpoints.length === 0 &&
        obstacles.some((one) => one.endpoints.length === 0 && entry.clears.includes(one.id)),
    )
  }

  #tellOnce(why: Message): void {
    const told = JSON.stringify(why)
    if (this.#told.has(told)) return
    this.#told.add(told)
    this.#events.onTrouble?.(why)
  }

  /** A bug is no trouble of the host's. */
  #tell(error: unknown): void {
    if (!(error instanceof PeerwayError)) throw error
    this.#events.onTrouble?.(error.told)
  }
}

function proposeOptions({ only, leaseSeconds }: FixOptions, tried: ReadonlySet<string>): ProposeOptions {
  return { only, tried, lifetimeSeconds: leaseSeconds }
}

function earlierRun({ diagnosis: { evidence } }: Measured, isChanged: boolean): EarlierRun {
  return { evidence, isChanged }
}

/** May a stranger's dial have come in by this change? One for no endpoint may have a part in all of them. */
function isAbout({ endpoints }: JournalEntry, { probe, value }: Evidence): boolean {
  return endpoints.length === 0 || (probe === 'dial-back' && endpoints.includes(endpointName(value)))
}

function isUseless(entry: JournalEntry, diagnosis: Diagnosis): boolean {
  return helpOf(entry, diagnosis) === 'none'
}

function ended(entry: JournalEntry, result: UndoResult): FixedChange {
  return result.outcome === 'left' ? { entry, state: 'left', why: result.why } : { entry, state: 'taken-back' }
}
