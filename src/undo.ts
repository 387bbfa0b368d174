import type { Host } from './host/host.ts'
import { errorText, PeerwayError } from './model/error.ts'
import type { Message } from './model/message.ts'
import { Journal, type JournalEntry } from './remedy/journal.ts'
import { takeBack } from './remedy/make-change.ts'
import { lockRepairs } from './remedy/repair-lock.ts'

/** `left`: something of it is still there; `why` says what. */
export type UndoneChange =
  | { readonly entry: JournalEntry; readonly outcome: 'undone' | 'was-gone' }
  | { readonly entry: JournalEntry; readonly outcome: 'left'; readonly why: Message }

/** Every change that peerway made here and did not take back, the oldest first. */
export async function listChanges(stateFolder: string, host?: Host): Promise<readonly JournalEntry[]> {
  return (await Journal.open(host ?? (await osHost()), stateFolder)).entries
}

/**
 * Takes changes back, the last one first, with what makes them last, and nothing else; `which`: their ids, or all. What cannot be taken back stays in
 * the journal and is told. Needs no vantage and no network but for a router's mapping.
 *
 * `PeerwayError`: `bad-input` for an id that is none, before anything is done; `busy` while a repair runs.
 */
export async function undo(
  which: readonly string[] | 'all',
  stateFolder: string,
  host?: Host,
): Promise<readonly UndoneChange[]> {
  const machine = host ?? (await osHost())
  await using _lock = await lockRepairs(machine, stateFolder)
  const journal = await Journal.open(machine, stateFolder)
  const unknown = which === 'all' ? [] : which.filter((id) => !journal.entries.some(({ change }) => change.id === id))
  if (unknown.length > 0)
    throw new PeerwayError('bad-input', errorText('error.undo-unknown', { ids: unknown.join(', ') }))

  const isChosen = (id: string | null) => which === 'all' || (id !== null && which.includes(id))
  // What makes a change last goes with it.
  const chosen = journal.entries.filter(({ change, keeps }) => isChosen(change.id) || isChosen(keeps))
  const undone: UndoneChange[] = []
  for (const entry of chosen.toReversed()) undone.push(await undoOne(machine, journal, entry))
  return undone
}

async function undoOne(host: Host, journal: Journal, entry: JournalEntry): Promise<UndoneChange> {
  try {
    const result = await takeBack(host, journal, entry)
    return { entry, ...result }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return { entry, outcome: 'left', why: error.told }
  }
}

async function osHost(): Promise<Host> {
  return (await import('./host/os/os-host.ts')).openOsHost()
}
