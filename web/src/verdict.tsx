import { VERDICT_TONES, verdictBlock } from '../../src/report/html/blocks.ts'
import { checkNow } from './api.ts'
import { Drawn } from './drawn.tsx'
import type { Live } from './live.ts'
import { useNow } from './use-now.ts'
import type { WithToken } from './with-token.ts'
import { useWords } from './words.ts'

/** The verdict, how old it is, and what is done just now. */
export function Verdict({ live, withToken }: { readonly live: Live; readonly withToken: WithToken }) {
  const words = useWords()
  const { say, ago, lang } = words
  const now = useNow()
  const { state, isConnected, progress } = live
  if (state === null) return null
  const { report, about, doing, checkedAt, nextCheckAt } = state
  const verdict = report?.verdict ?? null
  const running = progress.isEnded ? [] : [...new Set(progress.phases.at(-1)?.running ?? [])]
  return (
    <section class={`card verdict ${verdict === null ? '' : VERDICT_TONES[verdict]}`} aria-live="polite">
      <Drawn of={verdictBlock(report, about?.verdict ?? say('page.first-check'), say)} />
      <div class="verdict-foot">
        {!isConnected ? (
          <p>
            <b>{say('page.no-connection', { ago: ago(state.at, now) })}</b>
          </p>
        ) : doing !== null ? (
          <p class="busy" aria-live="off">
            {say(`page.doing-${doing}`)}
            {running.length > 0 && (
              <span class="soft"> ({running.map((step) => say(`progress.${step}`)).join(', ')})</span>
            )}
          </p>
        ) : (
          <p aria-live="off">
            {checkedAt !== null && say('page.checked', { ago: ago(checkedAt, now) })}
            {nextCheckAt !== null && `, ${say('page.next-check', { ago: ago(nextCheckAt, now) })}`}
          </p>
        )}
        {state.plan !== null && doing === null && (
          <a class="button" href="#plan">
            {say('page.apply')}
          </a>
        )}
        <button
          type="button"
          class="quiet"
          disabled={doing !== null || !isConnected}
          onClick={() => void withToken(async () => void (await checkNow(lang)))}
        >
          {say('page.check-now')}
        </button>
      </div>
    </section>
  )
}
