import { errorText } from '../model/error.ts'
import type { Message } from '../model/message.ts'

/** One mistake in a YAML file. `line` and `column` count from 1. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Where in the file, by keys: `hosts.node.listeners[0].port`; empty for the whole file. */
  readonly path: string
  readonly found: Message
  readonly expected: Message
  readonly hint: Message | null
}

/** `home.yaml:7:13: hosts.node.port: found 70000, expected a port from 1 to 65535`, always one line. */
function problemMessage({ file, line, column, path, found, expected, hint }: Problem): Message {
  return errorText('problem.line', { file, line, column, path, found, expected, hint })
}

/** All mistakes of a file, of which there is one at least, a line each. */
export function problemsMessage([first, ...rest]: readonly Problem[]): Message {
  const line = problemMessage(first!)
  return rest.length === 0 ? line : errorText('problem.lines', { first: line, rest: problemsMessage(rest) })
}

/** What somebody wrote, or what they may write: no words of ours. */
export function asWritten(written: string | number): Message {
  return errorText('problem.as-written', { written: String(written) })
}

export function either(one: string, other: string): Message {
  return errorText('problem.either', { one, other })
}

/** Of two keys, where one of them alone has to be there. */
export function neitherOrBoth(neither: boolean, one: string, other: string): Message {
  return neither ? errorText('problem.neither') : errorText('problem.both', { one, other })
}

/** `portPreservation with mapping address-dependent` */
export function keyWith(key: string, other: string): Message {
  return errorText('problem.with', { key, other })
}

export function neededToo(what: string | Message): Message {
  return errorText('problem.needed-too', { what })
}

/** The name of `known` that `written` most likely stands for: at most two letters wrong. Null when there is none. */
export function likelyMeant(written: string, known: Iterable<string>): Message | null {
  let best: { name: string; distance: number } | null = null
  for (const name of known) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase())
    if (distance <= Math.min(2, name.length - 1) && (best === null || distance < best.distance))
      best = { name, distance }
  }
  return best === null ? null : errorText('problem.meant', { name: best.name })
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = rows[row - 1]![column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current[column] = Math.min(replaced, rows[row - 1]![column]! + 1, current[column - 1]! + 1)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) current[column] = Math.min(current[column]!, rows[row - 2]![column - 2]! + 1)
    }
    rows.push(current)
  }
  return rows[a.length]![b.length]!
}
