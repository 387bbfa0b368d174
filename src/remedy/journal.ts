import type { Host } from '../host/host.ts'
import type { EndpointName } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { ObstacleId } from '../model/obstacle.ts'
import type { Change, ChangeContent } from './change.ts'
import type { RemedyId } from './remedy-ids.ts'

/** What a change is for. */
export interface ChangePurpose {
  readonly remedy: RemedyId
  readonly clears: readonly ObstacleId[]
  /** The endpoints that it shall open; empty where it lets the node work and opens none. */
  readonly endpoints: readonly EndpointName[]
}

/** A change that a remedy comes to, before it has a tag. */
export interface WantedChange extends ChangePurpose {
  readonly content: ChangeContent
}

/** The same with its tag, ready to be shown and made. */
export interface PlannedChange extends ChangePurpose {
  readonly change: Change
  /** The id of the change that this one makes last over a reboot; null for one that is wanted for itself. */
  readonly keeps: string | null
  /** Will it be gone after the next reboot? */
  readonly untilReboot: boolean
}

/**
 * `planned`: about to be made, and nobody knows whether it was. `made`: it was, and nothing shows yet that it helped.
 * `kept`: it was seen to help, and stays until somebody takes it back.
 */
export type EntryState = 'planned' | 'made' | 'kept'

export interface JournalEntry extends PlannedChange {
  readonly state: EntryState
  /** When it was planned, `host.clock.nowMs()`. */
  readonly atMs: number
  /** A port mapping that `watch` made, renews, and takes back when it ends; it ends by itself when nobody renews it. */
  readonly leased?: true
}

const SCHEMA = 'peerway.journal/1'
const MAX_BYTES = 8 * 1024 * 1024
const MOST_ENTRIES = 1024

export function journalPath(stateFolder: string): string {
  return `${stateFolder}/journal.json`
}

/**
 * What was changed on this machine and its routers and is not taken back, in one file that is replaced whole, with
 * fsync, before each step: a crash at any moment leaves enough to finish or undo it. Its order is that of the changes.
 */
export class Journal {
  readonly #host: Host
  readonly #path: string
  #entries: readonly JournalEntry[]

  private constructor(host: Host, path: string, entries: readonly JournalEntry[]) {
    this.#host = host
    this.#path = path
    this.#entries = entries
  }

  /** The file `journal.json` of `folder`. `PeerwayError` `bad-input` for one that peerway did not write. */
  static async open(host: Host, folder: string): Promise<Journal> {
    const path = journalPath(folder)
    const text = await host.files.read(path, { maxBytes: MAX_BYTES })
    return new Journal(host, path, text === undefined ? [] : parseJournal(path, text))
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** Writes an entry, in the place of one with the same id or as the last; resolves when it is on the disk. */
  async write(entry: JournalEntry): Promise<void> {
    const known = this.#entries.some(({ change }) => change.id === entry.change.id)
    if (!known && this.#entries.length >= MOST_ENTRIES) throw this.#full()
    const others = this.#entries.map((each) => (each.change.id === entry.change.id ? entry : each))
    await this.#save(known ? others : [...this.#entries, entry])
  }

  /** The change is no more. */
  async remove(id: string): Promise<void> {
    await this.#save(this.#entries.filter(({ change }) => change.id !== id))
  }

  async #save(entries: readonly JournalEntry[]): Promise<void> {
    await this.#host.files.replace(this.#path, `${JSON.stringify({ schema: SCHEMA, entries }, null, 1)}\n`)
    this.#entries = entries
  }

  #full(): PeerwayError {
    return new PeerwayError('not-available', errorText('error.journal-full', { path: this.#path, most: MOST_ENTRIES }))
  }
}

function parseJournal(path: string, text: string): readonly JournalEntry[] {
  const value = parseJson(text)
  if (isRecord(value) && value.schema === SCHEMA && Array.isArray(value.entries) && value.entries.every(isEntry)) {
    return value.entries
  }
  throw new PeerwayError('bad-input', errorText('error.journal-foreign', { path }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Its owner alone can write it, so this is against accidents; whoever makes or undoes a change checks what is in it. */
function isEntry(value: unknown): value is JournalEntry {
  if (!isRecord(value) || !isRecord(value.change)) return false
  const { change, state, atMs, remedy, clears, endpoints } = value
  const isTagged = typeof change.id === 'string' && /^[a-z0-9]{8}$/.test(change.id) && typeof change.kind === 'string'
  const isState = state === 'planned' || state === 'made' || state === 'kept'
  return (
    isTagged && isState && typeof atMs === 'number' && typeof remedy === 'string' && isList(clears) && isList(endpoints)
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
