import { type MessageParams, message } from '../../model/message.ts'
import { isoTime } from '../../report/iso-time.ts'
import { type Language, renderMessage } from '../../report/render-message.ts'
import type { Point, StoredEvent } from './store.ts'

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** A row: the same keys in each, in the order of the columns. */
type Row = Readonly<Record<string, string | number | MessageParams>>

export interface SeriesPoints {
  readonly name: string
  readonly points: readonly Point[]
}

/** What happened: `id`, `at` (ISO 8601, UTC), `kind`, `text` in `language`, `params`. */
export function exportEvents(events: readonly StoredEvent[], format: ExportFormat, language: Language): string {
  return written(
    ['id', 'at', 'kind', 'text', 'params'],
    events.map(({ id, atMs, kind, params }) => {
      return { id, at: isoTime(atMs), kind, text: renderMessage(message(`watch.${kind}`, params), language), params }
    }),
    format,
  )
}

/** What was measured: `series`, `at`, `mean`, `least`, `most`, and of how many measurements (`count`). */
export function exportPoints(series: readonly SeriesPoints[], format: ExportFormat): string {
  return written(
    ['series', 'at', 'mean', 'least', 'most', 'count'],
    series.flatMap(({ name, points }) => {
      return points.map(({ atMs, mean, least, most, count }) => {
        return { series: name, at: isoTime(atMs), mean, least, most, count }
      })
    }),
    format,
  )
}

/** JSON lines: an object in each. CSV as RFC 4180 has it, with a line of names first. */
function written(columns: readonly string[], rows: readonly Row[], format: ExportFormat): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const lines = rows.map((row) => columns.map((column) => quoted(row[column]!)).join(','))
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('')
}

function quoted(value: Row[string]): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
