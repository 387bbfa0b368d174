import { latin1 } from '../latin1.ts'
import { decodeHead, type HttpHead, type HttpHeadError } from './head.ts'

/**
 * `bad-framing`: lengths that contradict each other, or that are none. `too-big`: head or body beyond the limit.
 * `cut-off`: the peer ended in the middle.
 */
export type HttpReadError = HttpHeadError | 'bad-framing' | 'too-big' | 'cut-off'

export type HttpRead =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly head: HttpHead; readonly body: Uint8Array }
  | { readonly state: 'failed'; readonly code: HttpReadError }

export const MOST_HEAD_BYTES = 8192
export const MOST_BODY_BYTES = 65_536
/** A length of a chunk, with whatever extension follows it. */
const MOST_CHUNK_LINE_BYTES = 256
/** Some devices say "100 Continue" to every POST, asked or not; nobody says it more often than this. */
const MOST_INTERIM = 4

const MORE = { state: 'more' } as const

/**
 * Reads one HTTP/1.1 message as its bytes come in (RFC 9112), and what follows it not at all; interim responses before
 * it (RFC 9110 §15.2) are dropped. Holds at most the limits and one chunk of input; no input makes it throw, and after
 * `done` or `failed` nothing changes.
 *
 * `untilClosed`: is a message without any length one that the end of the connection ends? So it is for responses
 * (§6.3); a request without a length has no body.
 */
export class HttpMessageReader {
  readonly #untilClosed: boolean
  readonly #mostBodyBytes: number
  #held = ''
  #head: HttpHead | null = null
  #body: string[] = []
  #bodyBytes = 0
  #phase: 'head' | 'counted' | 'until-closed' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' = 'head'
  #left = 0
  #trailerLines = 0
  #interim = 0
  #result: HttpRead = MORE

  constructor(options: { readonly untilClosed: boolean; readonly mostBodyBytes?: number }) {
    this.#untilClosed = options.untilClosed
    this.#mostBodyBytes = options.mostBodyBytes ?? MOST_BODY_BYTES
  }

  push(bytes: Uint8Array): HttpRead {
    if (this.#result.state !== 'more') return this.#result
    this.#held += latin1(bytes)
    while (this.#result.state === 'more' && this.#advance());
    return this.#result
  }

  /** The peer has ended its side. */
  end(): HttpRead {
    if (this.#result.state !== 'more') return this.#result
    return this.#phase === 'until-closed' ? this.#finish() : this.#fail('cut-off')
  }

  /** One step; false when it needs more bytes. */
  #advance(): boolean {
    if (this.#phase === 'head') return this.#readHead()
    if (this.#phase === 'chunk-size') return this.#readLine((line) => this.#startChunk(line))
    if (this.#phase === 'chunk-end') return this.#readLine((line) => this.#endChunk(line))
    if (this.#phase === 'trailer') return this.#readLine((line) => this.#skipTrailer(line))
    return this.#readBody()
  }

  #readHead(): boolean {
    const end = /\r?\n\r?\n/.exec(this.#held)
    if ((end?.index ?? this.#held.length) > MOST_HEAD_BYTES) return this.#stop('too-big')
    if (end === null) return false
    const head = decodeHead(this.#held.slice(0, end.index))
    if (!head.ok) return this.#stop(head.code)
    this.#held = this.#held.slice(end.index + end[0].length)
    if (INTERIM.test(head.value.startLine)) {
      this.#interim += 1
      return this.#interim <= MOST_INTERIM || this.#stop('too-big')
    }
    this.#head = head.value
    return this.#chooseFraming(head.value)
  }

  #chooseFraming({ startLine, fields }: HttpHead): boolean {
    const [coding, length] = [fields.get('transfer-encoding'), fields.get('content-length')]
    // Both at once is how requests are smuggled (§6.1).
    if (coding !== undefined && length !== undefined) return this.#stop('bad-framing')
    if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') return this.#stop('bad-framing')
      this.#phase = 'chunk-size'
      return true
    }
    if (WITHOUT_BODY.test(startLine)) return this.#complete()
    if (length === undefined) {
      if (!this.#untilClosed) return this.#complete()
      this.#phase = 'until-closed'
      return true
    }
    if (!/^[0-9]{1,10}$/.test(length)) return this.#stop('bad-framing')
    if (Number(length) > this.#mostBodyBytes) return this.#stop('too-big')
    this.#phase = 'counted'
    this.#left = Number(length)
    return this.#left > 0 || this.#complete()
  }

  #readBody(): boolean {
    if (this.#held.length === 0) return false
    const taken = this.#phase === 'until-closed' ? this.#held : this.#held.slice(0, this.#left)
    this.#held = this.#held.slice(taken.length)
    this.#bodyBytes += taken.length
    if (this.#bodyBytes > this.#mostBodyBytes) return this.#stop('too-big')
    this.#body.push(taken)
    if (this.#phase === 'until-closed') return false
    this.#left -= taken.length
    if (this.#left > 0) return false
    if (this.#phase === 'counted') return this.#complete()
    this.#phase = 'chunk-end'
    return true
  }

  #readLine(take: (line: string) => boolean): boolean {
    const end = this.#held.indexOf('\n')
    if ((end < 0 ? this.#held.length : end) > MOST_CHUNK_LINE_BYTES) return this.#stop('bad-framing')
    if (end < 0) return false
    const line = this.#held.slice(0, end).replace(/\r$/, '')
    this.#held = this.#held.slice(end + 1)
    return take(line)
  }

  #startChunk(line: string): boolean {
    const size = /^([0-9a-fA-F]{1,8})[\t ]*(?:;.*)?$/.exec(line)?.[1]
    if (size === undefined) return this.#stop('bad-framing')
    this.#left = Number.parseInt(size, 16)
    if (this.#bodyBytes + this.#left > this.#mostBodyBytes) return this.#stop('too-big')
    this.#phase = this.#left === 0 ? 'trailer' : 'chunk'
    return true
  }

  #endChunk(line: string): boolean {
    if (line !== '') return this.#stop('bad-framing')
    this.#phase = 'chunk-size'
    return true
  }

  #skipTrailer(line: string): boolean {
    if (line === '') return this.#complete()
    this.#trailerLines += 1
    return this.#trailerLines <= 16 || this.#stop('too-big')
  }

  #complete(): true {
    this.#finish()
    return true
  }

  #stop(code: HttpReadError): true {
    this.#fail(code)
    return true
  }

  #finish(): HttpRead {
    const body = Uint8Array.from(Buffer.from(this.#body.join(''), 'latin1'))
    this.#result = { state: 'done', head: this.#head!, body }
    return this.#result
  }

  #fail(code: HttpReadError): HttpRead {
    this.#result = { state: 'failed', code }
    this.#held = ''
    this.#body = []
    return this.#result
  }
}

const INTERIM = /^HTTP\/1\.[01] 1[0-9]{2}(?: |$)/
/** These never have one (§6.3). */
const WITHOUT_BODY = /^HTTP\/1\.[01] (?:204|304)(?: |$)/
