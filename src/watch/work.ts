import { createHash } from 'node:crypto'
import type { CheckResult } from '../check.ts'
import { type FixOptions, fix } from '../fix.ts'
import type { Host } from '../host/host.ts'
import { measure } from '../measure.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Progress } from '../model/plan.ts'
import { askedNode, type CheckOptions } from '../plan-of.ts'
import type { PlannedChange } from '../remedy/journal.ts'
import { type Plan, planRepair } from '../remedy/plan.ts'
import { proposeRepair } from '../remedy/propose.ts'
import { ROUTER_REMEDIES } from '../remedy/propose-mapping.ts'
import type { FixedChange } from '../remedy/repair-result.ts'
import { prescribeContext } from '../remedy/site.ts'
import { type UndoneChange, undo } from '../undo.ts'
import { LEASE_SECONDS } from './core/pace.ts'

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
  check(onProgress?: OnProgress): Promise<Measured>
  /** Asks routers for what lets strangers in, and keeps what helps: leased, so that it ends when nobody renews it. */
  open(onProgress?: OnProgress): Promise<Measured>
  /** Makes the changes of `plan`; `busy` where it is not what would be changed any more. */
  apply(plan: readonly PlannedChange[], onProgress?: OnProgress): Promise<Measured>
  undo(which: readonly string[] | 'all'): Promise<readonly UndoneChange[]>
}

export type OnProgress = (progress: Progress) => void

/** In this process. `signal`: no change is made any more once it fires, and what did not help yet is taken back. */
export function workHere(options: WorkOptions, host?: Host, signal?: AbortSignal): Work {
  const machine = async () => host ?? (await import('../host/os/os-host.ts')).openOsHost()
  return {
    async check(onProgress) {
      const here = await machine()
      const { report, diagnosis, plans } = await measure(options, here, onProgress ?? (() => {}))
      return { report, diagnosis, plan: await planned(here, diagnosis, plans), changes: [] }
    },
    open: async (onProgress) =>
      repair({ ...options, only: ROUTER_REMEDIES, leaseSeconds: LEASE_SECONDS }, null, await machine(), {
        onProgress,
        signal,
      }),
    apply: async (plan, onProgress) =>
      repair({ ...options, leaseSeconds: LEASE_SECONDS }, plan, await machine(), { onProgress, signal }),
    undo: async (which) => undo(which, options.stateFolder, await machine()),
  }
}

/** `shown`: the plan that somebody agreed to; null: any. What comes up on the way has to be shown first. */
async function repair(
  options: FixOptions,
  shown: readonly PlannedChange[] | null,
  host: Host,
  { onProgress, signal }: { readonly onProgress: OnProgress | undefined; readonly signal: AbortSignal | undefined },
): Promise<Measured> {
  let rounds = 0
  const events = {
    agree: async ({ changes }: { readonly changes: readonly PlannedChange[] }) => {
      rounds++
      if (shown === null) return true
      if (rounds > 1) return false
      if (planId(changes) === planId(shown)) return true
      throw planIsOld()
    },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  }
  const result = await fix(options, events, host)
  const { plans } = planRepair(result.diagnosis, prescribeContext(result.diagnosis.evidence, askedNode(options)))
  return { ...result, plan: await planned(host, result.diagnosis, plans) }
}

/** Nothing where the rules cannot be read, or where nothing is in the way. */
async function planned(
  host: Host,
  diagnosis: Diagnosis,
  plans: () => readonly Plan[],
): Promise<readonly PlannedChange[]> {
  if (diagnosis.obstacles.length === 0) return []
  try {
    return await proposeRepair(host, diagnosis, plans(), { only: undefined, tried: new Set() })
  } catch (error) {
    if (error instanceof PeerwayError) return []
    throw error
  }
}

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
