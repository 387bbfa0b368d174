import type { Clock } from '../../host/host.ts'
import type { Answer } from '../../model/answer.ts'
import type { EndpointName } from '../../model/endpoint.ts'
import type { Alert } from './alert.ts'
import { AlertGate, type AlertNews, type AlertPace, DEFAULT_ALERT_PACE } from './alert-gate.ts'

/** One way to reach people. */
export interface AlertChannel {
  readonly name: 'webhook' | 'command' | 'e-mail'
  /** Resolves once somebody has taken it, within a time of its own; rejects with an `Error` that says why nobody did. */
  send(alert: Alert, signal: AbortSignal): Promise<void>
}

export interface AlerterOptions {
  readonly clock: Clock
  readonly channels: readonly AlertChannel[]
  readonly pace?: AlertPace
  readonly alertOf: (news: AlertNews) => Alert
  /** `why` is null where somebody has taken it. */
  readonly onOutcome: (channel: AlertChannel['name'], why: string | null) => void
}

const TRY_AGAIN_MS = [10_000, 60_000, 300_000] as const

/**
 * Tells people when reachability is lost or back. It runs beside the watch and never holds it up: each channel has one alert
 * under way and one that waits, which a newer one replaces.
 */
export class Alerter {
  readonly #options: AlerterOptions
  #gate: AlertGate | null = null
  #wake = new AbortController()
  readonly #waiting = new Map<AlertChannel, Alert>()
  readonly #busy = new Map<AlertChannel, Promise<void>>()

  constructor(options: AlerterOptions) {
    this.#options = options
  }

  /** How things stand; the first time, as they stood before this watch began. */
  noted(stated: ReadonlyMap<EndpointName, Answer>): void {
    this.#gate ??= new AlertGate(this.#options.pace ?? DEFAULT_ALERT_PACE, new Map(stated))
    this.#gate.noted(new Map(stated), this.#options.clock.monotonicMs())
    this.#wake.abort('woken')
  }

  /** Until `signal` fires; what is under way then is called off. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, alertOf } = this.#options
    const stop = () => this.#wake.abort('woken')
    signal.addEventListener('abort', stop)
    while (!signal.aborted) {
      const news = this.#gate?.news(clock.monotonicMs())
      if (news !== undefined) this.#post(alertOf(news), signal)
      const waitMs = (this.#gate?.wakeAtMs ?? Number.POSITIVE_INFINITY) - clock.monotonicMs()
      this.#wake = new AbortController()
      if (!signal.aborted && waitMs > 0) await sleepUntilWoken(clock, waitMs, this.#wake.signal)
    }
    signal.removeEventListener('abort', stop)
    await Promise.all(this.#busy.values())
  }

  #post(alert: Alert, signal: AbortSignal): void {
    for (const channel of this.#options.channels) {
      this.#waiting.set(channel, alert)
      if (this.#busy.has(channel)) continue
      const busy = this.#deliver(channel, signal).finally(() => this.#busy.delete(channel))
      this.#busy.set(channel, busy)
    }
  }

  async #deliver(channel: AlertChannel, signal: AbortSignal): Promise<void> {
    for (let failures = 0; ; ) {
      const alert = this.#waiting.get(channel)
      if (alert === undefined || signal.aborted) return
      this.#waiting.delete(channel)
      const why = await channel.send(alert, signal).then(
        () => null,
        (error: unknown) => (error as Error).message,
      )
      if (signal.aborted) return
      this.#options.onOutcome(channel.name, why)
      const againMs = TRY_AGAIN_MS[failures]
      failures = why === null ? 0 : failures + 1
      if (why === null || againMs === undefined) continue
      // A newer one takes its place.
      if (!this.#waiting.has(channel)) this.#waiting.set(channel, alert)
      await this.#options.clock.sleep(againMs, signal)
    }
  }
}

/** No timer is needed where nothing is to come by itself. */
function sleepUntilWoken(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms !== Number.POSITIVE_INFINITY) return clock.sleep(ms, signal)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
