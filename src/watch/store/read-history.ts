import Libsql from 'libsql'
import { errorText, PeerwayError } from '../../model/error.ts'
import { SqliteReader, Statements } from './sqlite-reader.ts'
import type { HistoryReader } from './store.ts'

/** Opens the history for reading alone, also while a watch writes it. `PeerwayError` `not-available` where that cannot be. */
export function readHistory(path: string): HistoryReader & Disposable {
  try {
    const db = new Libsql(path, { readonly: true })
    const reader = new SqliteReader(new Statements(db))
    // It is opened at the first question, and no sooner.
    const names = reader.seriesNames()
    return {
      events: (query) => reader.events(query),
      seriesNames: () => names,
      points: (query) => reader.points(query),
      [Symbol.dispose]: () => db.close(),
    }
  } catch (cause) {
    const words = (cause as Error).message
    throw new PeerwayError('not-available', errorText('error.history-unreadable', { path, words }), { cause })
  }
}
