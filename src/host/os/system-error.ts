import { PeerwayError, type PeerwayErrorCode } from '../../model/error.ts'

/** The system's own name of an error (`EADDRINUSE`), or `''` for what is not a system's error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The system call that failed (`bind`), or `''`. */
export function syscallOf(error: unknown): string {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : ''
}

const CODES: Readonly<Record<string, readonly [PeerwayErrorCode, string]>> = {
  EADDRINUSE: ['busy', 'another program holds it; choose another port or end that program'],
  EADDRNOTAVAIL: ['not-available', 'the address is not one of this host'],
  EAFNOSUPPORT: ['not-available', 'this host has no such address family'],
  EINVAL: ['not-available', 'the system does not take this address'],
  ENETUNREACH: ['not-available', 'there is no route'],
  EHOSTUNREACH: ['not-available', 'there is no route'],
  ENOENT: ['not-available', 'it does not exist'],
  EROFS: ['not-available', 'it lies on a read-only file system'],
  EACCES: ['not-permitted', 'run as root, or grant the capability'],
  EPERM: ['not-permitted', 'run as root, or grant the capability'],
}

/** What the system refused, as one line for people. `tried` continues "cannot", for example `bind 192.0.2.1:4001`. */
export function hostError(tried: string, error: unknown): PeerwayError {
  const errno = errnoOf(error)
  const [code, advice] = CODES[errno] ?? (['internal', 'the system gave an unexpected error'] as const)
  return new PeerwayError(code, `cannot ${tried}: ${errno || String(error)}: ${advice}`, {
    facts: { tried, errno },
    cause: error,
  })
}
