import type { Message, MessageValue } from '../model/message.ts'
import { fillTemplate } from '../model/template.ts'
import { showEndpointList } from './endpoint-list.ts'
import { momentOf } from './iso-time.ts'
import type { Grammar } from './language.ts'
import { en, enGrammar } from './messages/en.ts'
import { fr, frGrammar } from './messages/fr.ts'
import { PROTOCOL_NAMES } from './protocol-names.ts'
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

const ENDPOINT_LISTS = new Set(['endpoints', 'open', 'shut', 'rest'])

/**
 * A message as a sentence of `language`, safe to show on a terminal. An id that the catalogue does not have is shown as
 * it is: at two in the morning a strange word is better than no report. Parameters called `endpoints`, `open` and
 * `shut` are lists of endpoint names separated by commas (`udp/ipv4/4001, tcp/ipv4/4001`); in `ports` they are shown
 * without their families. `time` is a moment as `isoTime` writes it. A message inside a message is a sentence of that language.
 */
export function renderMessage(message: Message, language: Language): string {
  const { catalogue, grammar } = CATALOGUES[language]
  const template = Object.hasOwn(catalogue, message.id) ? catalogue[message.id as MessageId] : visible(message.id)
  const show = (name: string, value: MessageValue) =>
    typeof value === 'object' ? renderMessage(value, language) : showValue(name, value, grammar)
  return fillTemplate(grammar.typeset(template), message.params, { singular: grammar.singular, show })
}

function showValue(name: string, given: string | number, grammar: Grammar): string {
  const value = String(given)
  const { and } = grammar
  if (typeof given === 'number') return value.replace('.', grammar.decimal)
  if (ENDPOINT_LISTS.has(name)) return showEndpointList(value, { and, families: true }) ?? visible(value)
  if (name === 'ports') return showEndpointList(value, { and, families: false }) ?? visible(value)
  if (name === 'family') return visible(value.replace('ipv', 'IPv'))
  if (name === 'protocol') return visible(PROTOCOL_NAMES[value] ?? value)
  if (name === 'transport') return visible(value.toUpperCase())
  if (name === 'time') return showTime(value, grammar)
  // What a program said over several lines is one line here.
  return visible(value.replaceAll(/\s*[\r\n]+\s*/g, ' '))
}

function showTime(value: string, grammar: Grammar): string {
  const moment = momentOf(value)
  return moment === undefined ? visible(value) : grammar.time(moment)
}
