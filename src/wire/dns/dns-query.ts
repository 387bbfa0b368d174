import { viewOf } from '../bytes.ts'

const HEADER_BYTES = 12
const RECURSION_DESIRED = 0x0100
const RESPONSE = 0x8000
const IN = 1
const TYPES = { A: 1, NS: 2 } as const

/**
 * One DNS query (RFC 1035 §4.1) with recursion desired. `id` is 16 random bits; `name` is ASCII with dots, '.' for the
 * root. RangeError for a label that is empty or beyond 63 bytes, and for a name beyond 255.
 */
export function encodeDnsQuery(query: {
  readonly id: number
  readonly name: string
  readonly type: keyof typeof TYPES
}): Uint8Array {
  const name = encodeName(query.name)
  const datagram = new Uint8Array(HEADER_BYTES + name.length + 4)
  const view = viewOf(datagram)
  view.setUint16(0, query.id)
  view.setUint16(2, RECURSION_DESIRED)
  view.setUint16(4, 1)
  datagram.set(name, HEADER_BYTES)
  view.setUint16(HEADER_BYTES + name.length, TYPES[query.type])
  view.setUint16(HEADER_BYTES + name.length + 2, IN)
  return datagram
}

/**
 * Is `datagram` a DNS answer to `query` (as `encodeDnsQuery` made it)? Its id, the response bit and the question must
 * fit; what it answers is not looked at, for NXDOMAIN shows as well as an address that somebody is there.
 * Takes any bytes, throws on none.
 */
export function isDnsAnswer(datagram: Uint8Array, query: Uint8Array): boolean {
  if (datagram.length < query.length) return false
  const [view, asked] = [viewOf(datagram), viewOf(query)]
  if (view.getUint16(0) !== asked.getUint16(0) || (view.getUint16(2) & RESPONSE) === 0) return false
  if (view.getUint16(4) !== 1) return false
  // Names compare without case (RFC 4343); a server may echo the question in its own.
  return query.subarray(HEADER_BYTES).every((byte, index) => lower(byte) === lower(datagram[HEADER_BYTES + index]!))
}

function encodeName(name: string): Uint8Array {
  const labels = name === '.' ? [] : name.replace(/\.$/, '').split('.')
  const bytes = labels.flatMap((label) => {
    if (!/^[\x21-\x7e]{1,63}$/.test(label)) throw new RangeError(`not a DNS label: ${JSON.stringify(label)}`)
    return [label.length, ...Buffer.from(label, 'latin1')]
  })
  if (bytes.length + 1 > 255) throw new RangeError(`a DNS name of ${bytes.length + 1} bytes`)
  return Uint8Array.of(...bytes, 0)
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
