import type { Host } from './host/host.ts'
import { measure } from './measure.ts'
import type { Diagnosis } from './model/diagnosis.ts'
import type { Progress } from './model/plan.ts'
import { type CheckOptions, planOf } from './plan-of.ts'
import type { Report } from './report/report.ts'

export interface CheckResult {
  /** The report as it is published: plain JSON, `schema` says which version. */
  readonly report: Report
  /** The same before it had a language; `report/` renders it. */
  readonly diagnosis: Diagnosis
}

/**
 * Finds out whether strangers can reach the ports asked for and, if not, where they are stopped. Changes nothing that
 * lasts; speaks to the vantages and STUN servers of `options` alone, and takes about two seconds where they answer.
 *
 * `host` is this machine unless another is given. As root on Linux it sees more: whose socket it is, and what the
 * firewall ate. `onProgress` is told when each question starts and ends.
 *
 * `PeerwayError` `bad-input` for options that are wrong, and where no port is named and no node found, before anything is
 * sent but the names of vantages to resolvers. Whatever the network does, and whatever this host cannot do, is part of the
 * result.
 */
export async function check(
  options: CheckOptions,
  host?: Host,
  onProgress: (progress: Progress) => void = () => {},
): Promise<CheckResult> {
  planOf(options)
  const machine = host ?? (await import('./host/os/os-host.ts')).openOsHost()
  const { report, diagnosis } = await measure(options, machine, onProgress)
  return { report, diagnosis }
}
