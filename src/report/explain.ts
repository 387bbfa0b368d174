import type { Diagnosis } from '../model/diagnosis.ts'
import { type MessageParams, message } from '../model/message.ts'
import { REMEDY_IDS } from '../remedy/remedy-ids.ts'
import type { Explanation, Explanations } from './explanations.ts'
import { foundHere } from './found-here.ts'
import { painter } from './paint.ts'
import { type Language, renderMessage } from './render-message.ts'
import type { TextOptions } from './text.ts'
import { wrap } from './wrap.ts'

/** What a check found, before it had a language, and when it began (ISO 8601 in UTC). */
export interface LastCheck {
  readonly at: string
  readonly diagnosis: Diagnosis
}

/** More sentences of one kind than this help nobody at a glance; the report has them all. */
const MOST_FOUND = 10

/** An explanation for a terminal, ending in a newline, with what the last check found of it; null where there was none. */
export function renderExplanation(
  explanation: Explanation,
  last: LastCheck | null,
  { language, width, color }: TextOptions,
): string {
  const paint = painter(color)
  const blocks = [
    wrap(explanation.title, { width }).map((line) => paint('bold', line)),
    ...explanation.paragraphs.map((paragraph) => wrap(paragraph, { width })),
    foundLines(explanation.id, last, language, width),
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function foundLines(id: string, last: LastCheck | null, language: Language, width: number): string[] {
  const say = (what: string, params: MessageParams = {}) => renderMessage(message(what, params), language)
  if (last === null) return wrap(say('explain.no-check'), { width })
  const found = foundHere(id, last.diagnosis, language)
  if (found === undefined) return []
  if (found.length === 0)
    return wrap(say(isRemedy(id) ? 'explain.not-proposed' : 'explain.not-here', { time: last.at }), { width })
  const shown = [...new Set(found)].slice(0, MOST_FOUND)
  return [
    ...wrap(say('explain.here', { time: last.at }), { width }),
    ...shown.flatMap((sentence) => wrap(sentence, { width, prefix: '  - ' })),
  ]
}

function isRemedy(id: string): boolean {
  return REMEDY_IDS.some((known) => known === id)
}

/** All words, by groups, as columns of an index. */
export function renderWords(explanations: Explanations, { width, color }: TextOptions): string {
  const paint = painter(color)
  const blocks = explanations.map(({ title, explanations: words }) => [
    paint('bold', title),
    ...wrap(words.map(({ id }) => id).join(', '), { width, prefix: '  ' }),
  ])
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
