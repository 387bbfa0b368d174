import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { headline } from '../../src/report/html/blocks.ts'
import { ApiError, forgetToken } from './api.ts'
import { Board } from './board.tsx'
import { Header } from './header.tsx'
import { type Live, useLive } from './live.ts'
import { applyTheme, keepSettings, readSettings } from './settings.ts'
import { TokenDialog } from './token-dialog.tsx'
import { useDark } from './use-dark.ts'
import type { WithToken } from './with-token.ts'
import { useWords, WordsContext, wordsIn } from './words.ts'

export function App() {
  const [settings, setSettings] = useState(readSettings)
  const words = useMemo(() => wordsIn(settings.lang), [settings.lang])
  const live = useLive(settings.lang)
  const isDark = useDark()

  useEffect(() => {
    keepSettings(settings)
    applyTheme(settings.theme)
    document.documentElement.lang = settings.lang
  }, [settings])

  return (
    <WordsContext.Provider value={words}>
      <Header settings={settings} onChange={setSettings} />
      <Page live={live} theme={`${settings.theme} ${isDark}`} />
    </WordsContext.Provider>
  )
}

function Page({ live, theme }: { readonly live: Live; readonly theme: string }) {
  const { say, lang } = useWords()
  const { state, wantsToken, reload } = live
  const [asked, setAsked] = useState<((isThere: boolean) => void) | null>(null)
  const [told, setTold] = useState<readonly string[]>([])
  const mayApply = useRef(false)
  mayApply.current = state?.mayApply ?? false

  const askToken = useCallback(() => new Promise<boolean>((resolve) => setAsked(() => resolve)), [])
  const withToken: WithToken = useCallback(
    async (work) => {
      setTold([])
      try {
        if (mayApply.current || (await askToken())) await work()
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          forgetToken()
          reload()
        }
        setTold([say('page.failed', { why: (error as Error).message })])
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
      <div class={told.length === 0 ? 'unseen' : 'card doubt-card'} role="status">
        {told.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {/* Another language begins anew: what was told before is told in the old one. */}
      {state !== null && <Board live={live} theme={theme} withToken={withToken} onTold={setTold} key={lang} />}
      {asked !== null && <TokenDialog why={say('page.token-change')} onAnswer={answer} />}
    </main>
  )
}
