import { renderHtml } from '../report/html/render-html.ts'
import { renderText } from '../report/text.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, HTML_FLAG, readCheckOptions } from './check-flags.ts'
import { checkHere } from './check-here.ts'
import { showHelp } from './help.ts'
import type { Command } from './io.ts'
import { EXIT_STATUS, hasColor } from './outcome.ts'
import { redactCheck, redactorFor } from './redact.ts'
import { writeOutput } from './write-output.ts'

const OPTIONS = { ...CHECK_FLAGS, ...HTML_FLAG, help: { type: 'boolean', short: 'h' } } as const

export const runCheck: Command = async (args, io) => {
  const { values } = readArguments('check', args, OPTIONS)
  if (values.help) return showHelp('check', io, values.lang)
  const asked = await readCheckOptions(values, io)
  const result = await checkHere(asked, io)
  if (typeof result === 'number') return result
  const { report, diagnosis } = values.redact ? redactCheck(result, redactorFor(result, io), asked.language) : result
  io.stdout.write(
    values.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderText(diagnosis, { language: asked.language, width: io.stdout.columns, color: hasColor(io) }),
  )
  if (values.html !== undefined) writeOutput(values.html, renderHtml(diagnosis, report, asked.language))
  return EXIT_STATUS[report.verdict]
}
