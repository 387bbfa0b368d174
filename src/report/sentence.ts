import type { Message, MessageParams, MessageValue } from '../model/message.ts'
import { fillTemplate } from '../model/template.ts'
import { showEndpointList } from './endpoint-list.ts'
import { momentOf } from './iso-time.ts'
import type { Grammar } from './language.ts'
import { PROTOCOL_NAMES } from './protocol-names.ts'
import { visible } from './visible.ts'

const ENDPOINT_LISTS = new Set(['endpoints', 'open', 'shut', 'rest'])

/** Of the language that is spoken. */
export interface Speech {
  readonly grammar: Grammar
  /** A message inside another one. */
  readonly say: (message: Message) => string
}

/**
 * A sentence of one catalogue, filled, safe to show on a terminal. Parameters called `endpoints`, `open` and `shut` are lists of
 * endpoint names separated by commas (`udp/ipv4/4001, tcp/ipv4/4001`); in `ports` they are shown without their families.
 * `time` is a moment as `isoTime` writes it. A message inside a message is a sentence of that language.
 */
export function fillSentence(template: string, params: MessageParams, { grammar, say }: Speech): string {
  const show = (name: string, value: MessageValue) =>
    typeof value === 'object' ? say(value) : showValue(name, value, grammar)
  return fillTemplate(grammar.typeset(template), params, { singular: grammar.singular, show })
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
