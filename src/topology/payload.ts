import { found, optional, type Parse, record } from './reader.ts'
import { text } from './scalars.ts'

const MOST_BYTES = 64

/** Bytes that a payload begins with: `{ text: "GET " }`, or `{ hex: 13426974 }`; 1 to 64 of them. */
export const payload: Parse<Uint8Array> = (reader, at) => {
  const given = record({ text: optional(text, null), hex: optional(hex, null) })(reader, at)
  if (given === undefined) return undefined
  if ((given.text === null) === (given.hex === null)) {
    return reader.wrong(at, given.text === null ? 'neither' : 'both text and hex', 'either text or hex')
  }
  const bytes = given.hex ?? new TextEncoder().encode(given.text!)
  if (bytes.length >= 1 && bytes.length <= MOST_BYTES) return bytes
  return reader.wrong(at, `${bytes.length} bytes`, `1 to ${MOST_BYTES} bytes`)
}

/** YAML takes `13426974` for a number, so what stood there is read, not what YAML made of it. */
const hex: Parse<Uint8Array> = (reader, at) => {
  const written = (at.node as { source?: unknown } | null)?.source
  const isHex = typeof written === 'string' && /^(?:[0-9a-fA-F]{2})*$/.test(written)
  if (!isHex) return reader.wrong(at, found(at.node), 'pairs of hexadecimal digits, such as 13426974')
  return Uint8Array.from(written.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
