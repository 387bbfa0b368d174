import type { Message } from '../model/message.ts'
import type { JournalEntry } from './journal.ts'

/**
 * What became of a change in a repair. `isProven`: a dial from outside showed that strangers get in with it; else what it was
 * against is gone from this host, and nobody outside could say more. `left`: it did not help, and could not be taken
 * back; `why` says so.
 */
export type FixedChange =
  | { readonly entry: JournalEntry; readonly state: 'kept'; readonly isProven: boolean }
  | { readonly entry: JournalEntry; readonly state: 'taken-back' }
  | { readonly entry: JournalEntry; readonly state: 'left'; readonly why: Message }
