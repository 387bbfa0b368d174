import { HttpMessageReader, type HttpRead, type HttpReadError } from './message-reader.ts'

export interface HttpResponse {
  readonly status: number
  readonly fields: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

export type HttpResponseRead =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly response: HttpResponse }
  | { readonly state: 'failed'; readonly code: HttpReadError | 'not-http' }

const STATUS_LINE = /^HTTP\/1\.[01] ([2-5][0-9]{2})(?: .*)?$/

/**
 * Reads the response to one request (RFC 9112 §4). A redirect is a response like others: nobody here follows it.
 * Bounded as `HttpMessageReader` is; throws on no input.
 */
export class HttpResponseReader {
  readonly #reader: HttpMessageReader

  constructor(options: { readonly mostBodyBytes?: number } = {}) {
    this.#reader = new HttpMessageReader({ ...options, untilClosed: true })
  }

  push(bytes: Uint8Array): HttpResponseRead {
    return judge(this.#reader.push(bytes))
  }

  /** The peer has ended its side. */
  end(): HttpResponseRead {
    return judge(this.#reader.end())
  }
}

function judge(read: HttpRead): HttpResponseRead {
  if (read.state !== 'done') return read
  const status = STATUS_LINE.exec(read.head.startLine)?.[1]
  if (status === undefined) return { state: 'failed', code: 'not-http' }
  return { state: 'done', response: { status: Number(status), fields: read.head.fields, body: read.body } }
}
