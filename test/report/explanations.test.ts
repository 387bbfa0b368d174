import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CAVEATS } from '../../src/model/diagnosis.ts'
import { OBSTACLE_STAGES, WARNING_IDS } from '../../src/model/obstacle.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { parseExplanations } from '../../src/report/explanations.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'

const FOLDER = new URL('../../docs/explain/', import.meta.url)
const pages = Object.fromEntries(
  LANGUAGES.map((language) => [language, readFileSync(new URL(`${language}.md`, FOLDER), 'utf8')]),
)
const idsOf = (language: string) =>
  parseExplanations(pages[language]!).map(({ explanations }) => explanations.map(({ id }) => id))

test('every language has its page, and no page is without a language', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(LANGUAGES.map((language) => `${language}.md`).toSorted())
})

test.each([
  ['obstacle', 0, Object.keys(OBSTACLE_STAGES)],
  ['warning', 1, WARNING_IDS],
  ['caveat', 2, CAVEATS],
  ['remedy', 3, REMEDY_IDS],
])('every %s is explained, and none that is not there', (_, group, known) => {
  expect(idsOf('en')[group]!.toSorted()).toEqual([...known].toSorted())
})

test('no word is explained twice', () => {
  const ids = idsOf('en').flat()
  expect(ids).toEqual([...new Set(ids)])
})

describe.each(LANGUAGES)('%s', (language) => {
  const explanations = parseExplanations(pages[language]!).flatMap((group) => group.explanations)

  test('explains the words that English explains, in the same order', () => {
    expect(idsOf(language)).toEqual(idsOf('en'))
  })

  test('names the same commands, files and addresses as English in each', () => {
    const english = parseExplanations(pages.en!).flatMap((group) => group.explanations)
    const codes = (paragraphs: readonly string[]) =>
      paragraphs.flatMap((text) => text.match(/`[^`]*`/g) ?? []).toSorted()
    for (const [index, { id, paragraphs }] of explanations.entries()) {
      expect([id, codes(paragraphs)]).toEqual([id, codes(english[index]!.paragraphs)])
    }
  })

  test('sends readers only to words that there are', () => {
    const ids = new Set(explanations.map(({ id }) => id))
    const named = explanations.flatMap(({ paragraphs }) =>
      paragraphs.flatMap((text) =>
        [...text.matchAll(/(?:See|Voyez|and|et) `([a-z][a-z0-9-]*)`/g)].map((match) => match[1]!),
      ),
    )
    expect(named.filter((word) => !ids.has(word))).toEqual([])
  })

  test('stays within half a page each', () => {
    for (const { id, paragraphs } of explanations) {
      const words = paragraphs.join(' ').split(' ').length
      expect([id, words >= 15 && words <= 220]).toEqual([id, true])
    }
  })
})

test('French is set with its own spaces', () => {
  expect(pages.fr).not.toMatch(/ [;?!»%]| :(?!:)|«[^\u00a0]/)
})

test.each([
  ['no title', '## A\n\n### word\n\nText.\n'],
  ['no word', '## A\n\n### Two words\n\n**Title.** Text.\n'],
])('a page with %s is refused', (_, page) => {
  expect(() => parseExplanations(page)).toThrow(RangeError)
})
