import type { Unprescribed } from '../diagnose/diagnose.ts'
import type { Remedy } from '../model/remedy.ts'
import { planRepair } from './plan.ts'
import type { PrescribeContext } from './site.ts'

/** What to do about the obstacles of a diagnosis, the best first: see `planRepair`. All are done by hand for now. */
export function prescribe(diagnosis: Unprescribed, context: PrescribeContext): readonly Remedy[] {
  return planRepair(diagnosis, context).remedies
}
