import { encodeHead } from './head.ts'

/** A whole HTTP/1.1 response that ends its connection: what the simulator's routers send. RangeError as `encodeHead`. */
export function encodeHttpResponse(
  status: number,
  reason: string,
  fields: readonly (readonly [name: string, value: string])[],
  body: Uint8Array,
): Uint8Array {
  const head = encodeHead(`HTTP/1.1 ${status} ${reason}`, [
    ...fields,
    ['Content-Length', String(body.length)],
    ['Connection', 'close'],
  ])
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(new TextEncoder().encode(head))
  bytes.set(body, head.length)
  return bytes
}
