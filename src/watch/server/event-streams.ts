import type { ServerResponse } from 'node:http'
import type { Progress } from '../../model/plan.ts'
import type { Language } from '../../report/render-message.ts'
import type { StoredEvent } from '../store/store.ts'
import { eventJson } from './state-json.ts'

const MOST_STREAMS = 32
/** One whose reader does not read is ended. */
const MOST_BUFFERED_BYTES = 1024 * 1024
const HEARTBEAT_MS = 20_000
/** Many changes at once are told once. */
const GATHER_MS = 100

interface Stream {
  readonly response: ServerResponse
  readonly lang: Language
}

/** Everybody who listens to server-sent events (the HTML standard, §9.2). */
export class EventStreams {
  readonly #streams = new Set<Stream>()
  readonly #heartbeat: NodeJS.Timeout
  #gathering: NodeJS.Timeout | undefined

  constructor() {
    this.#heartbeat = setInterval(() => this.#send(() => ': \n\n'), HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  /** Begins a stream, with what happened before; false where there are too many. */
  open(response: ServerResponse, lang: Language, missed: readonly StoredEvent[]): boolean {
    if (this.#streams.size >= MOST_STREAMS) return false
    const stream = { response, lang }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('retry: 3000\n\n')
    for (const event of missed) response.write(formatEvent(event, lang))
    this.#streams.add(stream)
    response.on('close', () => this.#streams.delete(stream))
    return true
  }

  happened(event: StoredEvent): void {
    this.#send((lang) => formatEvent(event, lang))
  }

  /** `GET /api/state` says something else from now on. */
  changed(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#send(() => 'event: changed\ndata: {}\n\n')
    }, GATHER_MS).unref()
  }

  progress(progress: Progress): void {
    this.#send(() => `event: progress\ndata: ${JSON.stringify(progress)}\n\n`)
  }

  close(): void {
    clearInterval(this.#heartbeat)
    clearTimeout(this.#gathering)
    for (const { response } of this.#streams) response.end()
  }

  #send(text: (lang: Language) => string): void {
    for (const { response, lang } of this.#streams) {
      if (response.writableLength > MOST_BUFFERED_BYTES) response.destroy()
      else response.write(text(lang))
    }
  }
}

/** One that is not in the history yet has no id that a reader could ask for later. */
function formatEvent(event: StoredEvent, lang: Language): string {
  const id = event.id > 0 ? `id: ${event.id}\n` : ''
  return `${id}event: happened\ndata: ${JSON.stringify(eventJson(event, lang))}\n\n`
}
