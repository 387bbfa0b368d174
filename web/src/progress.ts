import type { Progress } from '../../src/model/plan.ts'

/** One part of a check or repair: questions asked side by side, or changes made one after the other. */
export interface Phase {
  readonly kind: 'look' | 'dial' | 'change' | 'take-back'
  /** Of the questions, or changes, how many have ended. */
  readonly done: number
  /** What is under way; a name twice where it is asked for each family. */
  readonly running: readonly string[]
}

export interface ProgressSoFar {
  readonly phases: readonly Phase[]
  readonly isEnded: boolean
}

export const NO_PROGRESS: ProgressSoFar = { phases: [], isEnded: true }

/** `ended`: nothing runs any more; what was seen stays until something else begins. */
export function followProgress(so: ProgressSoFar, progress: Progress | 'ended' | 'begins'): ProgressSoFar {
  if (progress === 'begins') return { phases: [], isEnded: false }
  if (progress === 'ended') return so.isEnded ? so : { ...so, isEnded: true }
  if (progress.state === 'running') return so
  const { step, state } = progress
  const phases = so.isEnded ? [] : so.phases
  const kind = kindOf(step, phases)
  const isSame = phases.at(-1)?.kind === kind
  const last = isSame ? phases.at(-1)! : { kind, done: 0, running: [] }
  const at = last.running.indexOf(step)
  const next: Phase =
    state === 'started'
      ? { ...last, running: [...last.running, step] }
      : { ...last, done: last.done + 1, running: at < 0 ? last.running : last.running.toSpliced(at, 1) }
  return { phases: [...(isSame ? phases.slice(0, -1) : phases), next], isEnded: false }
}

function kindOf(step: string, phases: readonly Phase[]): Phase['kind'] {
  if (step === 'change' || step === 'take-back') return step
  return phases.some(({ kind }) => kind === 'change') ? 'dial' : 'look'
}
