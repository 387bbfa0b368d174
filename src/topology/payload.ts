import { errorText } from '../model/error.ts'
import { either, neitherOrBoth } from './problem.ts'
import { found, optional, type Parse, record } from './reader.ts'
import { text } from './scalars.ts'

const MOST_BYTES = 64

/** Bytes that a payload begins with: `{ text: "GET " }`, or `{ hex: 13426974 }`; 1 to 64 of them. */
export const payload: Parse<Uint8Array> = (reader, at) => {
  const given = record({ text: optional(text, null), hex: optional(hex, null) })(reader, at)
  if (given === undefined) return undefined
  if ((given.text === null) === (given.hex === null)) {
    return reader.wrong(at, neitherOrBoth(given.text === null, 'text', 'hex'), either('text', 'hex'))
  }
  const bytes = given.hex ?? new TextEncoder().encode(given.text!)
  if (bytes.length >= 1 && bytes.length <= MOST_BYTES) return bytes
  return reader.wrong(
    at,
    errorText('problem.bytes', { count: bytes.length }),
    errorText('problem.bytes-range', { most: MOST_BYTES }),
  )
}

/** YAML takes `13426974` for a number, so what stood there is read, not what YAML made of it. */
const hex: Parse<Uint8Array> = (reader, at) => {
  const written = (at.node as { source?: unknown } | null)?.source
  const isHex = typeof written === 'string' && /^(?:[0-9a-fA-F]{2})*$/.test(written)
  if (!isHex) return reader.wrong(at, found(at.node), errorText('problem.hex'))
  return Uint8Array.from(written.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
