import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import {
  caveatsOf,
  evidenceBlock,
  headline,
  listBlock,
  obstaclesBlock,
  pathBlocks,
  remediesBlock,
  VERDICT_TONES,
  verdictBlock,
  warningsBlock,
} from '../../src/report/html/blocks.ts'
import { ApiError, checkNow, forgetToken } from './api.ts'
import { Changes } from './changes.tsx'
import { Drawn } from './drawn.tsx'
import { Events } from './events.tsx'
import { Header } from './header.tsx'
import { History } from './history.tsx'
import { type Live, useLive } from './live.ts'
import { Mappings } from './mappings.tsx'
import { Plan } from './plan.tsx'
import { Ports } from './ports.tsx'
import { applyTheme, keepSettings, readSettings } from './settings.ts'
import { TokenDialog } from './token-dialog.tsx'
import { useNow } from './use-now.ts'
import { useWords, WordsContext, wordsIn } from './words.ts'

/** Does something that needs the token, and asks for it first where it is not known. False: nobody gave it. */
export type WithToken = (work: () => Promise<void>) => Promise<boolean>

export function App() {
  const [settings, setSettings] = useState(readSettings)
  const words = useMemo(() => wordsIn(settings.lang), [settings.lang])
  const live = useLive(settings.lang)

  useEffect(() => {
    keepSettings(settings)
    applyTheme(settings.theme)
    document.documentElement.lang = settings.lang
  }, [settings])

  return (
    <WordsContext.Provider value={words}>
      <Header settings={settings} onChange={setSettings} />
      <Page live={live} theme={settings.theme} />
    </WordsContext.Provider>
  )
}

function Page({ live, theme }: { readonly live: Live; readonly theme: string }) {
  const { say, lang } = useWords()
  const { state, wantsToken, reload } = live
  const [asked, setAsked] = useState<((isThere: boolean) => void) | null>(null)
  const [told, setTold] = useState('')
  const mayApply = useRef(false)
  mayApply.current = state?.mayApply ?? false

  const askToken = useCallback(() => new Promise<boolean>((resolve) => setAsked(() => resolve)), [])
  const withToken: WithToken = useCallback(
    async (work) => {
      try {
        if (!mayApply.current && !(await askToken())) return false
        await work()
        return true
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          forgetToken()
          reload()
        }
        setTold(say('page.failed', { why: (error as Error).message }))
        return true
      }
    },
    [askToken, reload, say],
  )
  const answer = (isThere: boolean) => {
    asked?.(isThere)
    setAsked(null)
    if (isThere) reload()
  }

  useEffect(() => {
    document.title = `${headline(state?.report ?? null, say)} · peerway`
  }, [state?.report, say])

  if (wantsToken) return <TokenDialog why={say('page.token-read')} onAnswer={() => reload()} isOnly />
  return (
    <main class="sheet">
      {/* Said by screen readers when it changes. */}
      <p class={told === '' ? 'unseen' : 'card doubt-card'} role="status">
        {told}
      </p>
      {state !== null && <Board live={live} theme={theme} withToken={withToken} onTold={setTold} key={`${lang}`} />}
      {asked !== null && <TokenDialog why={say('page.token-change')} onAnswer={answer} />}
    </main>
  )
}

interface BoardProps {
  readonly live: Live
  readonly theme: string
  readonly withToken: WithToken
  readonly onTold: (sentence: string) => void
}

function Board({ live, theme, withToken, onTold }: BoardProps) {
  const { say, time } = useWords()
  const { state, progress, turn } = live
  if (state === null) return null
  const { report, about, plan } = state
  const hasPlan = plan !== null
  return (
    <>
      <Verdict live={live} withToken={withToken} />
      {report !== null && (
        <div class="way">
          <div class="card">
            <Drawn of={pathBlocks(report, say)} />
            <Drawn of={obstaclesBlock(report, say)} />
            <Ports endpoints={state.endpoints} caveats={caveatsOf(report.endpoints)} />
            <Drawn of={listBlock(say('heading.node'), about?.node ?? [], 'bare')} />
          </div>
          <div class="card">
            <Plan state={state} progress={progress} withToken={withToken} />
            <Drawn of={remediesBlock(report, say(hasPlan ? 'page.or-by-hand' : 'heading.remedies'), say)} />
            <Drawn of={warningsBlock(report, say)} />
          </div>
        </div>
      )}
      <History turn={turn} theme={theme} />
      <div class="pair">
        <Mappings mappings={state.mappings} />
        <Changes changes={state.changes} isBusy={state.doing !== null} withToken={withToken} onTold={onTold} />
      </div>
      <Events turn={turn} />
      {report !== null && about !== null && (
        <div class="card">
          <Drawn of={listBlock(say('heading.notes'), about.notes, 'plain')} />
          <Drawn of={listBlock(say('page.about-network'), about.network, 'plain')} />
          <Drawn of={evidenceBlock(report, say)} />
        </div>
      )}
      <footer>
        {state.historyError !== null && <p>{say('page.history-error', { why: state.historyError })}</p>}
        <p>{say('page.about', { version: state.peerway, time: time(state.startedAt) })}</p>
      </footer>
    </>
  )
}

function Verdict({ live, withToken }: { readonly live: Live; readonly withToken: WithToken }) {
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
            {running.length > 0 && <span class="soft"> ({running.map((step) => say(`step.${step}`)).join(', ')})</span>}
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
