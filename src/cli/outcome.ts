import type { Verdict } from '../model/diagnosis.ts'
import type { Io } from './io.ts'

/** The exit status says the verdict, so that scripts need not read the report. */
export const EXIT_STATUS: Readonly<Record<Verdict, number>> = {
  reachable: 0,
  'partly-reachable': 1,
  unreachable: 1,
  unknown: 3,
}

/** https://no-color.org: any value but the empty one. */
export function hasColor({ stdout, env }: Pick<Io, 'stdout' | 'env'>): boolean {
  return stdout.isTerminal && env.TERM !== 'dumb' && (env.NO_COLOR ?? '') === ''
}
