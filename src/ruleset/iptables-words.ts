/** One option of an iptables rule with its words: `! --dports 22,80` is `{ negated: true, name: '--dports', words: ['22,80'] }`. */
export interface Option {
  readonly negated: boolean
  readonly name: string
  readonly words: readonly string[]
}

/** The options of one module, or of none (`-s`, `-d`, `-i`, `-o`, `-p`, `-f`). */
export interface Group {
  readonly module: string | null
  readonly options: readonly Option[]
  readonly text: string
}

/** A rule in its parts. `target` has the module's name as `module`; null for a rule that only counts. */
export interface RuleWords {
  readonly chain: string
  readonly groups: readonly Group[]
  readonly target: Group | null
  readonly isGoto: boolean
}

/** Words of a line of iptables-save: separated by blanks, `"..."` with backslashes inside. Undefined for an open quote. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy
  const end = line.trimEnd().length
  while (pattern.lastIndex < end) {
    const match = pattern.exec(line)
    if (match === null) return undefined
    words.push(match[1]?.replaceAll(/\\(.)/g, '$1') ?? match[2]!)
  }
  return words
}

/** Takes `-A CHAIN ...` apart; undefined when it is none. */
export function ruleWords(words: readonly string[]): RuleWords | undefined {
  const chain = words[0] === '-A' ? words[1] : undefined
  if (chain === undefined) return undefined
  const starts = [2, ...moduleStarts(words)]
  const groups = starts.map((start, index) => group(words.slice(start, starts[index + 1] ?? words.length)))
  const last = groups.at(-1)!
  const isTarget = groups.length > 1 && ['-j', '-g'].includes(words[starts.at(-1)!]!)
  return {
    chain,
    groups: (isTarget ? groups.slice(0, -1) : groups).filter(({ text }) => text !== ''),
    target: isTarget ? last : null,
    isGoto: isTarget && words[starts.at(-1)!] === '-g',
  }
}

function moduleStarts(words: readonly string[]): readonly number[] {
  return words.flatMap((word, index) => (index >= 2 && ['-m', '-j', '-g'].includes(word) ? [index] : []))
}

function group(words: readonly string[]): Group {
  const text = words.join(' ')
  const hasModule = ['-m', '-j', '-g'].includes(words[0] ?? '')
  const module = hasModule ? (words[1] ?? '') : null
  const options: { negated: boolean; name: string; words: string[] }[] = []
  let negated = false
  for (const word of words.slice(hasModule ? 2 : 0)) {
    if (word === '!') negated = true
    else if (word.startsWith('-') && word.length > 1 && !/^-[0-9]/.test(word)) {
      options.push({ negated, name: word, words: [] })
      negated = false
    } else options.at(-1)?.words.push(word)
  }
  return { module, options, text }
}
