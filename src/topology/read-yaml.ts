import { LineCounter, parseDocument, visit } from 'yaml'
import { errorText } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import type { Problem } from './problem.ts'
import { type Parse, placeOf, Reader } from './reader.ts'
import { yamlFault } from './yaml-fault.ts'

export type ParsedYaml<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Longer files are refused unread. */
const MAX_LENGTH = 262_144

/**
 * Reads a whole YAML file by `parse`. `file` is its name for the messages, `expected` what it should hold. Throws on no
 * input: a file with mistakes gives all of them (at most 20), in the order of the file.
 */
export function readYaml<T>(source: string, file: string, expected: Message, parse: Parse<T>): ParsedYaml<T> {
  const lines = new LineCounter()
  const reader = new Reader(file, lines)
  const value = read(source, reader, lines, expected, parse)
  if (value !== undefined && reader.problems.length === 0) return { ok: true, value }
  return { ok: false, problems: reader.problems.sort((a, b) => a.line - b.line || a.column - b.column) }
}

function read<T>(
  source: string,
  reader: Reader,
  lines: LineCounter,
  expected: Message,
  parse: Parse<T>,
): T | undefined {
  const top = { node: null, offset: 0, path: '' }
  if (source.length > MAX_LENGTH) {
    const found = errorText('problem.characters', { count: source.length })
    return reader.wrong(top, found, errorText('problem.at-most', { most: MAX_LENGTH }))
  }
  try {
    const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, version: '1.2' })
    for (const error of document.errors) {
      const at = { node: null, offset: error.pos[0], path: '' }
      reader.wrong(at, yamlFault(error.code), errorText('problem.yaml'))
    }
    visit(document, {
      // An alias would let a short file become a huge one.
      Alias: (_, alias) =>
        reader.wrong(
          { node: alias, offset: alias.range?.[0] ?? 0, path: '' },
          errorText('problem.alias', { name: alias.source }),
          errorText('problem.value-itself'),
        ),
    })
    return reader.problems.length > 0 ? undefined : parse(reader, placeOf(document))
  } catch (error) {
    // The YAML library recurses: brackets nested thousands deep end its stack.
    if (error instanceof RangeError) return reader.wrong(top, errorText('problem.nested-too-deep'), expected)
    throw error
  }
}
