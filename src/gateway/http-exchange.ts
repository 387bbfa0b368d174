import type { Host, TcpConnection } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { encodeHttpRequest, type HttpRequest } from '../wire/http1/request.ts'
import { type HttpResponse, HttpResponseReader } from '../wire/http1/response-reader.ts'
import type { Link } from './link-towards.ts'

/**
 * `absent`: nobody takes connections there. `silent`: no whole answer came in time. `garbage`: it broke off, or what came is
 * no answer within the limits.
 */
export type HttpExchange =
  | { readonly outcome: 'answered'; readonly response: HttpResponse }
  | { readonly outcome: 'absent' | 'silent' | 'garbage' }

export interface HttpPatience {
  /** For everything from the first SYN to the last byte, so that a slow sender gains nothing. */
  readonly timeoutMs: number
  /** Gives up at once; the outcome is then `silent`. */
  readonly signal?: AbortSignal
  /** 64 KiB without it. */
  readonly mostBodyBytes?: number
}

/** Where a request leaves this host. */
export interface HttpSource extends Link {
  readonly local: Address
}

/**
 * One request and its response on a connection of their own, to exactly the address and port given. Redirects are not
 * followed. Without a `source` the system chooses one.
 */
export async function exchangeHttp(
  host: Host,
  request: HttpRequest,
  { timeoutMs, signal, mostBodyBytes }: HttpPatience,
  source?: HttpSource,
): Promise<HttpExchange> {
  const bytes = encodeHttpRequest(request)
  const deadlineMs = host.clock.monotonicMs() + timeoutMs
  const connected = await host.tcp.connect({
    to: request.to,
    timeoutMs,
    ...(source === undefined ? {} : { ...source, local: { address: source.local, port: 0 } }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (connected.outcome !== 'connected') {
    return { outcome: connected.outcome === 'timed-out' ? 'silent' : 'absent' }
  }
  const { connection } = connected
  const drop = () => connection.reset()
  signal?.addEventListener('abort', drop)
  if (signal?.aborted) drop()
  const leftMs = () => deadlineMs - host.clock.monotonicMs()
  const exchange = await talk(
    connection,
    bytes,
    leftMs,
    new HttpResponseReader(mostBodyBytes === undefined ? {} : { mostBodyBytes }),
  )
  signal?.removeEventListener('abort', drop)
  if (exchange.outcome === 'answered') await connection.close()
  else drop()
  return signal?.aborted ? { outcome: 'silent' } : exchange
}

async function talk(
  connection: TcpConnection,
  bytes: Uint8Array,
  leftMs: () => number,
  reader: HttpResponseReader,
): Promise<HttpExchange> {
  const written = await connection.write(bytes, Math.max(0, leftMs()))
  if (written !== 'written') return { outcome: written === 'stalled' ? 'silent' : 'garbage' }
  while (leftMs() > 0) {
    const read = await connection.read(Math.max(0, leftMs()))
    if (read.outcome === 'timed-out') break
    if (read.outcome === 'reset') return { outcome: 'garbage' }
    const progress = read.outcome === 'data' ? reader.push(read.data) : reader.end()
    if (progress.state === 'done') return { outcome: 'answered', response: progress.response }
    if (progress.state === 'failed') return { outcome: 'garbage' }
  }
  return { outcome: 'silent' }
}
