import type { Grammar } from '../language.ts'

const MONTHS = [
  ...['janvier', 'février', 'mars', 'avril', 'mai', 'juin'],
  ...['juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'],
] as const

/** Imprimerie nationale: hours with an h, the first of the month as an ordinal, spaces before high punctuation. */
export const frGrammar: Grammar = {
  and: 'et',
  singular: (count) => Math.abs(count) < 2,
  decimal: ',',
  time: ({ day, monthIndex, year, hour, minute }) =>
    `${day === 1 ? '1er' : day} ${MONTHS[monthIndex]} ${year} à ${hour}\u00a0h\u00a0${minute} UTC`,
  // A line must break neither before high punctuation, nor inside quotation marks, nor between a number and its unit.
  typeset: (template) =>
    template
      .replace(/ (?=[:;?!»%])(?!::)/g, '\u00a0')
      .replace(/« /g, '«\u00a0')
      .replace(/\} ms\b/g, '}\u00a0ms'),
}
