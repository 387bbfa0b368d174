import type { IdleTcpFact } from '../model/evidence.ts'
import { type Message, message } from '../model/message.ts'
import type { Findings } from './findings.ts'

/** One that died may have been unlucky. */
const LEAST_DIED = 2

/** For how long the way remembers a TCP connection on which nothing is said, where that was measured and is clear. */
export function idleTcpNotes(findings: Findings): readonly Message[] {
  return findings.of('idle-tcp').flatMap(({ value }) => noteOf(value))
}

function noteOf({ family, livedSeconds, diedSeconds }: IdleTcpFact): readonly Message[] {
  const lived = Math.max(0, ...livedSeconds)
  // One that was idle for longer lived: these were unlucky.
  const died = diedSeconds.filter((seconds) => seconds > lived)
  // Where none lived, it need not be the silence that ended them.
  if (lived === 0) return []
  if (died.length === 0) return [message('note.idle-tcp-lives', { family, lived })]
  if (died.length < LEAST_DIED) return []
  return [message('note.idle-tcp-forgotten', { family, lived, died: Math.min(...died) })]
}
