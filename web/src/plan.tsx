import { useRef, useState } from 'preact/hooks'
import { headline, verdictSign } from '../../src/report/html/blocks.ts'
import { applyPlan, type ReportChange, type WatchState } from './api.ts'
import { Drawn } from './drawn.tsx'
import { Phases } from './phases.tsx'
import type { ProgressSoFar } from './progress.ts'
import type { WithToken } from './with-token.ts'
import { useWords } from './words.ts'

interface PlanProps {
  readonly state: WatchState
  readonly progress: ProgressSoFar
  readonly withToken: WithToken
}

/** What became of a plan, and the steps that it took. */
interface Outcome {
  readonly changes: readonly ReportChange[]
  readonly progress: ProgressSoFar
}

/** What peerway can do by itself, the button that has it done, and, while it is done and after, what became of it. */
export function Plan({ state, progress, withToken }: PlanProps) {
  const { say, lang } = useWords()
  const [isAsked, setAsked] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const soFar = useRef(progress)
  soFar.current = progress
  const { plan, doing } = state
  const isRunning = isAsked || doing === 'apply' || doing === 'open'
  const apply = (id: string) =>
    withToken(async () => {
      setOutcome(null)
      setAsked(true)
      try {
        const changes = await applyPlan(id, lang)
        // It may be told sooner than its last steps.
        setOutcome({ changes, progress: { ...soFar.current, isEnded: true } })
      } finally {
        setAsked(false)
      }
    })

  if (isRunning) {
    return (
      <section class="plan" id="plan">
        <h2 class="busy">{say('page.applying')}</h2>
        <Phases progress={progress} />
      </section>
    )
  }
  return (
    <>
      {outcome !== null && isStillSo(outcome, state) && (
        <OutcomeCard outcome={outcome} state={state} onClose={() => setOutcome(null)} />
      )}
      {plan !== null && (
        <section class="plan" id="plan">
          <h2>{say('page.plan')}</h2>
          <ul class="plain">
            {plan.changes.map(({ text, untilReboot }) => (
              <li key={text}>
                {text}
                {untilReboot && <p class="soft small">{say('text.until-reboot')}</p>}
              </li>
            ))}
          </ul>
          <p class="soft">{say('page.plan-note')}</p>
          <button type="button" disabled={doing !== null} onClick={() => void apply(plan.id)}>
            {say('page.apply')}
          </button>
        </section>
      )}
    </>
  )
}

/** What was taken back since is no outcome any more. */
function isStillSo({ changes }: Outcome, state: WatchState): boolean {
  const there = new Set(state.changes.map(({ id }) => id))
  return changes.every(({ id, state: became }) => became !== 'kept' || (id !== null && there.has(id)))
}

interface OutcomeProps {
  readonly outcome: Outcome
  readonly state: WatchState
  readonly onClose: () => void
}

function OutcomeCard({ outcome: { changes, progress }, state, onClose }: OutcomeProps) {
  const { say } = useWords()
  const { report } = state
  return (
    <section class="plan" role="status">
      <h2>
        <Drawn of={verdictSign(report?.verdict ?? 'unknown', 'small')} /> {headline(report, say)}
      </h2>
      <Phases progress={progress} />
      <ul class="plain">
        {changes.map(({ id, text, state, why, isProven }) => (
          <li key={id}>
            {text}
            <br />
            <span class="soft">
              {say(`change-state.${state === 'kept' && !isProven ? 'cleared' : state}`, why === null ? {} : { why })}
            </span>
          </li>
        ))}
      </ul>
      <button type="button" class="quiet" onClick={onClose}>
        {say('page.close')}
      </button>
    </section>
  )
}
