const HEADER_BYTES = 12
const NXDOMAIN = 3

/** What a resolver that knows no name answers (RFC 1035 §4.1): the question again, with NXDOMAIN. Undefined for no query. */
export function noSuchName(query: Uint8Array): Uint8Array | undefined {
  const isQuery = query.length > HEADER_BYTES && (query[2]! & 0x80) === 0
  if (!isQuery) return undefined
  const answer = Uint8Array.from(query)
  answer[2]! |= 0x80
  // Recursion available, and the response code.
  answer[3] = 0x80 | NXDOMAIN
  return answer
}
