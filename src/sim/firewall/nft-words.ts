import { errorText, PeerwayError } from '../../model/error.ts'

/** A word of nft's language, and the line it stands in. */
export interface Word {
  readonly text: string
  readonly line: number
  /** Words of the language are never quoted. */
  readonly quoted: boolean
}

/** What comes after the last word. */
export const END: Word = { text: '', line: 0, quoted: false }

/** The end of a statement. */
export function isEnd(word: Word): boolean {
  return word === END || word.text === '\n' || word.text === ';'
}

const WORD = /"([^"]*)"|[{},;()&|]|[!=<>]=|[<>]|[^\s{},;()&|<>"]+/g

/** Words, braces, operators, and ends of statements; strings without their quotes; comments left out. */
function wordsOf(text: string): readonly Word[] {
  const words: Word[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const at = index + 1
    for (const [whole, string] of line.replace(/#.*$/, '').matchAll(WORD)) {
      if (string !== undefined) words.push({ text: string, line: at, quoted: true })
      else words.push(...apart(whole).map((part) => ({ text: part, line: at, quoted: false })))
    }
    words.push({ text: '\n', line: at, quoted: false })
  }
  return words
}

/** `22:` of a map and `elements=` are two words; `2001:db8::` is one. */
function apart(word: string): readonly string[] {
  const [, before, sign] = /^(.*[^:=!<>])([:=])$/.exec(word) ?? []
  return before === undefined ? [word] : [before, sign!]
}

/** Reads words one after the other. PeerwayError `bad-input`, with the line, for one that is not understood. */
export class NftWords {
  readonly #words: readonly Word[]
  readonly #host: string
  #at = 0

  constructor(text: string, host: string) {
    this.#host = host
    this.#words = wordsOf(text)
  }

  peek(): Word {
    return this.#words[this.#at] ?? END
  }

  next(): Word {
    const word = this.peek()
    this.#at++
    return word
  }

  take(text: string): boolean {
    const word = this.peek()
    if (word === END || word.quoted || word.text !== text) return false
    this.#at++
    return true
  }

  /** The one of these words that comes next; undefined when none does. */
  takeOne<W extends string>(words: readonly W[]): W | undefined {
    return words.find((word) => this.take(word))
  }

  expect(text: string): void {
    const word = this.next()
    if (word.text !== text) throw this.unknown(word)
  }

  /** A name, a number, an address: anything that is no sign of the language. */
  plain(): string {
    const word = this.next()
    const isSign = !word.quoted && (isEnd(word) || /^[{},()&|:=]$|^[!=<>]=?$/.test(word.text))
    if (isSign) throw this.unknown(word)
    return word.text
  }

  skipEnds(): void {
    while (this.peek() !== END && isEnd(this.peek())) this.#at++
  }

  /** What stands between braces, until they close. */
  block(each: () => void): void {
    this.expect('{')
    for (this.skipEnds(); !this.take('}'); this.skipEnds()) {
      if (this.peek() === END) throw this.unknown(END)
      each()
    }
  }

  unknown({ text, line }: Word): PeerwayError {
    return new PeerwayError(
      'bad-input',
      errorText('error.sim-firewall-word', { word: text.trim(), line: line || null, host: this.#host }),
    )
  }
}
