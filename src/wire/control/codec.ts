import type { Decoded } from '../bytes.ts'
import { decoded, malformed } from '../bytes.ts'
import type { Field } from './fields.ts'
import type { ControlReply, ControlRequest } from './messages.ts'
import { reply, request } from './messages.ts'

export type ControlDecodeError = 'not-utf8' | 'not-json' | 'not-an-object' | 'bad-message'

/**
 * One line of the control protocol, without its line feed, as an asker sent it. Pure, throws on no input. `bad-message`:
 * unknown type, a key missing, or a value outside its limits. `offset` is always 0: JSON has no place to point at.
 */
export function decodeRequest(line: Uint8Array): Decoded<ControlRequest, ControlDecodeError> {
  return decodeLine(line, request)
}

/** The same for a line that a vantage sent. */
export function decodeReply(line: Uint8Array): Decoded<ControlReply, ControlDecodeError> {
  return decodeLine(line, reply)
}

/** The line with its line feed. `request` must hold values that `decodeRequest` accepts. */
export function encodeRequest(message: ControlRequest): Uint8Array {
  return encodeLine(message, request)
}

export function encodeReply(message: ControlReply): Uint8Array {
  return encodeLine(message, reply)
}

/** The id of a line that is not a valid message, so that the error can name it; null where it has none. */
export function idOfBadLine(line: Uint8Array): number | null {
  const parsed = parseLine(line)
  const id: unknown = parsed.ok && typeof parsed.value === 'object' ? Reflect.get(parsed.value, 'id') : null
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= 2 ** 31 ? id : null
}

function decodeLine<T>(line: Uint8Array, field: Field<T>): Decoded<T, ControlDecodeError> {
  const parsed = parseLine(line)
  if (!parsed.ok) return parsed
  const value = field.read(parsed.value)
  return value === undefined ? malformed('bad-message', 0) : decoded(value)
}

function parseLine(line: Uint8Array): Decoded<object, ControlDecodeError> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
    const value = JSON.parse(text) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('not-an-object', 0)
    return decoded(value)
  } catch (error) {
    return malformed(error instanceof SyntaxError ? 'not-json' : 'not-utf8', 0)
  }
}

function encodeLine<T>(message: T, field: Field<T>): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(field.write(message))}\n`)
}
