import type { Host } from '../host/host.ts'
import type { Change, UndoResult } from './change.ts'
import { kindOf } from './change-kinds.ts'
import type { Journal, JournalEntry, PlannedChange } from './journal.ts'

/** Nothing tells what we made of these from what another made. */
const BEARS_NO_TAG: readonly Change['kind'][] = ['sysctl', 'firewalld-port', 'node-setting', 'node-value']

/**
 * Makes one change: written down first, made, written down as made. A failure between the two leaves an entry from which
 * `takeBack` finds out what there is. Undefined where somebody made it since it was planned: then it is theirs, and stays out of
 * the journal. `PeerwayError` as the kind of change throws it.
 */
export async function makeChange(
  host: Host,
  journal: Journal,
  planned: PlannedChange,
): Promise<JournalEntry | undefined> {
  const { change } = planned
  const kind = kindOf(change)
  if (BEARS_NO_TAG.includes(change.kind) && (await kind.state(host, change)) === 'present') return undefined
  const entry: JournalEntry = { ...planned, state: 'planned', atMs: host.clock.nowMs() }
  await journal.write(entry)
  const made: JournalEntry = { ...entry, change: await kind.apply(host, change), state: 'made' }
  await journal.write(made)
  return made
}

/** Takes one change back, and strikes it out unless something of it is left. May be called again after any failure. */
export async function takeBack(host: Host, journal: Journal, { change, atMs }: JournalEntry): Promise<UndoResult> {
  const result = await kindOf(change).undo(host, change, atMs)
  if (result.outcome !== 'left') await journal.remove(change.id)
  return result
}
