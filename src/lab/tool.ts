import { spawn } from 'node:child_process'
import { errorText, PeerwayError } from '../model/error.ts'

/** A tool may not say more than this; the rest is cut. */
const MAX_OUTPUT = 65_536

/**
 * Runs one of the system's tools to its end, with `stdin`, and returns what it printed. PeerwayError `not-available`
 * when it is not installed, `internal` (with its first line of complaint) when it fails.
 */
export async function runTool(command: readonly string[], stdin = ''): Promise<string> {
  const result = await tryTool(command, stdin)
  if (result.status === 0) return result.stdout
  const complaint = result.stderr.trim().split('\n')[0] ?? ''
  throw new PeerwayError(
    'internal',
    errorText('error.tool-failed', { command: command.join(' '), said: complaint, status: result.status }),
  )
}

/** The same, but a failure is a result. */
export function tryTool(
  command: readonly string[],
  stdin = '',
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command
    const child = spawn(program!, args, { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } })
    const heard = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        heard[stream] = (heard[stream] + text).slice(0, MAX_OUTPUT)
      })
    }
    child.on('error', (cause) => {
      reject(new PeerwayError('not-available', errorText('error.lab-tool', { program }), { cause }))
    })
    child.on('close', (status) => resolve({ status: status ?? 1, ...heard }))
    // A tool that ends before it has read everything says so by its exit status.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
  })
}
