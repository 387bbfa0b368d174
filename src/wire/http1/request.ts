import { type Endpoint, formatEndpoint } from '../../model/endpoint.ts'
import { VERSION } from '../../model/version.ts'
import { encodeHead } from './head.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Absolute, with its query: `/ctl/IPConn?x=1`. */
  readonly path: string
  /** Whom it is sent to; the Host field names exactly this address. */
  readonly to: Endpoint
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

/**
 * A whole HTTP/1.1 request (RFC 9112 §3) that asks for the connection to be closed after it. RangeError for a path that
 * does not begin with a slash, and for anything that is not printable ASCII in path or fields.
 */
export function encodeHttpRequest({ method, path, to, fields = [], body }: HttpRequest): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new RangeError(`not a path: ${JSON.stringify(path)}`)
  const length = body === undefined ? [] : [['Content-Length', String(body.length)] as const]
  const head = encodeHead(`${method} ${path} HTTP/1.1`, [
    ['Host', formatEndpoint(to)],
    ['User-Agent', `peerway/${VERSION} UPnP/1.1`],
    ['Connection', 'close'],
    ...fields,
    ...length,
  ])
  const bytes = new Uint8Array(head.length + (body?.length ?? 0))
  bytes.set(new TextEncoder().encode(head))
  if (body !== undefined) bytes.set(body, head.length)
  return bytes
}
