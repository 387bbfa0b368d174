import type { CheckResult } from '../check.ts'
import { type FixResult, fix, type Proposal } from '../fix.ts'
import { openOsHost, releaseOsHost } from '../host/os/os-host.ts'
import { keepLastCheck } from '../last-check.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { type Message, message } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import { planOf } from '../plan-of.ts'
import { REMEDY_IDS } from '../remedy/remedy-ids.ts'
import { renderChanges } from '../report/change-lines.ts'
import { type ReportChange, reportChange, reportPlanned } from '../report/change-report.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { renderText } from '../report/text.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import { showHelp } from './help.ts'
import type { Command, Io } from './io.ts'
import { EXIT_STATUS, hasColor } from './outcome.ts'
import { progressLine } from './progress-line.ts'
import { redactCheck, redactorFor } from './redact.ts'
import { openStateFolder, otherStateFolders, requireStateFolder } from './settings.ts'

const OPTIONS = {
  ...CHECK_FLAGS,
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const

export const runFix: Command = async (args, io) => {
  const { values } = readArguments('fix', args, OPTIONS)
  if (values.help) return showHelp('fix', io, values.lang)
  const asked = await readCheckOptions(values, io)
  planOf(asked)
  const only = values.only?.map(requireRemedy)
  const dryRun = values['dry-run'] === true
  if (!dryRun && values.yes !== true && !io.canAsk) {
    throw new PeerwayError('bad-input', errorText('error.nobody-to-ask'))
  }
  const stateFolder = dryRun ? openStateFolder(io, asked.language) : requireStateFolder(io)
  const host = openOsHost()
  let line = progressLine(io, asked.language)
  const stop = new AbortController()
  const interrupted = io.interrupted().then((status) => {
    stop.abort()
    return status
  })
  const events = {
    agree: async (proposal: Proposal) => {
      if (values.yes === true) return true
      line.clear()
      const agreed = await Promise.race([agree(proposal, asked.language, io), interrupted.then(() => false)])
      line = progressLine(io, asked.language)
      return agreed
    },
    onProgress: (progress: Progress) => line.update(progress),
    onTrouble: (trouble: Message) => io.stderr.write(`peerway: ${renderMessage(trouble, asked.language)}\n`),
    signal: stop.signal,
  }
  const result = await fix(
    { ...asked, stateFolder, otherStateFolders: otherStateFolders(io), only, dryRun },
    events,
    host,
  ).finally(() => line.clear())
  if (stop.signal.aborted) {
    await releaseOsHost()
    return interrupted
  }
  const { report, diagnosis } = result
  if (stateFolder !== null) await keepLastCheck(host, stateFolder, { at: report.at, diagnosis })
  const changes = changesOf(result, asked.language)
  if (values.redact) {
    const redactor = redactorFor(result, io)
    print(
      redactCheck(result, redactor, asked.language),
      redactor.value(changes),
      asked.language,
      values.json === true,
      io,
    )
  } else print(result, changes, asked.language, values.json === true, io)
  return result.stillStopped ? 1 : EXIT_STATUS[result.report.verdict]
}

function requireRemedy(text: string): string {
  if (REMEDY_IDS.some((id) => id === text)) return text
  throw new PeerwayError('bad-input', errorText('error.remedy', { text, known: REMEDY_IDS.join(', ') }))
}

/** Shows the verdict and what would be changed, and asks. Anything but a clear yes is no. */
async function agree({ diagnosis, changes }: Proposal, language: Language, io: Io): Promise<boolean> {
  const options = { language, width: io.stderr.columns, color: hasColor({ stdout: io.stderr, env: io.env }) }
  const plan = changes.map((change) => reportPlanned(change, language))
  io.stderr.write(`${renderText({ ...diagnosis, remedies: [], notes: [] }, options)}\n${renderChanges(plan, options)}`)
  const answer = await io.ask(`${renderMessage(message('fix.ask'), language)} `)
  return /^(y|yes|o|oui)$/i.test(answer.trim())
}

function print(
  { report, diagnosis }: CheckResult,
  changes: readonly ReportChange[],
  language: Language,
  json: boolean,
  io: Io,
): void {
  if (json) return io.stdout.write(`${JSON.stringify({ ...report, changes }, null, 2)}\n`)
  const options = { language, width: io.stdout.columns, color: hasColor(io) }
  const below = renderChanges(changes, options)
  io.stdout.write(`${renderText(diagnosis, options)}${below === '' ? '' : `\n${below}`}`)
}

function changesOf({ changes, proposed }: FixResult, language: Language): readonly ReportChange[] {
  return [...changes.map((one) => reportChange(one, language)), ...proposed.map((one) => reportPlanned(one, language))]
}
