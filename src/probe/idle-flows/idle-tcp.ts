import type { Host } from '../../host/host.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { IdleTcpFact } from '../../model/evidence.ts'
import { contactControl } from '../../vantage/contact-control.ts'
import { ControlExchange } from '../../vantage/control-exchange.ts'
import type { DeepContext } from '../observe-deep.ts'

const STEP = 'idle-tcp'

/** Between them lie what devices are built to. The last two are at different moments, so that no short disturbance decides. */
const IDLE_SECONDS = [8, 28, 58, 118, 178, 238, 296, 306]
/** Two of each: one alone may have been unlucky. */
const EACH = 2
/** The far kernel sends what is lost again after 0.2, 0.6, 1.4, 3, 6.2 s; whoever forgot the connection loses all of it. */
const LATE_MS = 10_000
/** Between two that are set up. */
const STAGGER_MS = 50
const TELL_EVERY_MS = 5000

/**
 * For how long does the way remember a TCP connection on which nothing is said? Connections to the vantage, all at once, on
 * each of which it speaks after a time of silence; what does not come was forgotten. At most 320 s: no longer than UDP takes beside
 * it, and no longer than until one was forgotten in all its tries. `pace` shortens all times of silence alike.
 */
export async function observeIdleTcp({ host, notebook, family, dialler }: DeepContext, pace = 1): Promise<void> {
  const { fact, control } = dialler
  if (!control.canSpeakLater || fact.address === null) return
  const server = { address: fact.address, port: fact.port }
  const known = new AbortController()
  /** Of those that are still waited for: a signal that many listen to is warned of. */
  const drops = new Set<() => void>()
  const outcomes: Outcome[] = []
  const longestMs = Math.max(...IDLE_SECONDS) * 1000 * pace + LATE_MS
  const telling = tellTimeLeft(host, known.signal, longestMs, (leftMs) => notebook.running(STEP, leftMs))
  const tests = IDLE_SECONDS.flatMap((seconds) => Array.from({ length: EACH }, () => seconds * pace))
  await Promise.all(
    tests.map(async (idleSeconds, index) => {
      await host.clock.sleep(index * STAGGER_MS)
      const lived = await survives(host, server, idleSeconds, drops)
      if (lived === undefined) return
      outcomes.push({ idleSeconds, lived })
      const same = outcomes.filter((one) => one.idleSeconds === idleSeconds)
      if (same.length < EACH || same.some((one) => one.lived)) return
      for (const drop of drops) drop()
    }),
  )
  known.abort()
  await telling
  // A vantage whose connection has ended says nothing any more: then silence says nothing.
  if (outcomes.length === 0 || !(await control.isUp())) return
  const secondsOf = (lived: boolean) =>
    outcomes.flatMap((one) => (one.lived === lived ? [one.idleSeconds] : [])).toSorted((a, b) => a - b)
  notebook.add(STEP, {
    family,
    server,
    livedSeconds: secondsOf(true),
    diedSeconds: secondsOf(false).map((seconds) => seconds + LATE_MS / 1000),
  } satisfies IdleTcpFact)
}

interface Outcome {
  readonly idleSeconds: number
  readonly lived: boolean
}

/** Undefined where the connection did not come about, was ended, or need not be waited for any longer. */
async function survives(
  host: Host,
  server: Endpoint,
  idleSeconds: number,
  drops: Set<() => void>,
): Promise<boolean | undefined> {
  // Not to be dropped as no vantage, however slow its hello: it was spoken to.
  const { link } = await contactControl(host, server, () => false)
  if (link === null) return undefined
  const exchange = new ControlExchange(link, host.clock)
  const drop = () => link.connection.reset()
  drops.add(drop)
  const afterMs = Math.round(idleSeconds * 1000)
  const { reply } = await exchange.ask({ type: 'speak', afterMs }, { timeoutMs: afterMs + LATE_MS })
  drops.delete(drop)
  drop()
  if (reply === 'timed-out') return false
  return typeof reply !== 'string' && reply.type === 'spoken' ? true : undefined
}

async function tellTimeLeft(
  host: Host,
  signal: AbortSignal,
  longestMs: number,
  tell: (leftMs: number) => void,
): Promise<void> {
  const endMs = host.clock.monotonicMs() + longestMs
  while (!signal.aborted) {
    tell(endMs - host.clock.monotonicMs())
    await host.clock.sleep(TELL_EVERY_MS, signal)
  }
}
