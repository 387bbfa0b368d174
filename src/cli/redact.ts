import { hostname } from 'node:os'
import { basename } from 'node:path'
import type { CheckResult } from '../check.ts'
import { hostNamesIn, Redactor } from '../report/redact.ts'
import type { Language } from '../report/render-message.ts'
import { buildReport } from '../report/report.ts'
import type { Io } from './io.ts'

/** Knows what of a check names the people and machines here, and those that it asked. */
export function redactorFor({ diagnosis }: CheckResult, { env, homeFolder }: Pick<Io, 'env' | 'homeFolder'>): Redactor {
  const users = [env.USER, env.LOGNAME, env.SUDO_USER, basename(homeFolder)]
  const own = hostname()
  return new Redactor({
    hosts: [...hostNamesIn(diagnosis), own, own.split('.')[0]!],
    users: users.filter((user) => user !== undefined),
  })
}

/** The same check, fit to be shown to strangers: its sentences are made anew from what is redacted. */
export function redactCheck<R extends CheckResult>(result: R, redactor: Redactor, language: Language): R {
  const { report } = result
  const { peerway: version, at, durationMs } = report
  const diagnosis = redactor.value(result.diagnosis)
  const node = redactor.value(report.node)
  return { ...result, diagnosis, report: buildReport(diagnosis, { version, at, durationMs, language, node }) }
}
