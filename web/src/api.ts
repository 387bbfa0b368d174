import type { ReportChange } from '../../src/report/change-report.ts'
import type { Language } from '../../src/report/render-message.ts'
import type { WatchHistory } from '../../src/watch/server/history-json.ts'
import type { WatchState } from '../../src/watch/server/state-json.ts'

export type { WatchChange, WatchEndpoint, WatchEvent, WatchMapping } from '../../src/watch/server/state-json.ts'
export type { ReportChange, WatchHistory, WatchState }

/** The server's own error, in its words; `code` `no-answer` where there is no server. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, text: string) {
    super(text)
    this.status = status
    this.code = code
  }
}

export interface UndoneChange {
  readonly id: string
  readonly outcome: 'undone' | 'was-gone' | 'left'
  readonly why: string | null
  readonly text: string
}

const TOKEN = 'peerway-token'

/** For this window and as long as it is open: the token changes things, so it is not kept for good. */
let token = readToken()

function readToken(): string | null {
  try {
    return sessionStorage.getItem(TOKEN)
  } catch {
    return null
  }
}

/** Null: none any more. */
function keepToken(given: string | null): void {
  token = given
  try {
    if (given === null) sessionStorage.removeItem(TOKEN)
    else sessionStorage.setItem(TOKEN, given)
  } catch {
    // Without a place to keep it, it is asked for again after the next load.
  }
}

export function forgetToken(): void {
  keepToken(null)
}

/** Is it the right one? Then it is used from now on, and reading works too where the page is far away. */
export async function tryToken(given: string, lang: Language): Promise<boolean> {
  const before = token
  token = given
  try {
    await post('/api/session', {}, lang)
    keepToken(given)
    return true
  } catch (error) {
    token = before
    if (error instanceof ApiError && error.status === 401) return false
    throw error
  }
}

export function getState(lang: Language): Promise<WatchState> {
  return ask(`/api/state?lang=${lang}`)
}

export interface HistoryQuery {
  readonly since: number
  readonly until: number
  readonly series: readonly string[]
  readonly points: number
}

export function getSeries({ since, until, series, points }: HistoryQuery, lang: Language): Promise<WatchHistory> {
  const query = new URLSearchParams({ lang, limit: '1', points: String(points) })
  query.set('since', String(Math.round(since)))
  query.set('until', String(Math.round(until)))
  for (const name of series) query.append('series', name)
  return ask(`/api/history?${query}`)
}

/** The newest events, however old. */
export function getEvents(limit: number, lang: Language): Promise<WatchHistory> {
  return ask(`/api/history?lang=${lang}&since=0&limit=${limit}`)
}

export function checkNow(lang: Language): Promise<unknown> {
  return post('/api/check', {}, lang)
}

export async function applyPlan(plan: string, lang: Language): Promise<readonly ReportChange[]> {
  return (await post<{ readonly changes: readonly ReportChange[] }>('/api/plan/apply', { plan }, lang)).changes
}

export async function undo(changes: readonly string[] | 'all', lang: Language): Promise<readonly UndoneChange[]> {
  return (await post<{ readonly undone: readonly UndoneChange[] }>('/api/undo', { changes }, lang)).undone
}

function post<T>(path: string, body: unknown, lang: Language): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  return ask<T>(`${path}?lang=${lang}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { ...init.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) }
  const response = await fetch(path, { ...init, headers }).catch((error: unknown) => {
    throw new ApiError(0, 'no-answer', (error as Error).message)
  })
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) return answer as T
  const { code = 'internal', text = response.statusText } =
    (answer as { error?: { code?: string; text?: string } } | null)?.error ?? {}
  throw new ApiError(response.status, code, text)
}
