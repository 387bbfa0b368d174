import type { CheckResult } from './check.ts'
import { diagnose } from './diagnose/diagnose.ts'
import type { Host } from './host/host.ts'
import type { Diagnosis } from './model/diagnosis.ts'
import type { ObservePlan, Progress } from './model/plan.ts'
import { VERSION } from './model/version.ts'
import { askedNode, type CheckOptions, kindOf, noPorts, planOf } from './plan-of.ts'
import { observe } from './probe/observe.ts'
import { hostOutlook } from './remedy/host-outlook.ts'
import { mappedPorts } from './remedy/mapped-ports.ts'
import { type Plan, planRepair } from './remedy/plan.ts'
import { prescribeContext } from './remedy/site.ts'
import { isoTime } from './report/iso-time.ts'
import { buildReport } from './report/report.ts'
import { withoutSecrets } from './report/secrets.ts'

/** A check, and what could be made of it. */
export interface Measured extends CheckResult {
  /** Remedies that go together, the best plan first. */
  readonly plans: readonly Plan[]
}

/** One check; `how` says what a repair leaves for later, or has seen before. See `check` for the rest. */
export async function measure(
  options: CheckOptions,
  host: Host,
  onProgress: (progress: Progress) => void,
  how: Pick<ObservePlan, 'sparing' | 'earlier' | 'proofs'> = {},
): Promise<Measured> {
  const plan = planOf(options)
  const { clock } = host
  const [startedAtMs, startedMs] = [clock.nowMs(), clock.monotonicMs()]

  const externalPorts = await mappedPorts(host, plan.stateFolder)
  const evidence = await observe(host, { ...plan, ...how, externalPorts }, onProgress, kindOf(options))
  const node = evidence.find((one) => one.probe === 'node')?.value
  const ports = plan.ports.length > 0 ? plan.ports : (node?.ports ?? [])
  if (ports.length === 0) throw noPorts(node?.kind)
  const found = diagnose(evidence, ports)
  const outlook = await hostOutlook(host, found)
  const { remedies, plans } = planRepair(found, prescribeContext(evidence, askedNode(options)), outlook)
  const diagnosis: Diagnosis = withoutSecrets({ ...found, remedies })
  const report = buildReport(diagnosis, {
    version: VERSION,
    at: isoTime(startedAtMs),
    durationMs: clock.monotonicMs() - startedMs,
    language: options.language ?? 'en',
  })
  return { report, diagnosis, plans }
}
