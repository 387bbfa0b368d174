import type { Json } from './nft-text-to-json.ts'
import type { NftWords } from './nft-words.ts'

const VERDICTS = ['accept', 'drop', 'return', 'continue'] as const

/** `accept`, `jump NAME`; undefined, and nothing read, where no verdict stands. */
export function readNftVerdict(words: NftWords): Json | undefined {
  const verdict = words.takeOne(VERDICTS)
  if (verdict !== undefined) return { [verdict]: null }
  const leap = words.takeOne(['jump', 'goto'])
  return leap && { [leap]: { target: words.plain() } }
}

/** `{ 22, 80-90 }`, `{ 192.0.2.1 . 22 : accept }`: the elements of a set or a map. */
export function readNftElements(words: NftWords, kind: 'set' | 'map'): readonly Json[] {
  const elements: Json[] = []
  words.block(() => {
    const key = readNftValue(words)
    if (words.take('comment')) words.plain()
    if (kind === 'set') elements.push(key)
    else {
      words.expect(':')
      elements.push([key, readNftVerdict(words) ?? readNftValue(words)])
    }
    words.take(',')
  })
  return elements
}

/** One value, range or prefix, or several joined by dots. */
export function readNftValue(words: NftWords): Json {
  const parts = [readPart(words)]
  while (words.take('.')) parts.push(readPart(words))
  return parts.length === 1 ? parts[0]! : { concat: parts }
}

function readPart(words: NftWords): Json {
  const word = words.peek()
  const text = words.plain()
  if (word.quoted) return text
  if (text.startsWith('@')) throw words.unknown(word)
  const range = /^(\w[\w.:]*)-(\w[\w.:]*)$/.exec(text)
  if (range !== null && /^[\d.]+$|:/.test(range[1]!)) return { range: [constant(range[1]!), constant(range[2]!)] }
  const prefix = /^([\d.]+|[\da-f:]+)\/(\d+)$/.exec(text)
  if (prefix !== null) return { prefix: { addr: prefix[1]!, len: Number(prefix[2]) } }
  return constant(text)
}

export function constant(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}
