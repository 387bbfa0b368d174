import type { Message } from '../model/message.ts'
import { en } from './messages/en.ts'
import { fr } from './messages/fr.ts'
import { enGrammar } from './messages/grammar-en.ts'
import { frGrammar } from './messages/grammar-fr.ts'
import { fillSentence } from './sentence.ts'
import { visible } from './visible.ts'

/** A language more is a file in `messages/` and its line here, and a page in docs/explain. */
const CATALOGUES = {
  en: { catalogue: en, grammar: enGrammar },
  fr: { catalogue: fr, grammar: frGrammar },
} as const

export type Language = keyof typeof CATALOGUES
export const LANGUAGES = Object.keys(CATALOGUES) as readonly Language[]

/** Every sentence there is; the keys of `messages/en.ts`, and the same in every other language. */
export type MessageId = keyof typeof en

/**
 * A message as a sentence of `language`, by the rules of `fillSentence`. An id that the catalogue does not have is shown as it
 * is: at two in the morning a strange word is better than no report.
 */
export function renderMessage(message: Message, language: Language): string {
  const { catalogue, grammar } = CATALOGUES[language]
  const template = Object.hasOwn(catalogue, message.id) ? catalogue[message.id as MessageId] : visible(message.id)
  const say = (inner: Message) => renderMessage(inner, language)
  return fillSentence(template, message.params, { grammar, say })
}
