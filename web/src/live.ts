import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks'
import type { Progress } from '../../src/model/plan.ts'
import type { Language } from '../../src/report/render-message.ts'
import { ApiError, getState, type WatchState } from './api.ts'
import { followProgress, NO_PROGRESS, type ProgressSoFar } from './progress.ts'
import { noteServerTime } from './server-time.ts'

export interface Live {
  readonly state: WatchState | null
  /** Does the server answer? */
  readonly isConnected: boolean
  /** It answers only to whoever has the token. */
  readonly wantsToken: boolean
  readonly progress: ProgressSoFar
  /** Another one when something was measured or has happened, for whoever shows events and plots. */
  readonly turn: string
  readonly reload: () => void
}

const RETRY_MS = 3000

/** How things stand, kept up to date by the server's events. */
export function useLive(lang: Language): Live {
  const [state, setState] = useState<WatchState | null>(null)
  const [isConnected, setConnected] = useState(true)
  const [wantsToken, setWantsToken] = useState(false)
  const [happened, setHappened] = useState(0)
  const [checkedAt, setCheckedAt] = useState<string | null>(null)
  const [progress, follow] = useReducer(followProgress, NO_PROGRESS)
  const asking = useRef<'no' | 'yes' | 'again'>('no')
  // What is asked again meanwhile is asked in the language of then.
  const spoken = useRef(lang)
  spoken.current = lang

  const load = useCallback(async () => {
    if (asking.current !== 'no') {
      asking.current = 'again'
      return
    }
    do {
      asking.current = 'yes'
      try {
        const now = await getState(spoken.current)
        noteServerTime(now.at)
        setState(now)
        setWantsToken(false)
        setConnected(true)
        setCheckedAt(now.checkedAt)
        if (now.doing === null) follow('ended')
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) setWantsToken(true)
        else setConnected(false)
      }
    } while ((asking.current as string) === 'again')
    asking.current = 'no'
  }, [])

  useEffect(() => {
    void load()
  }, [load, lang])

  useEffect(() => {
    if (wantsToken) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let events: EventSource
    const open = () => {
      events = new EventSource(`/api/events?lang=${lang}`)
      // Whatever was missed meanwhile is in the state.
      events.onopen = () => void load()
      events.onerror = () => {
        setConnected(false)
        if (events.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS)
      }
      events.addEventListener('changed', () => void load())
      events.addEventListener('happened', () => setHappened((count) => count + 1))
      events.addEventListener('progress', ({ data }) => follow(JSON.parse(data) as Progress))
    }
    open()
    return () => {
      clearTimeout(timer)
      events.close()
    }
  }, [lang, load, wantsToken])

  return { state, isConnected, wantsToken, progress, turn: `${checkedAt} ${happened}`, reload: () => void load() }
}
