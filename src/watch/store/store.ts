import type { MessageParams } from '../../model/message.ts'
import type { HappeningKind } from '../core/happening.ts'

/** Something that happened, as it is kept. `id` grows with time. */
export interface StoredEvent {
  readonly id: number
  readonly atMs: number
  readonly kind: HappeningKind
  readonly params: MessageParams
}

/** A number measured at a moment; `series` is a name such as `reachable udp/ipv4/4001`, `rtt 198.51.100.20` or `peers`. */
export interface Sample {
  readonly series: string
  readonly value: number
}

/** What a series was from `atMs` on, until the next point: one measurement, or many of an older time taken together. */
export interface Point {
  readonly atMs: number
  readonly mean: number
  readonly least: number
  readonly most: number
  readonly count: number
}

export interface EventQuery {
  /** From this moment on. */
  readonly sinceMs?: number
  /** Before this moment. */
  readonly untilMs?: number
  /** Only those with a greater id. */
  readonly afterId?: number
  /** The newest so many, 1 to `MOST_EVENTS`. */
  readonly limit: number
}

export interface SeriesQuery {
  readonly series: string
  readonly sinceMs: number
  readonly untilMs: number
  /** At most so many points, 1 to `MOST_POINTS`: neighbours are taken together. */
  readonly limit: number
}

export const MOST_EVENTS = 10_000
export const MOST_POINTS = 5000

/** What can be read of a history. */
export interface HistoryReader {
  /** Oldest first. */
  events(query: EventQuery): readonly StoredEvent[]
  seriesNames(): readonly string[]
  /** Oldest first. */
  points(query: SeriesQuery): readonly Point[]
}

/**
 * The history: events and series, bounded by age and by downsampling. Every method throws an `Error` where the disk does
 * not obey; the store is whole all the same, and the next call may succeed.
 */
export interface Store extends HistoryReader {
  addEvent(event: Omit<StoredEvent, 'id'>): StoredEvent
  addSamples(atMs: number, samples: readonly Sample[]): void
  /** Forgets what is too old, and takes older points together. `nowMs` is the wall's time. */
  prune(nowMs: number): void
  close(): void
}
