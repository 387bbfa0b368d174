import { existsSync } from 'node:fs'
import { errorText, PeerwayError } from '../model/error.ts'
import { message } from '../model/message.ts'
import { isoTime } from '../report/iso-time.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { wrap } from '../report/wrap.ts'
import { historyJson } from '../watch/server/history-json.ts'
import { EXPORT_FORMATS, exportEvents, exportPoints } from '../watch/store/export-history.ts'
import { readHistory } from '../watch/store/read-history.ts'
import { type HistoryReader, MOST_EVENTS, MOST_POINTS, type StoredEvent } from '../watch/store/store.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command, Io } from './io.ts'
import { readSettings, stateFolder } from './settings.ts'

const OPTIONS = {
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  measured: { type: 'boolean' },
  export: { type: 'string' },
  json: { type: 'boolean' },
  lang: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const USUAL_MS = 7 * UNIT_MS.d

/** The stretch of time asked for. */
interface Span {
  readonly sinceMs: number
  readonly untilMs: number
}

export const runHistory: Command = async (args, io) => {
  const { values } = readArguments('history', args, OPTIONS)
  if (values.help) return showHelp('history', io, values.lang)
  const { language } = await readSettings({ lang: values.lang }, io)
  const format = EXPORT_FORMATS.find((each) => each === values.export)
  if (values.export !== undefined && format === undefined) {
    throw new PeerwayError(
      'bad-input',
      errorText('error.no-export', { text: values.export, known: EXPORT_FORMATS.join(', ') }),
    )
  }
  if (values.json === true && format !== undefined) {
    throw new PeerwayError('bad-input', errorText('error.two-exports'))
  }
  if (values.measured === true && format === undefined) {
    throw new PeerwayError('bad-input', errorText('error.measured-export', { known: EXPORT_FORMATS.join(', ') }))
  }
  const nowMs = Date.now()
  const untilMs = momentOf(values.until, nowMs) ?? nowMs
  const sinceMs = momentOf(values.since, nowMs) ?? (format === undefined ? untilMs - USUAL_MS : 0)
  const limit = limitOf(values.limit)
  using history = open(io)
  if (format !== undefined) {
    const span = { sinceMs, untilMs }
    const text = values.measured
      ? exportPoints(pointsOf(history, span), format)
      : exportEvents(history.events({ ...span, limit }), format, language)
    io.stdout.write(text)
  } else if (values.json) {
    const query = new URLSearchParams({ since: String(sinceMs), until: String(untilMs), limit: String(limit) })
    io.stdout.write(`${JSON.stringify(historyJson(history, query, nowMs, language), null, 2)}\n`)
  } else io.stdout.write(renderEvents(history.events({ sinceMs, untilMs, limit }), language, io.stdout.columns))
  return 0
}

function open(io: Io): HistoryReader & Disposable {
  const path = `${stateFolder(io)}/history.db`
  if (existsSync(path)) return readHistory(path)
  throw new PeerwayError('not-available', errorText('error.no-history', { path }))
}

function pointsOf(history: HistoryReader, span: Span) {
  return history
    .seriesNames()
    .map((name) => ({ name, points: history.points({ ...span, series: name, limit: MOST_POINTS }) }))
}

/** A paragraph for each day. */
function renderEvents(events: readonly StoredEvent[], language: Language, width: number): string {
  const say = (id: string, params = {}) => renderMessage(message(id, params), language)
  if (events.length === 0) return `${say('watch.nothing-happened')}\n`
  const dayOf = ({ atMs }: StoredEvent) => isoTime(atMs).slice(0, 10)
  const paragraphs = [...new Set(events.map(dayOf))].map((day) => {
    const ofDay = events.filter((event) => dayOf(event) === day)
    const lines = ofDay.flatMap(({ atMs, kind, params }) => {
      return wrap(say(`watch.${kind}`, params), { width, prefix: `  ${isoTime(atMs).slice(11, 19)}  ` })
    })
    return [`${day} (UTC)`, ...lines].join('\n')
  })
  return `${paragraphs.join('\n\n')}\n`
}

/** `90m`, `12h` or `7d` ago, or ISO 8601. */
function momentOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const ago = /^([0-9]{1,6})([mhd])$/.exec(text)
  if (ago !== null) return nowMs - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS]
  const ms = /^[0-9]{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new PeerwayError(
    'bad-input',
    errorText('error.no-moment', { text, known: '7d, 12h, 90m, 2026-11-21T10:00:00Z' }),
  )
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return MOST_EVENTS
  if (/^[1-9][0-9]{0,5}$/.test(text) && Number(text) <= MOST_EVENTS) return Number(text)
  throw new PeerwayError('bad-input', errorText('error.limit', { most: MOST_EVENTS }))
}
