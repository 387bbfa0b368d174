import type { Diagnosis } from '../model/diagnosis.ts'
import { message } from '../model/message.ts'
import { renderLetter } from '../report/letter.ts'
import { renderMessage } from '../report/render-message.ts'
import { wrap } from '../report/wrap.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import { checkHere } from './check-here.ts'
import type { Command } from './io.ts'
import { redactCheck, redactorFor } from './redact.ts'

const { json: _, ...FLAGS } = CHECK_FLAGS
const OPTIONS = { ...FLAGS, help: { type: 'boolean', short: 'h' } } as const

const HELP = `Checks, and writes to your provider what only your provider can change.

Usage: peerway letter [OPTION ...]

  the options of "peerway check", but --json

The letter goes to standard output, ready to be mailed, with what was measured and
a request for exactly what is needed: a public address, no filter on these ports,
or bridge mode. Add your name and customer number. Where nothing is for the
provider to change, it says so on standard error and writes no letter.

Exit status: 0 a letter, 1 nothing to ask of the provider, 3 not known, 2 wrong
usage or an error.
`

export const runLetter: Command = async (args, io) => {
  const { values } = readArguments('letter', args, OPTIONS)
  if (values.help) {
    io.stdout.write(HELP)
    return 0
  }
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
