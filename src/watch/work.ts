import { createHash } from 'node:crypto'
import type { CheckResult } from '../check.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Progress } from '../model/plan.ts'
import type { CheckOptions } from '../plan-of.ts'
import type { PlannedChange } from '../remedy/journal.ts'
import type { FixedChange } from '../remedy/repair-result.ts'
import type { UndoneChange } from '../undo.ts'

/** A check, perhaps with a repair, and what could be changed after it. Plain data. */
export interface Measured extends CheckResult {
  /** What a repair would change by itself now. Empty where nothing would help. */
  readonly plan: readonly PlannedChange[]
  readonly changes: readonly FixedChange[]
}

/** Options of a check, with a folder for the journal. */
export interface WorkOptions extends CheckOptions {
  readonly stateFolder: string
}

/**
 * What takes long: checks, repairs, and taking back. One at a time. On a real machine each runs in a process of its own, which
 * gives its memory back when it ends. Rejects with the `PeerwayError` of `check`, `fix` and `undo`.
 */
export interface Work {
  /** `isDeep`: with what takes minutes. */
  check(isDeep: boolean, onProgress?: OnProgress): Promise<Measured>
  /** Asks routers for what lets strangers in, and keeps what helps: leased, so that it ends when nobody renews it. */
  open(onProgress?: OnProgress): Promise<Measured>
  /** Makes the changes of `plan`; `busy` where it is not what would be changed any more. */
  apply(plan: readonly PlannedChange[], onProgress?: OnProgress): Promise<Measured>
  undo(which: readonly string[] | 'all'): Promise<readonly UndoneChange[]>
}

export type OnProgress = (progress: Progress) => void

/** The same for plans that change the same, whatever tags and nonces they were given: a file names the tags of its rules. */
export function planId(plan: readonly PlannedChange[]): string {
  const contents = plan.map(({ change: { id: _tag, ...content }, remedy }) => {
    if (content.kind !== 'port-mapping') return { remedy, content }
    const { nonce: _drawn, lifetimeSeconds: _asked, ...request } = content.request
    return { remedy, content: { ...content, request } }
  })
  const tags = plan.map(({ change }) => change.id)
  const text = tags.reduce((so, tag, index) => so.replaceAll(tag, `#${index}`), JSON.stringify(contents))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function planIsOld(): PeerwayError {
  return new PeerwayError('busy', errorText('error.plan-old'))
}

/** Could strangers be let in by asking routers alone? */
export function mayOpen(plan: readonly PlannedChange[]): boolean {
  const asksHost = new Set(
    plan.filter(({ change }) => change.kind !== 'port-mapping').flatMap((each) => each.endpoints),
  )
  return plan.some(
    ({ change, endpoints }) => change.kind === 'port-mapping' && endpoints.every((name) => !asksHost.has(name)),
  )
}
