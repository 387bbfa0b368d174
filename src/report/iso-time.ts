import type { Moment } from './language.ts'

/**
 * Milliseconds since 1970 as `2026-11-21T10:00:00.000Z`, for the years 1970 to 9999. Computed here, because below the
 * command line nothing touches Date. Days to a date by Howard Hinnant's `civil_from_days`: years begin in March.
 */
export function isoTime(epochMs: number): string {
  const ms = Math.max(0, Math.floor(epochMs))
  const days = Math.floor(ms / 86_400_000) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

  const time = ms % 86_400_000
  const part = (unitMs: number, count: number, width: number) =>
    String(Math.floor(time / unitMs) % count).padStart(width, '0')
  const date = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return `${date}T${part(3_600_000, 24, 2)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}Z`
}

/** The parts of what `isoTime` wrote; undefined for anything else. */
export function momentOf(text: string): Moment | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):\d{2}(?:\.\d+)?Z$/.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour] = match.slice(1, 5).map(Number) as [number, number, number, number]
  return { year, monthIndex: month - 1, day, hour, minute: match[5]! }
}
