import { viewOf } from '../bytes.ts'
import { PCP_MOST_BYTES, PCP_VERSION } from './message.ts'

const HEADER_BYTES = 24

/**
 * The error response to any request, decodable or not: its own bytes again, cut at 1100 and filled up to a whole
 * header and a multiple of 4, with a response's header (RFC 6887 §8.2). `lifetimeSeconds`: how long it will fail.
 */
export function refusePcp(
  request: Uint8Array,
  answer: { readonly resultCode: number; readonly lifetimeSeconds: number; readonly epochSeconds: number },
): Uint8Array {
  const copied = request.subarray(0, PCP_MOST_BYTES)
  const bytes = new Uint8Array(Math.max(HEADER_BYTES, (copied.length + 3) & ~3))
  bytes.set(copied)
  bytes[0] = PCP_VERSION
  bytes[1]! |= 0x80
  bytes[2] = 0
  bytes[3] = answer.resultCode
  const view = viewOf(bytes)
  view.setUint32(4, answer.lifetimeSeconds)
  view.setUint32(8, answer.epochSeconds)
  bytes.fill(0, 12, HEADER_BYTES)
  return bytes
}
