import type { Clock } from '../host/host.ts'

export interface StaggerPlan {
  readonly attempts: number
  readonly gapMs: number
  /** From the first start until it is over, whatever is still open. */
  readonly timeoutMs: number
}

export interface StaggerResult<T> {
  /** The first conclusive result, else the last one that came; undefined when none came in time. */
  readonly result: T | undefined
  /** Attempts that were started. */
  readonly attempts: number
}

/**
 * Starts the same attempt several times, a little apart, and takes the first conclusive result: the kernel sends a lost
 * SYN again only after a second, which is too long to wait for. Ends early when all attempts have ended.
 *
 * `attempt` gets a signal that fires when the race is over: it then frees what it has and returns anything at all.
 */
export async function staggered<T>(
  clock: Clock,
  plan: StaggerPlan,
  attempt: (signal: AbortSignal) => Promise<T>,
  isConclusive: (result: T) => boolean,
  signal?: AbortSignal,
): Promise<StaggerResult<T>> {
  const over = new AbortController()
  const stop = () => over.abort()
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  let [started, ended] = [0, 0]
  let result: T | undefined
  const run = async () => {
    const came = await attempt(over.signal)
    ended += 1
    if (over.signal.aborted) return
    result = came
    if (isConclusive(came) || ended === plan.attempts) stop()
  }
  const endMs = clock.monotonicMs() + plan.timeoutMs
  while (!over.signal.aborted && started < plan.attempts) {
    started += 1
    void run()
    await clock.sleep(started < plan.attempts ? plan.gapMs : endMs - clock.monotonicMs(), over.signal)
  }
  stop()
  signal?.removeEventListener('abort', stop)
  return { result, attempts: started }
}
