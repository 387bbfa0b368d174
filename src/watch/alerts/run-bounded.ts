import { spawn } from 'node:child_process'

export interface BoundedRun {
  readonly stdin: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const MOST_SAID = 200

/**
 * Runs a program by argument vector, never through a shell, with nothing of the environment but what finds programs and
 * folders. Rejects with an `Error` unless it ends with status 0 in time; else it and all that it started are killed.
 */
export function runBounded(command: readonly string[], { stdin, env, timeoutMs, signal }: BoundedRun): Promise<void> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...plainEnvironment(), ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    })
    let said = ''
    let why: string | null = null
    const kill = (reason: string) => {
      why = reason
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const timer = setTimeout(() => kill(`${program} did not end within ${timeoutMs / 1000} s`), timeoutMs)
    const stop = () => kill('called off')
    signal.addEventListener('abort', stop, { once: true })
    const end = (error: string | null) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      if (error === null) resolve()
      else reject(new Error(error))
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, MOST_SAID)
    })
    // A program that does not read its input makes writing fail; how it ends is told below.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.once('error', ({ message }) => end(`${program} cannot be run: ${message}`))
    // Not `close`: what it has started may hold its output for ever.
    child.once('exit', (status, killedBy) => {
      if (why !== null || status === 0) return end(why)
      end(`${program} ended with ${killedBy ?? `status ${status}`}${said === '' ? '' : `: ${said.trim()}`}`)
    })
  })
}

function plainEnvironment(): Record<string, string> {
  const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/usr/lib`
  const kept = ['HOME', 'USER', 'LANG', 'LC_ALL', 'TZ'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), PATH: path }
}
