import { useEffect, useReducer } from 'preact/hooks'
import { serverNowMs } from './server-time.ts'

const TICK_MS = 10_000

/** The time of now, good enough for what is told by minutes. */
export function useNow(): number {
  const [, tick] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return serverNowMs()
}
