import { type CheckResult, check } from './check.ts'
import { hasMappingEnded } from './gateway/mapping-end.ts'
import type { Host } from './host/host.ts'
import type { Diagnosis } from './model/diagnosis.ts'
import { PeerwayError } from './model/error.ts'
import type { Progress } from './model/plan.ts'
import type { CheckOptions } from './plan-of.ts'
import type { UndoResult } from './remedy/change.ts'
import { Journal, type JournalEntry, type PlannedChange } from './remedy/journal.ts'
import { hasCleared, helpOf } from './remedy/judge-repair.ts'
import { makeChange, takeBack } from './remedy/make-change.ts'
import { proposeRepair } from './remedy/propose.ts'
import { lockRepairs } from './remedy/repair-lock.ts'
import type { FixedChange } from './remedy/repair-result.ts'

export interface FixOptions extends CheckOptions {
  /** Ids of the remedies that may be used; without it, all that can be automatic. */
  readonly only?: readonly string[] | undefined
  /** What shall be changed is told, and nothing is. */
  readonly dryRun?: boolean | undefined
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
  /** A change of this run, or of one that was killed, whose making or taking back failed. */
  readonly onTrouble?: (why: string) => void
  /** Once it fires no change is made any more, and what did not help yet is taken back. */
  readonly signal?: AbortSignal
}

/** Remedies are tried in their order of preference; more rounds than there are protocols of routers help nobody. */
const MOST_ROUNDS = 5

/**
 * Checks, and then changes what it takes for strangers to get in: the cheapest plan that peerway can carry out itself, shown
 * first, journalled before each step, and proven afterwards by a dial from outside. What did not help is taken back. What a
 * killed run left unproven is taken back before anything else.
 *
 * `PeerwayError` as `check`; `busy` while another repair runs; `not-available` without a folder for the journal.
 */
export async function fix(options: FixOptions, events: FixEvents, host?: Host): Promise<FixResult> {
  const machine = host ?? (await import('./host/os/os-host.ts')).openOsHost()
  const { stateFolder = null } = options
  if (options.dryRun) {
    const checked = await check(options, machine, events.onProgress)
    const proposed = await proposeRepair(machine, checked.diagnosis, { only: options.only, tried: new Set() })
    return { ...checked, proposed, changes: [], stillStopped: false }
  }
  if (stateFolder === null) {
    throw new PeerwayError('not-available', 'nothing is changed without a folder where it can be written down')
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
    let checked = await check(this.#options, this.#host, this.#events.onProgress)
    let proposed: readonly PlannedChange[] = []
    for (let round = 0; round < MOST_ROUNDS && !this.#isStopped; round++) {
      const changes = await this.#propose(checked.diagnosis)
      if (changes.length === 0) break
      if (!(await this.#events.agree({ ...checked, changes }))) {
        proposed = changes
        break
      }
      await this.#make(changes)
      checked = await this.#check()
      await this.#takeBackAll(
        this.#made.filter((entry) => isUseless(entry, checked.diagnosis) && !hasCleared(entry, checked.diagnosis)),
      )
    }
    await this.#takeBackAll(this.#made.filter((entry) => isUseless(entry, checked.diagnosis)))
    // What is reported is how things are now.
    if (this.#ended.some(({ state }) => state === 'taken-back') && !this.#isStopped) checked = await this.#check()
    await this.#keep(checked.diagnosis)
    return { ...checked, proposed, changes: this.#ended, stillStopped: this.#isStillStopped(checked.diagnosis) }
  }

  /** A mapping that has ended by itself needs an end in the journal alone. */
  #hasExpired({ change }: JournalEntry): boolean {
    if (change.kind !== 'port-mapping' || change.mapping === null) return false
    return hasMappingEnded(change.mapping, this.#host.clock.nowMs())
  }

  get #isStopped(): boolean {
    return this.#events.signal?.aborted === true
  }

  /** After a change, when only the way in is in question. */
  #check(): Promise<CheckResult> {
    return check({ ...this.#options, deep: false }, this.#host, this.#events.onProgress)
  }

  async #propose(diagnosis: Diagnosis): Promise<readonly PlannedChange[]> {
    const changes = await proposeRepair(this.#host, diagnosis, { only: this.#options.only, tried: this.#tried })
    for (const { remedy } of changes) this.#tried.add(remedy)
    return changes
  }

  /** The first that fails ends it: the rest would not open the way alone. */
  async #make(changes: readonly PlannedChange[]): Promise<void> {
    for (const planned of changes) {
      if (this.#isStopped) return
      try {
        this.#made.push(await makeChange(this.#host, this.#journal, planned))
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
      this.#ended.push(ended(entry, await this.#takeBack(entry)))
    }
  }

  async #takeBack(entry: JournalEntry): Promise<UndoResult> {
    try {
      return await takeBack(this.#host, this.#journal, entry)
    } catch (error) {
      this.#tell(error)
      return { outcome: 'left', why: (error as PeerwayError).message }
    }
  }

  async #keep(diagnosis: Diagnosis): Promise<void> {
    for (const entry of this.#made) {
      const kept: JournalEntry = { ...entry, state: 'kept' }
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

  /** A bug is no trouble of the host's. */
  #tell(error: unknown): void {
    if (!(error instanceof PeerwayError)) throw error
    this.#events.onTrouble?.(error.message)
  }
}

function isUseless(entry: JournalEntry, diagnosis: Diagnosis): boolean {
  return helpOf(entry, diagnosis) === 'none'
}

function ended(entry: JournalEntry, result: UndoResult): FixedChange {
  return result.outcome === 'left' ? { entry, state: 'left', why: result.why } : { entry, state: 'taken-back' }
}
