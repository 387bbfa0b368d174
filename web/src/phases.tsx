import type { Phase, ProgressSoFar } from './progress.ts'
import { useWords } from './words.ts'

/** What a repair has done so far, and what it does now. */
export function Phases({ progress: { phases, isEnded } }: { readonly progress: ProgressSoFar }) {
  const { say } = useWords()
  return (
    <ol class="phases" aria-label={say('page.steps')} aria-live="polite">
      {phases.map((phase, index) => (
        // Phases are only ever added at the end.
        <PhaseRow phase={phase} mayRun={!isEnded && index === phases.length - 1} key={index} />
      ))}
    </ol>
  )
}

function PhaseRow({ phase: { kind, done, running }, mayRun }: { readonly phase: Phase; readonly mayRun: boolean }) {
  const { say } = useWords()
  const isRunning = mayRun && running.length > 0
  return (
    <li class={isRunning ? 'running' : 'done'}>
      {say(`page.phase-${kind}`, { count: isRunning ? done : done + running.length })}
      <span class="unseen">{say(`page.step-state-${isRunning ? 'running' : 'done'}`)}</span>
      {isRunning && kind !== 'change' && kind !== 'take-back' && (
        <span class="soft" aria-hidden="true">
          {[...new Set(running)].map((step) => say(`progress.${step}`)).join(', ')}
        </span>
      )}
    </li>
  )
}
