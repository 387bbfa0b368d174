import type { Message } from '../model/message.ts'
import { showEndpointList } from './endpoint-list.ts'
import { en } from './messages/en.ts'
import { fr } from './messages/fr.ts'
import { PROTOCOL_NAMES } from './protocol-names.ts'
import { fillTemplate } from './template.ts'
import { visible } from './visible.ts'

export const LANGUAGES = ['en', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

/** Every sentence there is; the keys of `messages/en.ts`, and the same in every other language. */
export type MessageId = keyof typeof en

const GRAMMAR = {
  en: { catalogue: en, and: 'and', singular: (count: number) => count === 1, typeset: (template: string) => template },
  fr: { catalogue: fr, and: 'et', singular: (count: number) => Math.abs(count) < 2, typeset: typesetFrench },
} as const

const ENDPOINT_LISTS = new Set(['endpoints', 'open', 'shut', 'rest'])

/**
 * A message as a sentence of `language`, safe to show on a terminal. An id that the catalogue does not have is shown as
 * it is: at two in the morning a strange word is better than no report. Parameters called `endpoints`, `open` and
 * `shut` are lists of endpoint names separated by commas (`udp/ipv4/4001, tcp/ipv4/4001`); in `ports` they are shown
 * without their families.
 */
export function renderMessage(message: Message, language: Language): string {
  const { catalogue, and, singular, typeset } = GRAMMAR[language]
  const template = Object.hasOwn(catalogue, message.id) ? catalogue[message.id as MessageId] : visible(message.id)
  const show = (name: string, value: string | number) => showValue(name, String(value), and)
  return fillTemplate(typeset(template), message.params, { singular, show })
}

function showValue(name: string, value: string, and: string): string {
  if (ENDPOINT_LISTS.has(name)) return showEndpointList(value, { and, families: true }) ?? visible(value)
  if (name === 'ports') return showEndpointList(value, { and, families: false }) ?? visible(value)
  if (name === 'family') return visible(value.replace('ipv', 'IPv'))
  if (name === 'protocol') return visible(PROTOCOL_NAMES[value] ?? value)
  if (name === 'transport') return visible(value.toUpperCase())
  return visible(value)
}

/** French puts a space before high punctuation and inside its quotation marks; a line must not break there. */
function typesetFrench(template: string): string {
  return template.replace(/ (?=[:;?!»%])/g, '\u00a0').replace(/« /g, '«\u00a0')
}
