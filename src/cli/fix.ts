import { type FixResult, fix, type Proposal } from '../fix.ts'
import { openOsHost, releaseOsHost } from '../host/os/os-host.ts'
import { keepLastCheck } from '../last-check.ts'
import { PeerwayError } from '../model/error.ts'
import { message } from '../model/message.ts'
import type { Progress } from '../model/plan.ts'
import { planOf } from '../plan-of.ts'
import { REMEDY_IDS } from '../remedy/remedy-ids.ts'
import { renderChanges } from '../report/change-lines.ts'
import { type ReportChange, reportChange, reportPlanned } from '../report/change-report.ts'
import { type Language, renderMessage } from '../report/render-message.ts'
import { renderText } from '../report/text.ts'
import { readArguments } from './arguments.ts'
import { CHECK_FLAGS, readCheckOptions } from './check-flags.ts'
import type { Command, Io } from './io.ts'
import { EXIT_STATUS, hasColor } from './outcome.ts'
import { progressLine } from './progress-line.ts'
import { openStateFolder, otherStateFolders, requireStateFolder } from './settings.ts'

const OPTIONS = {
  ...CHECK_FLAGS,
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const

const HELP = `Checks, and then makes the smallest change that lets strangers in.

Usage: peerway fix [OPTION ...]

  the options of "peerway check", and:
  --dry-run          say what would be changed, and change nothing
  --yes              do not ask; UPnP is used too, where nothing better is there
  --only REMEDY      use this remedy and no other; may be repeated ("peerway
                     explain" lists them)

What is changed is shown first, written down before it is made, and proven by a
dial from outside. What did not help is taken back at once; the rest whenever you
like, by "peerway undo --all".

Exit status: as of check, by what was measured after the change; 1 also while
something that it was to clear is still there.
`

export const runFix: Command = async (args, io) => {
  const { values } = readArguments('fix', args, OPTIONS)
  if (values.help) {
    io.stdout.write(HELP)
    return 0
  }
  const asked = await readCheckOptions(values, io)
  planOf(asked)
  const only = values.only?.map(requireRemedy)
  const dryRun = values['dry-run'] === true
  if (!dryRun && values.yes !== true && !io.canAsk) {
    throw new PeerwayError('bad-input', 'nobody is there to ask: add --yes to fix, or --dry-run')
  }
  const stateFolder = dryRun ? openStateFolder(io) : requireStateFolder(io)
  const host = openOsHost()
  let line = progressLine(io)
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
      line = progressLine(io)
      return agreed
    },
    onProgress: (progress: Progress) => line.update(progress),
    onTrouble: (trouble: string) => io.stderr.write(`peerway: ${trouble}\n`),
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
  print(result, asked.language, values.json === true, io)
  return result.stillStopped ? 1 : EXIT_STATUS[result.report.verdict]
}

function requireRemedy(text: string): string {
  if (REMEDY_IDS.some((id) => id === text)) return text
  throw new PeerwayError('bad-input', `"${text}" is no remedy; there are: ${REMEDY_IDS.join(', ')}`)
}

/** Shows the verdict and what would be changed, and asks. Anything but a clear yes is no. */
async function agree({ diagnosis, changes }: Proposal, language: Language, io: Io): Promise<boolean> {
  const options = { language, width: io.stderr.columns, color: hasColor({ stdout: io.stderr, env: io.env }) }
  const plan = changes.map((change) => reportPlanned(change, language))
  io.stderr.write(`${renderText({ ...diagnosis, remedies: [], notes: [] }, options)}\n${renderChanges(plan, options)}`)
  const answer = await io.ask(`${renderMessage(message('fix.ask'), language)} `)
  return /^(y|yes|o|oui)$/i.test(answer.trim())
}

function print(result: FixResult, language: Language, json: boolean, io: Io): void {
  const { report, diagnosis } = result
  const changes = changesOf(result, language)
  if (json) return io.stdout.write(`${JSON.stringify({ ...report, changes }, null, 2)}\n`)
  const options = { language, width: io.stdout.columns, color: hasColor(io) }
  const below = renderChanges(changes, options)
  io.stdout.write(`${renderText(diagnosis, options)}${below === '' ? '' : `\n${below}`}`)
}

function changesOf({ changes, proposed }: FixResult, language: Language): readonly ReportChange[] {
  return [...changes.map((one) => reportChange(one, language)), ...proposed.map((one) => reportPlanned(one, language))]
}
