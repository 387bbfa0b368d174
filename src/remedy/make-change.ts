import type { Host } from '../host/host.ts'
import type { UndoResult } from './change.ts'
import { kindOf } from './change-kinds.ts'
import type { Journal, JournalEntry, PlannedChange } from './journal.ts'

/**
 * Makes one change: written down first, made, written down as made. A failure between the two leaves an entry from which
 * `takeBack` finds out what there is. `PeerwayError` as the kind of change throws it.
 */
export async function makeChange(host: Host, journal: Journal, planned: PlannedChange): Promise<JournalEntry> {
  const { change } = planned
  const entry: JournalEntry = { ...planned, state: 'planned', atMs: host.clock.nowMs() }
  await journal.write(entry)
  const made: JournalEntry = { ...entry, change: await kindOf(change).apply(host, change), state: 'made' }
  await journal.write(made)
  return made
}

/** Takes one change back, and strikes it out unless something of it is left. May be called again after any failure. */
export async function takeBack(host: Host, journal: Journal, { change, atMs }: JournalEntry): Promise<UndoResult> {
  const result = await kindOf(change).undo(host, change, atMs)
  if (result.outcome !== 'left') await journal.remove(change.id)
  return result
}
