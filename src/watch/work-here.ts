import { type FixOptions, fix } from '../fix.ts'
import type { Host } from '../host/host.ts'
import { measure } from '../measure.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import { PeerwayError } from '../model/error.ts'
import { askedNode } from '../plan-of.ts'
import type { PlannedChange } from '../remedy/journal.ts'
import { type Plan, planRepair } from '../remedy/plan.ts'
import { proposeRepair } from '../remedy/propose.ts'
import { ROUTER_REMEDIES } from '../remedy/propose-mapping.ts'
import { prescribeContext } from '../remedy/site.ts'
import { undo } from '../undo.ts'
import { LEASE_SECONDS } from './core/pace.ts'
import { type Measured, type OnProgress, planId, planIsOld, type Work, type WorkOptions } from './work.ts'

/** In this process. `signal`: no change is made any more once it fires, and what did not help yet is taken back. */
export function workHere(options: WorkOptions, host?: Host, signal?: AbortSignal): Work {
  const machine = async () => host ?? (await import('../host/os/os-host.ts')).openOsHost()
  return {
    async check(isDeep, onProgress) {
      const here = await machine()
      const { report, diagnosis, plans } = await measure({ ...options, deep: isDeep }, here, onProgress ?? (() => {}))
      return { report, diagnosis, plan: await planned(here, diagnosis, plans), changes: [] }
    },
    open: async (onProgress) =>
      repair({ ...options, deep: false, only: ROUTER_REMEDIES, leaseSeconds: LEASE_SECONDS }, null, await machine(), {
        onProgress,
        signal,
      }),
    apply: async (plan, onProgress) =>
      repair({ ...options, deep: false, leaseSeconds: LEASE_SECONDS }, plan, await machine(), { onProgress, signal }),
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
async function planned(host: Host, diagnosis: Diagnosis, plans: readonly Plan[]): Promise<readonly PlannedChange[]> {
  if (diagnosis.obstacles.length === 0) return []
  try {
    return await proposeRepair(host, diagnosis, plans, {
      only: undefined,
      tried: new Set(),
      lifetimeSeconds: LEASE_SECONDS,
    })
  } catch (error) {
    if (error instanceof PeerwayError) return []
    throw error
  }
}
