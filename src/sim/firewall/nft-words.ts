/** A word of nft's language, and the line it stands in. */
export interface Word {
  readonly text: string
  readonly line: number
}

/** What comes after the last word. */
export const END: Word = { text: '', line: 0 }

/** The end of a statement. */
export function isEnd(word: Word): boolean {
  return word === END || word.text === '\n' || word.text === ';'
}

/** Words, braces, commas, and ends of statements; strings without their quotes; comments left out. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const found = line.replace(/#.*$/, '').matchAll(/"([^"]*)"|[{},;]|!=|==|[^\s{},;"]+/g)
    for (const [whole, quoted] of found) words.push({ text: quoted ?? whole, line: index + 1 })
    words.push({ text: '\n', line: index + 1 })
  }
  return words
}
