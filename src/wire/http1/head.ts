import { type Decoded, decoded, malformed } from '../bytes.ts'

/** The start line of a message and its fields. Names are in lower case; the values of a repeated field are joined by `, `. */
export interface HttpHead {
  readonly startLine: string
  readonly fields: ReadonlyMap<string, string>
}

export type HttpHeadError = 'bad-line' | 'bad-field' | 'too-many-fields'

export const MOST_FIELDS = 64

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Visible characters, space and tab; bytes above ASCII are taken as Latin-1, as field values always were. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Reads a head (RFC 9112 §2 to §5): one character for each byte, without the empty line that ends it. SSDP has the same
 * form. A line may end in a bare LF (§2.2). Refused are a bare CR, a folded line (§5.2), white space before the colon
 * (§5.1), and a 65th field. Pure, and throws on no input.
 */
export function decodeHead(text: string): Decoded<HttpHead, HttpHeadError> {
  const [startLine = '', ...lines] = text.split(/\r?\n/)
  if (startLine === '' || !VALUE.test(startLine)) return malformed('bad-line', 0)
  if (lines.length > MOST_FIELDS) return malformed('too-many-fields', 0)
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1)]
    if (!TOKEN.test(name) || !VALUE.test(value)) return malformed('bad-field', 0)
    const [key, trimmed] = [name.toLowerCase(), withoutBlanks(value)]
    const before = fields.get(key)
    fields.set(key, before === undefined ? trimmed : `${before}, ${trimmed}`)
  }
  return decoded({ startLine, fields })
}

/**
 * Writes a head, the empty line included. RangeError for a name that is no token and for a control character anywhere:
 * whatever came from elsewhere cannot add a line of its own.
 */
export function encodeHead(startLine: string, fields: readonly (readonly [name: string, value: string])[]): string {
  const lines = fields.map(([name, value]) => {
    if (!TOKEN.test(name)) throw new RangeError(`not the name of a field: ${JSON.stringify(name)}`)
    return `${name}: ${value}`
  })
  for (const line of [startLine, ...lines]) {
    if (!/^[\x20-\x7e]+$/.test(line)) throw new RangeError(`not a line of printable ASCII: ${JSON.stringify(line)}`)
  }
  return `${[startLine, ...lines].join('\r\n')}\r\n\r\n`
}

/** Without the spaces and tabs around it. By hand: a pattern for those at the end tries anew at every blank within. */
function withoutBlanks(text: string): string {
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t'
  let [start, end] = [0, text.length]
  while (start < end && isBlank(start)) start += 1
  while (end > start && isBlank(end - 1)) end -= 1
  return text.slice(start, end)
}
