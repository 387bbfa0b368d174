/** One word of the reports: half a page about it, and under which names people may ask for it. */
export interface Explanation {
  /** As reports and the command line write it; the same in every language. */
  readonly id: string
  readonly title: string
  /** In plain Markdown: words, and commands between backticks. */
  readonly paragraphs: readonly string[]
}

export interface ExplanationGroup {
  readonly title: string
  readonly explanations: readonly Explanation[]
}

/** Everything that docs/explain/LANGUAGE.md says, in its order. */
export type Explanations = readonly ExplanationGroup[]

/**
 * Reads a page of docs/explain: `## Group`, `### id`, then paragraphs, the first of which begins with `**Title.**`, or
 * `**Title (other name, another).**`. What stands before the first group, and before the first word of one, is for readers
 * of the page alone. The page comes with peerway: `RangeError` where it is not so.
 */
export function parseExplanations(page: string): Explanations {
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...words] = section.split(/^### /m)
      return { title: heading.split('\n')[0]!.trim(), explanations: words.map(parseExplanation) }
    })
}

function parseExplanation(section: string): Explanation {
  const [id = '', ...paragraphs] = section
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll('\n', ' '))
  const title = /^\*\*(.+?)\.?\*\* /.exec(paragraphs[0] ?? '')
  if (title === null || !/^[a-z0-9-]+$/.test(id)) throw new RangeError(`"${id}" has no title, or is no word`)
  return { id, title: title[1]!, paragraphs: [paragraphs[0]!.slice(title[0].length), ...paragraphs.slice(1)] }
}

/** The explanation of a word, by its id or one of its names, however they are spelled. */
export function findExplanation(explanations: Explanations, word: string): Explanation | undefined {
  const wanted = plain(word)
  const all = explanations.flatMap((group) => group.explanations)
  return all.find(({ id }) => id === wanted) ?? all.find((each) => namesOf(each).includes(wanted))
}

const MOST_NEAREST = 5

/** Ids whose names look most like `word`, the likeliest first; none where nothing comes near. */
export function nearestExplanations(explanations: Explanations, word: string): readonly string[] {
  const wanted = plain(word)
  const farthest = Math.max(1, Math.floor(wanted.length / 3))
  return explanations
    .flatMap((group) => group.explanations)
    .map((each) => ({ id: each.id, far: Math.min(...namesOf(each).map((name) => distance(wanted, name))) }))
    .filter(({ far }) => far <= farthest)
    .sort((a, b) => a.far - b.far)
    .slice(0, MOST_NEAREST)
    .map(({ id }) => id)
}

/** `Carrier-grade NAT (CGNAT, CGN)` is called so, and CGNAT, and CGN. */
function namesOf({ id, title }: Explanation): readonly string[] {
  return [id, ...title.split(/[(),]/).map(plain)].filter((name) => name !== '')
}

/** Without case, accents and punctuation. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

const LONGEST_WORD = 64

/**
 * How many letters are wrong, missing or too many (Levenshtein). A word that only begins, or is a whole part of the other,
 * counts as near: `nat` is part of many.
 */
function distance(word: string, name: string): number {
  if (word === '' || word.length > LONGEST_WORD) return Number.POSITIVE_INFINITY
  if (`-${name}-`.includes(`-${word}-`) || (word.length > 3 && name.startsWith(word))) return 0.5
  let row = Array.from({ length: name.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...word].entries()) {
    const next = [at + 1]
    for (const [index, other] of [...name].entries()) {
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1)!
}
