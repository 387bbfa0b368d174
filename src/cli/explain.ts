import { PeerwayError } from '../model/error.ts'
import { type MessageParams, message } from '../model/message.ts'
import { OBSTACLE_STAGES, type ObstacleId } from '../model/obstacle.ts'
import { en } from '../report/messages/en.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { wrap } from '../report/wrap.ts'
import { readArguments } from './arguments.ts'
import type { Command } from './io.ts'
import { readSettings } from './settings.ts'

const OPTIONS = { lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

const HELP = `What a word of the report means.

Usage: peerway explain [--lang en|fr] [OBSTACLE|WARNING|REMEDY|CAVEAT|TERM]

Without a word, all that there are.
`

const KINDS = ['obstacle', 'warning', 'remedy', 'caveat', 'term'] as const

export const runExplain: Command = async (args, io) => {
  const { values, positionals } = readArguments('explain', args, OPTIONS, 1)
  if (values.help) {
    io.stdout.write(HELP)
    return 0
  }
  const { language } = await readSettings(values, io)
  const [word] = positionals
  const text = word === undefined ? listWords(language) : explain(word.toLowerCase(), language)
  const lines = text.flatMap((paragraph) => wrap(paragraph, { width: io.stdout.columns }))
  io.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

/** What is both a remedy and a term is told as both. */
function explain(word: string, language: Language): readonly string[] {
  const kinds = KINDS.filter((kind) => wordsOf(kind).includes(word))
  if (kinds.length === 0) {
    throw new PeerwayError('bad-input', `no report of peerway says "${word}"; peerway explain lists what they say`)
  }
  const say = (id: string, params: MessageParams = {}) => renderMessage(message(id, params), language)
  // Sentences about a remedy name the port; there is none here.
  const sentences = kinds.map((kind) => say(`${kind}.${word}`, kind === 'remedy' ? { ports: say('explain.port') } : {}))
  if (!isObstacleId(word)) return sentences
  return [...sentences, say('explain.stage', { stage: say(`stage.${OBSTACLE_STAGES[word]}`) })]
}

function isObstacleId(word: string): word is ObstacleId {
  return Object.hasOwn(OBSTACLE_STAGES, word)
}

function listWords(language: Language): readonly string[] {
  return KINDS.map((kind) => `${renderMessage(message(`explain.${kind}`), language)}: ${wordsOf(kind).join(', ')}`)
}

/** Ids of one kind in the catalogue: `obstacle.carrier-nat` is the word `carrier-nat`. */
function wordsOf(kind: (typeof KINDS)[number]): readonly string[] {
  return Object.keys(en).flatMap((id) => (id.startsWith(`${kind}.`) ? [id.slice(kind.length + 1)] : []))
}
