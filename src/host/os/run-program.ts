import { type ChildProcess, type ExecFileException, type ExecFileOptions, execFile } from 'node:child_process'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { CommandResult } from '../host.ts'
import { errnoOf } from './system-error.ts'

const MOST_OUTPUT_BYTES = 1024 * 1024

export interface RunOptions {
  readonly timeoutMs: number
  readonly stdin?: string
  /** Of each of its two outputs; 1 MiB when left out. */
  readonly mostOutputBytes?: number
}

/**
 * Runs a program by argument vector, in the C locale, with the administrator's folders on the path (which many users
 * lack). Its output is cut after `mostOutputBytes` each; its exit code is then -1. `not-available` when there is no such program, `not-permitted` when
 * it may not be run; a program that is still running after `timeoutMs` is killed, and `not-available` too.
 */
export function runProgram(command: readonly string[], options: RunOptions): Promise<CommandResult> {
  const { timeoutMs, stdin, mostOutputBytes = MOST_OUTPUT_BYTES } = options
  const [program, ...args] = command
  if (program === undefined || program === '') throw new RangeError('an empty command')
  return new Promise((resolve, reject) => {
    const limits = {
      timeout: Math.ceil(timeoutMs),
      maxBuffer: mostOutputBytes,
      killSignal: 'SIGKILL',
      env: cEnvironment(),
    } as const
    const child = startProgram(program, args, limits, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr })
      if (typeof error.code === 'number') return resolve({ exitCode: error.code, stdout, stderr })
      // Node ends a program that says too much; what it said first is enough for us.
      if (errnoOf(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return resolve({ exitCode: -1, stdout, stderr })
      reject(runError(program, error, timeoutMs))
    })
    // A program that ends without reading its input makes writing fail; how it ended is told above.
    child?.stdin?.on('error', () => {})
    child?.stdin?.end(stdin ?? '')
  })
}

type Ended = (error: ExecFileException | null, stdout: string, stderr: string) => void

/**
 * `execFile`, which throws at once where a program may not be run for want of capabilities (ping in a container that has
 * none) and calls back for every other reason; this always calls back. Undefined where nothing was started.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  options: ExecFileOptions & { readonly encoding?: BufferEncoding },
  ended: Ended,
): ChildProcess | undefined {
  try {
    return execFile(program, args, options, ended)
  } catch (error) {
    ended(error as ExecFileException, '', '')
    return undefined
  }
}

/** The user's environment, in the one language that the parsers know. */
export function cEnvironment(): NodeJS.ProcessEnv {
  const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin`
  return { ...process.env, LC_ALL: 'C', PATH: path }
}

function runError(program: string, error: Error & { killed?: boolean }, timeoutMs: number): PeerwayError {
  const errno = errnoOf(error)
  const facts = { program, errno }
  if (errno === 'ENOENT') {
    return new PeerwayError('not-available', errorText('error.not-installed', { ...facts }), { cause: error })
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new PeerwayError('not-permitted', errorText('error.may-not-run', { ...facts }), { cause: error })
  }
  if (error.killed === true) {
    return new PeerwayError('not-available', errorText('error.did-not-end', { ...facts, timeoutMs }), { cause: error })
  }
  return new PeerwayError('internal', errorText('error.ended-by-itself', { ...facts, words: error.message }), {
    cause: error,
  })
}
