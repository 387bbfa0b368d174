import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import { errorText } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { asWritten, likelyMeant, type Problem } from './problem.ts'

/** A place in the file: a node of the syntax tree, where it starts, and the keys that lead to it. */
export interface Place {
  readonly node: Node | null
  readonly offset: number
  readonly path: string
}

/** Reads one value. Undefined means that the mistake has been told to the reader. */
export type Parse<T> = (reader: Reader, at: Place) => T | undefined

/** At most this many mistakes are told: who has more will start from the top. */
const MOST_PROBLEMS = 20

/**
 * Collects the mistakes of one file while it is read, and what can only be checked when all of it is known.
 */
export class Reader {
  readonly problems: Problem[] = []
  readonly #file: string
  readonly #lines: LineCounter
  readonly #later: (() => void)[] = []

  constructor(file: string, lines: LineCounter) {
    this.#file = file
    this.#lines = lines
  }

  /** Tells a mistake; returns undefined, so that a parser can `return reader.wrong(...)`. */
  wrong(at: Place, found: Message, expected: Message, hint: Message | null = null): undefined {
    if (this.problems.length >= MOST_PROBLEMS) return undefined
    const { line, col } = this.#lines.linePos(at.offset)
    this.problems.push({
      file: this.#file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: at.path,
      found,
      expected,
      hint,
    })
    return undefined
  }

  /** `check` runs after everything was read: for names that are defined further down. */
  later(check: () => void): void {
    this.#later.push(check)
  }

  runLater(): void {
    for (const check of this.#later) check()
  }
}

export function placeOf(document: Document.Parsed): Place {
  return { node: document.contents, offset: document.contents?.range?.[0] ?? 0, path: '' }
}

/** What stands at a place; long text is cut. */
export function found(node: Node | null): Message {
  if (node === null) return errorText('problem.nothing')
  if (isMap(node)) return errorText('problem.a-map')
  if (isSeq(node)) return errorText('problem.a-list')
  if (isAlias(node)) return errorText('problem.alias', { name: node.source })
  if (!isScalar(node) || node.value === null) return errorText('problem.nothing')
  const text = typeof node.value === 'string' ? node.value : String(node.value)
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text
  return asWritten(typeof node.value === 'string' ? JSON.stringify(short) : short)
}

/** The entries of a map, with the place of each key and value. A key that is no plain text is a mistake. */
export function entries(reader: Reader, at: Place, expected: Message): Entry[] | undefined {
  if (!isMap(at.node)) return reader.wrong(at, found(at.node), expected)
  const result: Entry[] = []
  for (const pair of at.node.items as Pair<Node, Node | null>[]) {
    const offset = pair.key?.range?.[0] ?? at.offset
    const key = isScalar(pair.key) ? pair.key.value : null
    if (typeof key !== 'string' && typeof key !== 'number') {
      reader.wrong({ node: pair.key, offset, path: at.path }, found(pair.key), errorText('problem.a-key'))
      continue
    }
    const path = at.path === '' ? String(key) : `${at.path}.${key}`
    const value = { node: pair.value, offset: pair.value?.range?.[0] ?? offset, path }
    result.push({ key: String(key), keyPlace: { node: pair.key, offset, path: at.path }, value })
  }
  return result
}

export interface Entry {
  readonly key: string
  readonly keyPlace: Place
  readonly value: Place
}

export interface Field<T> {
  readonly parse: Parse<T>
  readonly fallback: { readonly value: T } | null
}

export function required<T>(parse: Parse<T>): Field<T> {
  return { parse, fallback: null }
}

export function optional<T>(parse: Parse<T>, value: T): Field<T> {
  return { parse, fallback: { value } }
}

type Fields = Readonly<Record<string, Field<unknown>>>
type Read<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** A map with exactly these keys. Undefined when one of them is missing or wrong; all mistakes in it are told. */
export function record<F extends Fields>(fields: F): Parse<Read<F>> {
  const keys = Object.keys(fields)
  return (reader, at) => {
    const given = entries(reader, at, errorText('problem.map-with', { keys: keys.join(', ') }))
    if (given === undefined) return undefined
    for (const entry of given) {
      if (keys.includes(entry.key)) continue
      const unknown = errorText('problem.unknown-key', { key: entry.key })
      reader.wrong(entry.keyPlace, unknown, oneOf(keys), likelyMeant(entry.key, keys))
    }
    const result: Record<string, unknown> = {}
    let complete = true
    for (const [key, field] of Object.entries(fields)) {
      const entry = given.find((candidate) => candidate.key === key)
      if (entry === undefined) {
        if (field.fallback === null) {
          reader.wrong(at, errorText('problem.no-key', { key }), errorText('problem.key-here', { key }))
        }
        result[key] = field.fallback?.value
        complete &&= field.fallback !== null
      } else {
        result[key] = field.parse(reader, entry.value)
        complete &&= result[key] !== undefined
      }
    }
    return complete ? (result as Read<F>) : undefined
  }
}

/** A list; undefined when one of its items is wrong. */
export function list<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (reader, at) => {
    if (!isSeq(at.node)) return reader.wrong(at, found(at.node), errorText('problem.a-list'))
    const items = (at.node.items as (Node | null)[]).map((node, index) =>
      parse(reader, { node, offset: node?.range?.[0] ?? at.offset, path: `${at.path}[${index}]` }),
    )
    return items.every((item) => item !== undefined) ? (items as T[]) : undefined
  }
}

export function oneOf(words: readonly string[]): Message {
  return words.length === 1 ? asWritten(words[0]!) : errorText('problem.one-of', { words: words.join(', ') })
}
