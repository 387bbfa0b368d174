/**
 * The two lines by which a port that we hold proves itself to the vantage that dials it: `peerway-nonce HEX`, then
 * `peerway-reply HEX` with a secret that only the holder knows (docs/vantage.md). Over TCP a line feed ends each,
 * over UDP each is one datagram.
 */
const NONCE_PREFIX = 'peerway-nonce '
const REPLY_PREFIX = 'peerway-reply '
const MAX_LINE_BYTES = 128

/** The nonce of a first line in lower-case hexadecimal; undefined when it is none. Any bytes may be given. */
export function parseNonceLine(data: Uint8Array): string | undefined {
  return hexAfter(NONCE_PREFIX, data)
}

/** The reply without a line feed, so that over UDP it is never longer than the question. */
export function encodeReply(secretHex: string): Uint8Array {
  return new TextEncoder().encode(`${REPLY_PREFIX}${secretHex}`)
}

/** The secret of a reply as the vantage reported it; undefined when it is none. */
export function parseReply(data: Uint8Array): string | undefined {
  return hexAfter(REPLY_PREFIX, data)
}

function hexAfter(prefix: string, data: Uint8Array): string | undefined {
  const text = String.fromCharCode(...data.subarray(0, MAX_LINE_BYTES))
  const line = text.split('\n', 1)[0]!.trimEnd()
  const hex = line.startsWith(prefix) ? line.slice(prefix.length) : ''
  return /^([0-9a-f]{2}){1,32}$/i.test(hex) ? hex.toLowerCase() : undefined
}
