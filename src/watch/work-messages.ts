import type { PeerwayErrorCode } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import type { PlannedChange } from '../remedy/journal.ts'
import type { UndoneChange } from '../undo.ts'
import type { Measured, WorkOptions } from './work.ts'

/** What the daemon asks a process of its own to do, once. */
export type WorkRequest = { readonly options: WorkOptions } & (
  | { readonly work: 'check'; readonly isDeep: boolean }
  | { readonly work: 'open' }
  | { readonly work: 'apply'; readonly plan: readonly PlannedChange[] }
  | { readonly work: 'undo'; readonly which: readonly string[] | 'all' }
)

/** What the process says of it: how far it is, any number of times, and then how it ended, once. */
export type WorkReply =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'undone'; readonly undone: readonly UndoneChange[] }
  | {
      readonly kind: 'failed'
      /** Null for what is a mistake of ours. */
      readonly code: PeerwayErrorCode | null
      readonly told: Message
    }
