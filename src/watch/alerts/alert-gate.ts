import type { Answer } from '../../model/answer.ts'
import type { EndpointName } from '../../model/endpoint.ts'

/** What there is to say: endpoints that strangers do not reach any more, and those that they reach again. */
export interface AlertNews {
  readonly lost: readonly EndpointName[]
  readonly back: readonly EndpointName[]
}

export interface AlertPace {
  /** A change has to last so long before anybody is woken: often the watch has mended it by then. */
  readonly settleMs: number
  /** After one alert, so long no other: what changed meanwhile is told then, if it is still so. */
  readonly quietMs: number
}

export const DEFAULT_ALERT_PACE: AlertPace = { settleMs: 60_000, quietMs: 600_000 }

/**
 * When to alert, and of what: a state machine that keeps to a clock that never jumps. It comes on top of the watch's own
 * hysteresis, for that counts measurements, and this the patience of people.
 */
export class AlertGate {
  readonly #pace: AlertPace
  readonly #told: Map<EndpointName, Answer>
  #stated: ReadonlyMap<EndpointName, Answer>
  #changedAtMs: number | null = null
  #saidAtMs = Number.NEGATIVE_INFINITY

  /** `known`: how things stood when somebody was last told. */
  constructor(pace: AlertPace, known: ReadonlyMap<EndpointName, Answer>) {
    this.#pace = pace
    this.#told = new Map(known)
    this.#stated = known
  }

  /** How things stand now. */
  noted(stated: ReadonlyMap<EndpointName, Answer>, nowMs: number): void {
    this.#stated = stated
    const isOther = [...stated].some(([name, answer]) => answer !== 'unknown' && this.#told.get(name) !== answer)
    this.#changedAtMs = isOther ? (this.#changedAtMs ?? nowMs) : null
  }

  /** When to call `news` again. */
  get wakeAtMs(): number {
    if (this.#changedAtMs === null) return Number.POSITIVE_INFINITY
    return Math.max(this.#changedAtMs + this.#pace.settleMs, this.#saidAtMs + this.#pace.quietMs)
  }

  /** What is to be told now, once. What was not known before is no news, for nothing was lost and nothing is back. */
  news(nowMs: number): AlertNews | undefined {
    if (nowMs < this.wakeAtMs) return undefined
    const changed = (to: Answer, from: Answer) =>
      [...this.#stated].filter(([name, answer]) => answer === to && this.#told.get(name) === from).map(([name]) => name)
    const news = { lost: changed('no', 'yes'), back: changed('yes', 'no') }
    for (const [name, answer] of this.#stated) if (answer !== 'unknown') this.#told.set(name, answer)
    this.#changedAtMs = null
    if (news.lost.length + news.back.length === 0) return undefined
    this.#saidAtMs = nowMs
    return news
  }
}
