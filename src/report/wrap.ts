/** East Asian wide and fullwidth blocks, and pictures: two cells each on a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f1e6}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

/** Cells that `text` takes on a terminal. The text has passed `visible`, so nothing in it is of no width. */
export function cellsOf(text: string): number {
  return [...text].reduce((cells, character) => cells + (WIDE.test(character) ? 2 : 1), 0)
}

export function padCells(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)))
}

export interface WrapOptions {
  /** Cells in a line, indentation included. */
  readonly width: number
  /** What stands before the first line, and, as many spaces, before the others. */
  readonly prefix?: string
}

/**
 * Breaks text at its spaces so that no line is wider than `width`. A command between backticks stays whole while it fits
 * in a line; what does not fit is cut wherever it must.
 */
export function wrap(text: string, { width, prefix = '' }: WrapOptions): string[] {
  const room = Math.max(2, width - cellsOf(prefix))
  const lines: string[] = []
  let line = ''
  for (const word of wordsOf(text, room)) {
    const joined = line === '' ? word : `${line} ${word}`
    if (cellsOf(joined) <= room) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = word
  }
  lines.push(line)
  const indentation = ' '.repeat(cellsOf(prefix))
  return lines.map((each, index) => (index === 0 ? prefix : indentation) + each)
}

function wordsOf(text: string, room: number): string[] {
  const whole = text.match(/(?:`[^`\n]*`|[^ \n`]|`)+/g) ?? []
  const fitting = whole.flatMap((word) => (cellsOf(word) <= room ? [word] : word.split(' ')))
  return fitting.flatMap((word) => cutToFit(word, room))
}

function cutToFit(word: string, room: number): string[] {
  const pieces: string[] = ['']
  for (const character of word) {
    const last = pieces[pieces.length - 1]!
    if (last !== '' && cellsOf(last) + cellsOf(character) > room) pieces.push(character)
    else pieces[pieces.length - 1] = last + character
  }
  return pieces
}
