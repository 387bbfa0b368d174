import type { Database as Connection, Statement } from 'libsql'
import { mergePoints } from './merge-points.ts'
import type { EventQuery, HistoryReader, Point, SeriesQuery, StoredEvent } from './store.ts'

/** Statements of one connection, each prepared once. */
export class Statements {
  readonly #db: Connection
  readonly #prepared = new Map<string, Statement>()

  constructor(db: Connection) {
    this.#db = db
  }

  get(sql: string): Statement {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql) as Statement
    this.#prepared.set(sql, statement)
    return statement
  }

  clear(): void {
    this.#prepared.clear()
  }
}

/** Reads what `SqliteStore` writes, beside it or after it. */
export class SqliteReader implements HistoryReader {
  readonly #statements: Statements

  constructor(statements: Statements) {
    this.#statements = statements
  }

  events(query: EventQuery): readonly StoredEvent[] {
    const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, afterId = 0, limit } = query
    const sql =
      'SELECT id, at_ms, kind, params FROM event WHERE id > ? AND at_ms >= ? AND at_ms < ? ORDER BY id DESC LIMIT ?'
    const rows = this.#statements.get(sql).all(afterId, sinceMs, untilMs, limit) as EventRow[]
    return rows.reverse().map(({ id, at_ms: atMs, kind, params }) => ({ id, atMs, kind, params: JSON.parse(params) }))
  }

  seriesNames(): readonly string[] {
    return (this.#statements.get('SELECT name FROM series ORDER BY name').all() as { name: string }[]).map(
      ({ name }) => name,
    )
  }

  points({ series, sinceMs, untilMs, limit }: SeriesQuery): readonly Point[] {
    const sql =
      'SELECT at_ms, mean, least, most, count FROM point WHERE series_id = (SELECT id FROM series WHERE name = ?) ' +
      'AND at_ms >= ? AND at_ms < ? ORDER BY at_ms'
    const rows = this.#statements.get(sql).all(series, sinceMs, untilMs) as PointRow[]
    const points = rows.map(({ at_ms: atMs, mean, least, most, count }) => ({ atMs, mean, least, most, count }))
    return mergePoints(points, sinceMs, untilMs, limit)
  }
}

interface EventRow {
  readonly id: number
  readonly at_ms: number
  readonly kind: StoredEvent['kind']
  readonly params: string
}

interface PointRow {
  readonly at_ms: number
  readonly mean: number
  readonly least: number
  readonly most: number
  readonly count: number
}
