import type { Grammar } from '../language.ts'

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const

export const enGrammar: Grammar = {
  and: 'and',
  singular: (count) => count === 1,
  decimal: '.',
  time: ({ day, monthIndex, year, hour, minute }) =>
    `${day} ${MONTHS[monthIndex]} ${year}, ${String(hour).padStart(2, '0')}:${minute} UTC`,
  typeset: (template) => template,
}
