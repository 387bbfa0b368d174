import { errorText, PeerwayError } from '../../model/error.ts'
import { isoTime } from '../../report/iso-time.ts'
import type { Language } from '../../report/render-message.ts'
import { type HistoryReader, MOST_EVENTS, MOST_POINTS } from '../store/store.ts'
import { eventJson, type WatchEvent } from './state-json.ts'

/** What `GET /api/history` says. Points: `[milliseconds since 1970, mean, least, most, measurements]`. */
export interface WatchHistory {
  readonly since: string
  readonly until: string
  readonly events: readonly WatchEvent[]
  /** All series that there are. */
  readonly names: readonly string[]
  /** Those asked for. */
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [number, number, number, number, number])[]
  }[]
}

const WEEK_MS = 7 * 86_400_000
const MOST_SERIES = 32
const USUAL_EVENTS = 200
const USUAL_POINTS = 500

/** `PeerwayError` `bad-input` for a query that is none. */
export function historyJson(store: HistoryReader, query: URLSearchParams, nowMs: number, lang: Language): WatchHistory {
  const untilMs = timeOf(query.get('until')) ?? nowMs
  const sinceMs = timeOf(query.get('since')) ?? untilMs - WEEK_MS
  const limit = countOf(query, 'limit', USUAL_EVENTS, MOST_EVENTS)
  const points = countOf(query, 'points', USUAL_POINTS, MOST_POINTS)
  const asked = query.getAll('series').slice(0, MOST_SERIES)
  return {
    since: isoTime(sinceMs),
    until: isoTime(untilMs),
    events: store.events({ sinceMs, untilMs, limit }).map((event) => eventJson(event, lang)),
    names: store.seriesNames(),
    series: asked.map((name) => ({
      name,
      points: store
        .points({ series: name, sinceMs, untilMs, limit: points })
        .map(({ atMs, mean, least, most, count }) => [atMs, mean, least, most, count] as const),
    })),
  }
}

/** ISO 8601, or milliseconds since 1970. */
function timeOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const ms = /^[0-9]{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(ms)) throw new PeerwayError('bad-input', errorText('error.time', { text }))
  return ms
}

function countOf(query: URLSearchParams, name: string, usual: number, most: number): number {
  const text = query.get(name)
  if (text === null) return usual
  if (/^[1-9][0-9]{0,5}$/.test(text) && Number(text) <= most) return Number(text)
  throw new PeerwayError('bad-input', errorText('error.number', { name, most }))
}
