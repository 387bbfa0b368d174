import { closeSync, existsSync, openSync, renameSync } from 'node:fs'
import { MemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'

export interface OpenedStore {
  readonly store: Store
  /** Why it ends with the program; null where it lasts. */
  readonly why: string | null
  /** Where a damaged file was put aside; null where there was none. */
  readonly aside: string | null
}

const OWNER_ONLY = 0o600

/**
 * The history in the file `history.db` of `folder`. A damaged one is put aside, and a new one begun; where the disk does not
 * obey, or this platform has no SQLite, it is kept in memory.
 */
export async function openStore(folder: string, nowMs: number): Promise<OpenedStore> {
  const path = `${folder}/history.db`
  try {
    const { SqliteStore } = await import('./sqlite-store.ts')
    const begin = () => {
      // It names networks and ports; SQLite gives its log the same mode.
      closeSync(openSync(path, 'a', OWNER_ONLY))
      return new SqliteStore(path)
    }
    try {
      return { store: begin(), why: null, aside: null }
    } catch (error) {
      if (!isDamage(error) || !existsSync(path)) throw error
      const aside = `${path}.damaged-${nowMs}`
      for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end)
      return { store: begin(), why: null, aside }
    }
  } catch (error) {
    return { store: new MemoryStore(), why: (error as Error).message, aside: null }
  }
}

function isDamage(error: unknown): boolean {
  const { message, code } = error as { readonly message: string; readonly code?: string }
  return /damaged|malformed|not a database/.test(message) || code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB'
}
