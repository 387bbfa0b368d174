import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Address, Endpoint } from '../../model/endpoint.ts'
import { formatEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { isLoopback } from '../../model/ip.ts'
import { message } from '../../model/message.ts'
import { reportChange } from '../../report/change-report.ts'
import { changeText } from '../../report/change-text.ts'
import { LANGUAGES, type Language, renderMessage } from '../../report/render-message.ts'
import type { Daemon } from '../daemon.ts'
import { type AccessRules, COOKIE, judgeAccess, readingToken } from './access.ts'
import { EventStreams } from './event-streams.ts'
import { historyJson } from './history-json.ts'
import { metricsText, type ProcessFigures } from './metrics.ts'
import { plainPage } from './plain-page.ts'
import { stateJson } from './state-json.ts'
import { readStatic } from './static-files.ts'

export interface ServeOptions {
  readonly daemon: Daemon
  /** Where to listen; port 0 lets the system choose. */
  readonly listen: Endpoint
  readonly token: string
  /** The language where the reader names none. */
  readonly language: Language
  /** The page as it was built. */
  readonly webFolder: string
  readonly nowMs: () => number
  readonly figures: () => ProcessFigures
}

export interface RunningServer {
  readonly local: Endpoint
  readonly streams: EventStreams
  close(): Promise<void>
}

const MOST_CONNECTIONS = 128
const MOST_BODY_BYTES = 64 * 1024
const MOST_MISSED = 1000
/** What fits into one packet anyway is sent as it is. */
const LEAST_ZIPPED_BYTES = 1400

const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

/** Serves the page, its API (docs/watch.md) and the metrics. `PeerwayError` `busy` where the port is taken. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const streams = new EventStreams()
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 })
  server.maxConnections = MOST_CONNECTIONS
  server.keepAliveTimeout = 5000
  const local = await listen(server, options.listen)
  const rules = rulesFor(local, options)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void new Exchange(request, response, options, rules, streams).answer()
  })
  return {
    local,
    streams,
    close: () => {
      streams.close()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function listen(server: Server, { address, port }: Endpoint): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, { address, port })))
    server.listen({ host: address, port }, () => {
      resolve({ address, port: (server.address() as AddressInfo).port })
    })
  })
}

function cannotListen(error: NodeJS.ErrnoException, at: Endpoint): PeerwayError {
  const where = formatEndpoint(at)
  if (error.code === 'EADDRINUSE') {
    return new PeerwayError('busy', errorText('error.listen-busy', { where }))
  }
  return new PeerwayError('not-available', errorText('error.listen-failed', { where, errno: error.code }), {
    cause: error,
  })
}

function rulesFor({ address, port }: Endpoint, { token }: ServeOptions): AccessRules {
  const isLocal = isLoopback(address)
  const names = isLocal ? ['localhost', '127.0.0.1', '[::1]'] : [bracketed(address)]
  return { token, isLoopback: isLocal, hosts: names.map((name) => (port === 80 ? name : `${name}:${port}`)) }
}

function bracketed(address: Address): string {
  return address.includes(':') ? `[${address}]` : address
}

/** One request and its answer. */
class Exchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: ServeOptions
  readonly #rules: AccessRules
  readonly #streams: EventStreams
  readonly #url: URL

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    options: ServeOptions,
    rules: AccessRules,
    streams: EventStreams,
  ) {
    this.#request = request
    this.#response = response
    this.#options = options
    this.#rules = rules
    this.#streams = streams
    // What is no path becomes one that nobody has.
    this.#url = parseUrl(request.url ?? '')
  }

  async answer(): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) this.#response.setHeader(name, value)
    try {
      await this.#route()
    } catch (error) {
      this.#fail(error)
    }
  }

  async #route(): Promise<void> {
    const { method = '', headers } = this.#request
    const { pathname } = this.#url
    const isPublic = !pathname.startsWith('/api/') && pathname !== '/metrics' && pathname !== '/'
    const access = judgeAccess({ method, isPublic: isPublic || (await this.#hasPage()), headers }, this.#rules)
    if (access.outcome === 'refused') return this.#refuse(access.status, access.code)
    if (method === 'GET' || method === 'HEAD') return this.#read(access.hasToken)
    if (method === 'POST') return this.#change()
    this.#response.setHeader('Allow', 'GET, HEAD, POST')
    this.#refuse(405, 'no-such-method')
  }

  /** The page itself tells nothing; what stands in its place where it was not built does. */
  async #hasPage(): Promise<boolean> {
    return this.#url.pathname === '/' && (await readStatic(this.#options.webFolder, '/')) !== undefined
  }

  async #read(hasToken: boolean): Promise<void> {
    const { daemon, nowMs } = this.#options
    switch (this.#url.pathname) {
      case '/api/state':
        return this.#json(200, stateJson(daemon.view, nowMs(), this.#lang(), hasToken))
      case '/api/history':
        return this.#json(200, historyJson(daemon.store, this.#url.searchParams, nowMs(), this.#lang()))
      case '/api/events':
        return this.#stream()
      case '/metrics':
        return this.#send(200, 'text/plain; version=0.0.4; charset=utf-8', this.#metrics())
      default:
        return this.#file()
    }
  }

  async #change(): Promise<void> {
    const { daemon } = this.#options
    switch (this.#url.pathname) {
      case '/api/check':
        daemon.checkNow()
        return this.#json(202, {})
      case '/api/plan/apply': {
        const { plan } = await this.#body()
        if (typeof plan !== 'string') throw new PeerwayError('bad-input', errorText('error.which-plan'))
        const { changes } = await daemon.apply(plan)
        return this.#json(200, { changes: changes.map((one) => reportChange(one, this.#lang())) })
      }
      case '/api/undo':
        return this.#undo(await this.#body())
      case '/api/session':
        return this.#openSession()
      default:
        this.#refuse(404, 'not-found')
    }
  }

  async #undo({ changes }: Readonly<Record<string, unknown>>): Promise<void> {
    const isList = Array.isArray(changes) && changes.every((each) => typeof each === 'string')
    if (changes !== 'all' && !isList) throw new PeerwayError('bad-input', errorText('error.which-changes'))
    const undone = await this.#options.daemon.undo(changes as string[] | 'all')
    const lang = this.#lang()
    this.#json(200, {
      undone: undone.map((one) => ({
        id: one.entry.change.id,
        outcome: one.outcome,
        why: one.outcome === 'left' ? renderMessage(one.why, lang) : null,
        text: renderMessage(changeText(one.entry.change), lang),
      })),
    })
  }

  /** For browsers elsewhere, which cannot send the token with an event stream: good for reading alone. */
  #openSession(): void {
    const cookie = `${COOKIE}=${readingToken(this.#options.token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000`
    this.#response.setHeader('Set-Cookie', cookie)
    this.#json(200, {})
  }

  #stream(): void {
    if (this.#request.method === 'HEAD') return this.#send(200, 'text/event-stream', '')
    const last = String(this.#request.headers['last-event-id'] ?? '')
    const missed = /^[0-9]{1,15}$/.test(last)
      ? this.#options.daemon.store.events({ afterId: Number(last), limit: MOST_MISSED })
      : []
    if (!this.#streams.open(this.#response, this.#lang(), missed)) this.#refuse(503, 'too-many-streams')
  }

  async #file(): Promise<void> {
    const { pathname } = this.#url
    const file = await readStatic(this.#options.webFolder, pathname)
    if (file !== undefined) {
      const kept = file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
      return this.#send(200, file.type, file.body, kept)
    }
    if (pathname !== '/') return this.#refuse(404, 'not-found')
    const { daemon } = this.#options
    this.#send(200, 'text/html; charset=utf-8', plainPage(daemon.view, this.#lang()))
  }

  get #acceptedEncodings(): string {
    return String(this.#request.headers['accept-encoding'] ?? '')
  }

  #metrics(): string {
    const { daemon, nowMs, figures } = this.#options
    return metricsText(daemon.view, nowMs(), figures())
  }

  /** `?lang=`, then what the browser prefers, then what the watch was started with. */
  #lang(): Language {
    const asked = this.#url.searchParams.get('lang')
    const preferred = this.#request.headers['accept-language']?.slice(0, 2).toLowerCase()
    return (
      LANGUAGES.find((each) => each === asked) ?? LANGUAGES.find((each) => each === preferred) ?? this.#options.language
    )
  }

  /** A small JSON object. `PeerwayError` `bad-input` for anything else. */
  async #body(): Promise<Readonly<Record<string, unknown>>> {
    const { headers } = this.#request
    if (!/^application\/json\b/.test(headers['content-type'] ?? '')) {
      throw new PeerwayError('bad-input', errorText('error.body-type'))
    }
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of this.#request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MOST_BODY_BYTES)
        throw new PeerwayError('bad-input', errorText('error.body-long', { most: MOST_BODY_BYTES }))
      chunks.push(chunk)
    }
    try {
      const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    } catch {
      // Told below.
    }
    throw new PeerwayError('bad-input', errorText('error.body-json'))
  }

  #fail(error: unknown): void {
    if (this.#response.headersSent) return void this.#response.destroy()
    if (!(error instanceof PeerwayError)) return this.#refuse(500, 'internal', (error as Error).message)
    const status = { 'bad-input': 400, busy: 409, 'not-permitted': 403, 'not-available': 503, internal: 500 }[
      error.code
    ]
    this.#refuse(status, error.code, renderMessage(error.told, this.#lang()))
  }

  #refuse(status: number, code: string, text?: string): void {
    const known = renderMessage(message(`watch.api-${code}`), this.#lang())
    this.#json(status, { error: { code, text: text ?? known } })
  }

  #json(status: number, value: unknown): void {
    this.#send(status, 'application/json', JSON.stringify(value))
  }

  #send(status: number, type: string, body: string | Buffer, caching = 'no-store'): void {
    const plain = typeof body === 'string' ? Buffer.from(body) : body
    const isZipped = plain.length >= LEAST_ZIPPED_BYTES && /\bgzip\b/.test(this.#acceptedEncodings)
    const bytes = isZipped ? gzipSync(plain) : plain
    if (isZipped) this.#response.setHeader('Content-Encoding', 'gzip')
    this.#response.setHeader('Vary', 'Accept-Encoding, Accept-Language')
    this.#response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, 'Cache-Control': caching })
    this.#response.end(this.#request.method === 'HEAD' ? undefined : bytes)
  }
}

function parseUrl(text: string): URL {
  const base = 'http://peerway.invalid'
  // A path that begins with two slashes would be taken for a host.
  if (!text.startsWith('/')) return new URL('/%00', base)
  try {
    return new URL(base + text)
  } catch {
    return new URL('/%00', base)
  }
}
