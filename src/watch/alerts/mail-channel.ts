import type { Alert } from './alert.ts'
import type { AlertChannel } from './alerter.ts'
import { runBounded } from './run-bounded.ts'

const TIMEOUT_MS = 60_000
/** Base64 of a line of a mail: at most 76 characters (RFC 2045 §6.8). */
const LINE = /.{1,76}/g
/** Bytes of one encoded word, whose whole is at most 75 characters (RFC 2047 §2). */
const WORD_BYTES = 42

/** By the `sendmail` of this host, whichever mail system it belongs to; it writes the sender. */
export function mailChannel(to: string, program = 'sendmail', timeoutMs = TIMEOUT_MS): AlertChannel {
  return {
    name: 'e-mail',
    send: (alert, signal) =>
      runBounded([program, '-i', '--', to], { stdin: mailOf(alert, to), env: {}, timeoutMs, signal }),
  }
}

/** Lines end as sendmail wants them, and it makes the rest of the head. No answer of a machine to this one is wanted (RFC 3834). */
export function mailOf({ subject, text }: Alert, to: string): string {
  const body = Buffer.from(`${text}\n`).toString('base64').match(LINE) ?? []
  return [
    `To: ${to}`,
    `Subject: ${encodedWords(subject)}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...body,
    '',
  ].join('\n')
}

/** Plain where it is ASCII and fits a line; else in words that no character straddles (RFC 2047 §5). */
function encodedWords(text: string): string {
  if (/^[\x20-\x7e]{1,60}$/.test(text)) return text
  const words: string[] = ['']
  for (const character of text.replace(/[\r\n]+/g, ' ')) {
    const word = words.at(-1)! + character
    if (Buffer.byteLength(word) <= WORD_BYTES) words[words.length - 1] = word
    else words.push(character)
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\n ')
}
