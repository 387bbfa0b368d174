import type { JournalEntry } from '../remedy/journal.ts'
import type { Lease } from './core/lease.ts'
import { heirOf, isHeld, type Keeper } from './keeper.ts'
import type { Teller } from './teller.ts'

export interface KeptChangesEvents {
  /** The mappings that are to be kept, all of them, as they are now. */
  readonly onLeases: (leases: readonly Lease[]) => void
  /** Somebody has taken a leased mapping back. */
  readonly onTakenBack: () => void
}

/** The journal as it was read last: all that was changed and is not taken back. */
export class KeptChanges {
  readonly #keeper: Keeper
  readonly #teller: Teller
  readonly #events: KeptChangesEvents
  #entries: readonly JournalEntry[] = []
  /** Leased mappings that this daemon knows of, so that one that a person took back is not opened again. */
  #known = new Set<string>()

  constructor(keeper: Keeper, teller: Teller, events: KeptChangesEvents) {
    this.#keeper = keeper
    this.#teller = teller
    this.#events = events
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** Where it cannot be read, what was read last stands. `changedBy`: who may have changed it since. */
  async read(changedBy: 'ours' | 'anybody'): Promise<void> {
    const entries = await this.#teller.calmly('read-journal', () => this.#keeper.entries())
    if (entries === undefined) return
    const leased = new Set(entries.filter(({ leased }) => leased === true).map(({ change }) => change.id))
    const takenBack = changedBy === 'ours' ? [] : [...this.#known].filter((id) => !leased.has(id))
    if (takenBack.length > 0) this.#events.onTakenBack()
    for (const change of takenBack) this.#teller.tell('mapping-dropped', { change })
    this.#known = leased
    this.#entries = entries
    const leases = await this.#teller.calmly('read-addresses', () => this.#keeper.leases(entries))
    if (leases !== undefined) this.#events.onLeases(leases)
    this.#teller.changed()
  }

  /** A repair may have asked anew for what was held and had been forgotten. */
  async dropDoubles(): Promise<void> {
    const doubled = this.#entries.filter((entry) => heirOf(entry, this.#entries) !== undefined)
    if (doubled.length === 0) return
    const ids = doubled.map(({ change }) => change.id)
    // Nobody has taken these back.
    for (const id of ids) this.#known.delete(id)
    await this.#teller.calmly('forget-doubles', () => this.#keeper.dropDoubles(ids))
    await this.read('ours')
  }

  /** Those that are mappings which a router holds for us. */
  get held() {
    return this.#entries.filter(isHeld)
  }
}
