import type { Clock } from '../host.ts'

/** Node fires a timer with a longer delay at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const osClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const endMs = performance.now() + ms
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const wait = () => {
        // The event loop counts whole milliseconds, so that a timer can fire up to one too early.
        const leftMs = endMs - performance.now()
        if (leftMs <= 0) finish()
        else timer = setTimeout(wait, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS))
      }
      let timer = setTimeout(wait, Math.min(Math.max(0, ms), LONGEST_TIMER_MS))
      signal?.addEventListener('abort', finish)
    }),
}
