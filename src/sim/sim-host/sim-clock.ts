import type { Clock } from '../../host/host.ts'
import type { World } from '../world.ts'

/** The world's time. */
export function simClock(world: World): Clock {
  return {
    nowMs: () => world.wallMs,
    monotonicMs: () => world.nowMs,
    sleep: (ms, signal) => {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const finish = () => {
          timer.cancel()
          signal?.removeEventListener('abort', finish)
          world.resume(resolve)
        }
        const timer = world.timer(ms, finish)
        signal?.addEventListener('abort', finish)
      })
    },
  }
}
