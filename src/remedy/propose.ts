import type { Host } from '../host/host.ts'
import type { Diagnosis } from '../model/diagnosis.ts'
import type { PlannedChange } from './journal.ts'

export interface ProposeOptions {
  readonly only: readonly string[] | undefined
  /** Remedies that were tried in this repair and did not open the way. */
  readonly tried: ReadonlySet<string>
}

/** What peerway can change itself, by the cheapest plan with which a stranger gets in; empty where there is none. */
export async function proposeRepair(
  host: Host,
  diagnosis: Diagnosis,
  options: ProposeOptions,
): Promise<readonly PlannedChange[]> {
  void host
  void diagnosis
  void options
  return []
}
