import { diagnose } from './diagnose/diagnose.ts'
import type { Host } from './host/host.ts'
import type { Diagnosis } from './model/diagnosis.ts'
import type { Progress } from './model/plan.ts'
import { VERSION } from './model/version.ts'
import { type CheckOptions, planOf } from './plan-of.ts'
import { observe } from './probe/observe.ts'
import { mappedPorts } from './remedy/mapped-ports.ts'
import { prescribe } from './remedy/prescribe.ts'
import { prescribeContext } from './remedy/site.ts'
import { isoTime } from './report/iso-time.ts'
import { buildReport, type Report } from './report/report.ts'

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
 * `PeerwayError` `bad-input` for options that are wrong, before anything is sent. Whatever the network does, and
 * whatever this host cannot do, is part of the result.
 */
export async function check(
  options: CheckOptions,
  host?: Host,
  onProgress: (progress: Progress) => void = () => {},
): Promise<CheckResult> {
  const plan = planOf(options)
  const machine = host ?? (await import('./host/os/os-host.ts')).openOsHost()
  const { clock } = machine
  const [startedAtMs, startedMs] = [clock.nowMs(), clock.monotonicMs()]

  const externalPorts = await mappedPorts(machine, plan.stateFolder)
  const evidence = await observe(machine, { ...plan, externalPorts }, onProgress)
  const found = diagnose(evidence, plan.ports)
  const diagnosis: Diagnosis = { ...found, remedies: prescribe(found, prescribeContext(evidence, options.node)) }
  const report = buildReport(diagnosis, {
    version: VERSION,
    at: isoTime(startedAtMs),
    durationMs: clock.monotonicMs() - startedMs,
    language: options.language ?? 'en',
    node: options.node === undefined ? null : { kind: options.node, peers: null, peersWanted: null },
  })
  return { report, diagnosis }
}
