import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Message } from '../../src/model/message.ts'
import type { Say } from '../../src/report/html/say.ts'
import { enGrammar } from '../../src/report/messages/grammar-en.ts'
import { frGrammar } from '../../src/report/messages/grammar-fr.ts'
import { pageEn } from '../../src/report/messages/page-en.ts'
import { pageFr } from '../../src/report/messages/page-fr.ts'
import type { Language } from '../../src/report/render-message.ts'
import { fillSentence } from '../../src/report/sentence.ts'

const CATALOGUES = {
  en: { catalogue: pageEn, grammar: enGrammar, locale: 'en-GB' },
  fr: { catalogue: pageFr, grammar: frGrammar, locale: 'fr' },
} as const

/** What the page says in one language, and how it writes times and numbers: those of this browser's place. */
export interface Words {
  readonly lang: Language
  /** For times and numbers: English with the 24 hours that logs have. */
  readonly locale: string
  readonly say: Say
  /** `3 minutes ago`, `in 2 hours`. */
  ago(at: string | number, nowMs: number): string
  /** `24 Nov, 14:05`. */
  time(at: string | number): string
  number(value: number): string
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

export function wordsIn(lang: Language): Words {
  const { catalogue, grammar, locale } = CATALOGUES[lang]
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const moment = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const known: Readonly<Record<string, string>> = catalogue
  const fill = ({ id, params }: Message): string => fillSentence(known[id] ?? id, params, { grammar, say: fill })
  return {
    lang,
    locale,
    say: (id, params = {}) => fill({ id, params }),
    ago: (at, nowMs) => {
      const seconds = Math.round((msOf(at) - nowMs) / 1000)
      const [unit, size] = UNITS.find((each) => Math.abs(seconds) >= each[1]) ?? UNITS[3]
      return relative.format(Math.round(seconds / size), unit)
    },
    time: (at) => moment.format(msOf(at)),
    number: (value) => numbers.format(value),
  }
}

function msOf(at: string | number): number {
  return typeof at === 'number' ? at : Date.parse(at)
}

export const WordsContext = createContext<Words>(wordsIn('en'))

export function useWords(): Words {
  return useContext(WordsContext)
}
