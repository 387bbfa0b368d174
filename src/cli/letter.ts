import type { Diagnosis } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import { renderLetter } from '../report/letter.ts'
import { renderMessage } from '../report/render-message.ts'
import { wrap } from '../report/wrap.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import { checkHere } from './check-here.ts'
import { showHelp } from './help.ts'
import type { Command } from './io.ts'
import { redactCheck, redactorFor } from './redact.ts'

const { json: _, ...FLAGS } = CHECK_FLAGS
const OPTIONS = { ...FLAGS, help: { type: 'boolean', short: 'h' } } as const

export const runLetter: Command = async (args, io) => {
  const { values } = readArguments('letter', args, OPTIONS)
  if (values.help) return showHelp('letter', io, values.lang)
  const asked = await readCheckOptions(values, io)
  const result = await checkHere(asked, io)
  if (typeof result === 'number') return result
  const { report, diagnosis } = values.redact ? redactCheck(result, redactorFor(result, io), asked.language) : result
  const letter = renderLetter(diagnosis, { at: report.at, language: asked.language })
  if (letter !== undefined) {
    io.stdout.write(letter)
    return 0
  }
  const why = renderMessage(message(whyNone(diagnosis)), asked.language)
  io.stderr.write(`${wrap(why, { width: io.stderr.columns }).join('\n')}\n`)
  return diagnosis.verdict === 'unknown' ? 3 : 1
}

function whyNone({ verdict }: Diagnosis): string {
  if (verdict === 'reachable') return 'letter.none-reachable'
  return verdict === 'unknown' ? 'letter.none-unknown' : 'letter.none'
}
