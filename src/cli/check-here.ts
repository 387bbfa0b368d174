import { type CheckResult, check } from '../check.ts'
import { openOsHost, releaseOsHost } from '../host/os/os-host.ts'
import { keepLastCheck } from '../last-check.ts'
import { type CheckOptions, planOf } from '../plan-of.ts'
import type { Language } from '../report/render-message.ts'
import type { Io } from './io.ts'
import { progressLine } from './progress-line.ts'
import { openStateFolder, otherStateFolders } from './settings.ts'

/**
 * Checks this machine, shows what is being asked, and keeps what was found. A number is the exit status of a signal that
 * came first. `PeerwayError` `bad-input` for what is asked wrongly, before a folder is made for it.
 */
export async function checkHere(
  asked: CheckOptions & { readonly language: Language },
  io: Io,
): Promise<CheckResult | number> {
  planOf(asked)
  const stateFolder = openStateFolder(io, asked.language)
  const options = { ...asked, stateFolder, otherStateFolders: otherStateFolders(io) }
  const host = openOsHost()
  const line = progressLine(io, asked.language)
  const interrupted = io.interrupted()
  const result = await Promise.race([check(options, host, line.update), interrupted]).finally(line.clear)
  if (typeof result === 'number') {
    await releaseOsHost()
    return result
  }
  const { report, diagnosis } = result
  if (stateFolder !== null) await keepLastCheck(host, stateFolder, { at: report.at, diagnosis })
  return result
}
