import type { Database as Connection } from 'libsql'
import Libsql from 'libsql'
import { message } from '../../model/message.ts'
import { renderMessage } from '../../report/render-message.ts'
import { SqliteReader, Statements } from './sqlite-reader.ts'
import type { EventQuery, Point, Sample, SeriesQuery, Store, StoredEvent } from './store.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** How long what is kept. Points older than `untilMs` are taken together by stretches of `spanMs`. */
const RETENTION = {
  eventsMs: 400 * DAY_MS,
  mostEvents: 50_000,
  steps: [
    { olderThanMs: 7 * DAY_MS, spanMs: HOUR_MS },
    { olderThanMs: 90 * DAY_MS, spanMs: DAY_MS },
  ],
  pointsMs: 800 * DAY_MS,
} as const

const PAGE_BYTES = 4096
/** Whatever happens, the file does not grow beyond. A year of a busy node takes some 20 MB. */
const MOST_BYTES = 96 * 1024 * 1024

/** Times are milliseconds since 1970, in UTC. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    text TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS event_at ON event (at_ms);
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS point (
    series_id INTEGER NOT NULL REFERENCES series (id),
    at_ms INTEGER NOT NULL,
    span_ms INTEGER NOT NULL,
    mean REAL NOT NULL,
    least REAL NOT NULL,
    most REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (series_id, at_ms)
  ) WITHOUT ROWID;
  CREATE VIEW IF NOT EXISTS happened AS
    SELECT id, datetime(at_ms / 1000, 'unixepoch') AS at, kind, text FROM event;
  CREATE VIEW IF NOT EXISTS measured AS
    SELECT series.name AS series, datetime(at_ms / 1000, 'unixepoch') AS at, mean, least, most, count
    FROM point JOIN series ON series.id = point.series_id;
`

/**
 * The history in a SQLite file that any program can read while it is written. A write-ahead log keeps it whole whenever the
 * program is killed; the last writes before a power cut may be lost. Bounded by age, by number, and by the size of the file.
 */
export class SqliteStore implements Store {
  readonly #db: Connection
  readonly #statements: Statements
  readonly #reader: SqliteReader
  readonly #series = new Map<string, number>()

  /** Opens or makes the file. Throws where it is no database, or a damaged one, or the disk does not obey. */
  constructor(path: string) {
    this.#db = new Libsql(path)
    this.#statements = new Statements(this.#db)
    this.#reader = new SqliteReader(this.#statements)
    try {
      this.#prepare()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  #prepare(): void {
    // Who sets a limit to a new file must do it before the first table.
    this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    this.#db.exec('PRAGMA busy_timeout = 2000')
    this.#db.exec('PRAGMA journal_mode = WAL')
    this.#db.exec('PRAGMA synchronous = NORMAL')
    this.#db.exec('PRAGMA journal_size_limit = 1048576')
    // 400 KB of log, so that it is not the log that fills a small disk.
    this.#db.exec('PRAGMA wal_autocheckpoint = 100')
    this.#db.exec('PRAGMA cache_size = -1024')
    this.#db.exec(`PRAGMA max_page_count = ${MOST_BYTES / PAGE_BYTES}`)
    this.#db.exec(SCHEMA)
    const { quick_check: health } = this.#db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (health !== 'ok') throw new Error(`the database is damaged: ${health}`)
  }

  addEvent({ atMs, kind, params }: Omit<StoredEvent, 'id'>): StoredEvent {
    const text = renderMessage(message(`watch.${kind}`, params), 'en')
    const { lastInsertRowid } = this.#run('INSERT INTO event (at_ms, kind, params, text) VALUES (?, ?, ?, ?)', [
      Math.round(atMs),
      kind,
      JSON.stringify(params),
      text,
    ])
    return { id: Number(lastInsertRowid), atMs: Math.round(atMs), kind, params }
  }

  addSamples(atMs: number, samples: readonly Sample[]): void {
    const sql = 'INSERT OR REPLACE INTO point VALUES (?, ?, 0, ?, ?, ?, 1)'
    this.#together(() => {
      for (const { series, value } of samples) {
        this.#run(sql, [this.#seriesId(series), Math.round(atMs), value, value, value])
      }
    })
  }

  events(query: EventQuery): readonly StoredEvent[] {
    return this.#reader.events(query)
  }

  seriesNames(): readonly string[] {
    return this.#reader.seriesNames()
  }

  points(query: SeriesQuery): readonly Point[] {
    return this.#reader.points(query)
  }

  prune(nowMs: number): void {
    const { eventsMs, mostEvents, steps, pointsMs } = RETENTION
    this.#together(() => {
      this.#run('DELETE FROM event WHERE at_ms < ?', [nowMs - eventsMs])
      this.#run('DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?', [mostEvents])
      for (const { olderThanMs, spanMs } of steps) this.#takeTogether(nowMs - olderThanMs, spanMs)
      this.#run('DELETE FROM point WHERE at_ms < ?', [nowMs - pointsMs])
    })
    this.#db.exec('PRAGMA incremental_vacuum')
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }

  /** Points before `beforeMs` of a shorter span become one for each stretch of `spanMs`. */
  #takeTogether(beforeMs: number, spanMs: number): void {
    const ended = Math.floor(beforeMs / spanMs) * spanMs
    this.#run('CREATE TEMP TABLE IF NOT EXISTS merged AS SELECT * FROM point LIMIT 0', [])
    this.#run('DELETE FROM merged', [])
    // Numbers are bound as REAL, which no stretch of time may be divided by.
    this.#run(
      `INSERT INTO merged SELECT series_id, at_ms / ${spanMs} * ${spanMs}, ${spanMs}, sum(mean * count) / sum(count),
         min(least), max(most), sum(count)
       FROM point WHERE at_ms < ? AND span_ms < ${spanMs} GROUP BY series_id, at_ms / ${spanMs}`,
      [ended],
    )
    this.#run(`DELETE FROM point WHERE at_ms < ? AND span_ms < ${spanMs}`, [ended])
    this.#run('INSERT OR REPLACE INTO point SELECT * FROM merged', [])
  }

  #seriesId(name: string): number {
    const known = this.#series.get(name)
    if (known !== undefined) return known
    this.#run('INSERT OR IGNORE INTO series (name) VALUES (?)', [name])
    const { id } = this.#statements.get('SELECT id FROM series WHERE name = ?').get(name) as { id: number }
    this.#series.set(name, id)
    return id
  }

  #together(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
    } catch (error) {
      // A series that was begun in it is not there.
      this.#series.clear()
      this.#rollBack()
      throw error
    }
  }

  /** A full disk has rolled it back already. */
  #rollBack(): void {
    try {
      this.#db.exec('ROLLBACK')
    } catch {
      // Nothing is open any more.
    }
  }

  #run(sql: string, values: readonly (string | number)[]) {
    return this.#statements.get(sql).run(...values)
  }
}
