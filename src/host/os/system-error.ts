import { errorText, PeerwayError, type PeerwayErrorCode } from '../../model/error.ts'
import type { ErrorTextId } from '../../model/error-texts.ts'
import type { Message } from '../../model/message.ts'

/** The system's own name of an error (`EADDRINUSE`), or `''` for what is not a system's error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The system call that failed (`bind`), or `''`. */
export function syscallOf(error: unknown): string {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : ''
}

const CODES = {
  EADDRINUSE: ['busy', 'error.of.held-by-other'],
  EADDRNOTAVAIL: ['not-available', 'error.of.not-own-address'],
  EAFNOSUPPORT: ['not-available', 'error.of.no-family'],
  EINVAL: ['not-available', 'error.of.address-refused'],
  ENETUNREACH: ['not-available', 'error.of.no-route'],
  EHOSTUNREACH: ['not-available', 'error.of.no-route'],
  ENOENT: ['not-available', 'error.of.not-there'],
  EROFS: ['not-available', 'error.of.read-only'],
  EACCES: ['not-permitted', 'error.of.run-as-root'],
  EPERM: ['not-permitted', 'error.of.run-as-root'],
} as const satisfies Readonly<Record<string, readonly [PeerwayErrorCode, ErrorTextId]>>

const UNEXPECTED = ['internal', 'error.of.unexpected'] as const

/** What the system refused, as one line for people. `tried` continues "cannot", for example `open UDP 192.0.2.1:4001`. */
export function hostError(tried: Message, error: unknown): PeerwayError {
  const errno = errnoOf(error)
  const [code, advice] = Object.hasOwn(CODES, errno) ? CODES[errno as keyof typeof CODES] : UNEXPECTED
  return new PeerwayError(
    code,
    errorText('error.system', { tried, errno: errno || String(error), advice: errorText(advice) }),
    { cause: error },
  )
}
