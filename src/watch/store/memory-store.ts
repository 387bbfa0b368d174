import { mergePoints } from './merge-points.ts'
import type { EventQuery, Point, Sample, SeriesQuery, Store, StoredEvent } from './store.ts'

const MOST_EVENTS_KEPT = 2000
const MOST_POINTS_KEPT = 3000
const MOST_SERIES = 200

/** History that ends with the program: for tests, and where no database can be had. The oldest goes first. */
export class MemoryStore implements Store {
  #events: StoredEvent[] = []
  readonly #series = new Map<string, Point[]>()
  #lastId = 0

  addEvent(event: Omit<StoredEvent, 'id'>): StoredEvent {
    this.#lastId++
    const stored = { id: this.#lastId, ...event }
    this.#events.push(stored)
    if (this.#events.length > MOST_EVENTS_KEPT) this.#events = this.#events.slice(-MOST_EVENTS_KEPT / 2)
    return stored
  }

  addSamples(atMs: number, samples: readonly Sample[]): void {
    for (const { series, value } of samples) {
      const points = this.#series.get(series) ?? []
      if (points.length === 0 && this.#series.size >= MOST_SERIES) continue
      points.push({ atMs, mean: value, least: value, most: value, count: 1 })
      this.#series.set(series, points.length > MOST_POINTS_KEPT ? points.slice(-MOST_POINTS_KEPT / 2) : points)
    }
  }

  events({ sinceMs = 0, untilMs = Number.POSITIVE_INFINITY, afterId = 0, limit }: EventQuery): readonly StoredEvent[] {
    return this.#events.filter(({ id, atMs }) => id > afterId && atMs >= sinceMs && atMs < untilMs).slice(-limit)
  }

  seriesNames(): readonly string[] {
    return [...this.#series.keys()].toSorted()
  }

  points({ series, sinceMs, untilMs, limit }: SeriesQuery): readonly Point[] {
    const within = (this.#series.get(series) ?? []).filter(({ atMs }) => atMs >= sinceMs && atMs < untilMs)
    return mergePoints(within, sinceMs, untilMs, limit)
  }

  prune(): void {}

  close(): void {}
}
