import { readFileSync } from 'node:fs'
import { openOsHost } from '../host/os/os-host.ts'
import { readLastCheck } from '../last-check.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { renderExplanation, renderWords } from '../report/explain.ts'
import { type Explanations, findExplanation, nearestExplanations, parseExplanations } from '../report/explanations.ts'
import type { Language } from '../report/render-message.ts'
import { readArguments } from './arguments.ts'
import { showHelp } from './help.ts'
import type { Command } from './io.ts'
import { hasColor } from './outcome.ts'
import { readSettings, stateFolder } from './settings.ts'

const OPTIONS = { lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** A name may have several words: `peerway explain stateful firewall`. */
const MOST_WORDS = 8

export const runExplain: Command = async (args, io) => {
  const { values, positionals } = readArguments('explain', args, OPTIONS, MOST_WORDS)
  if (values.help) return showHelp('explain', io, values.lang)
  const { language } = await readSettings(values, io)
  const explanations = readExplanations(language)
  const options = { language, width: io.stdout.columns, color: hasColor(io) }
  const word = positionals.join(' ')
  if (word === '') {
    io.stdout.write(renderWords(explanations, options))
    return 0
  }
  const explanation = findExplanation(explanations, word)
  if (explanation === undefined) throw unknownWord(word, nearestExplanations(explanations, word))
  const last = await readLastCheck(openOsHost(), stateFolder(io))
  io.stdout.write(renderExplanation(explanation, last, options))
  return 0
}

/** The page of docs/explain, which comes with peerway. */
function readExplanations(language: Language): Explanations {
  return parseExplanations(readFileSync(new URL(`../../docs/explain/${language}.md`, import.meta.url), 'utf8'))
}

function unknownWord(word: string, nearest: readonly string[]): PeerwayError {
  return new PeerwayError('bad-input', errorText('error.explain', { word, nearest: nearest.join(', ') || null }))
}
