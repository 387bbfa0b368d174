import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

export const BUILT = 'dist/cli/main.js'

/** Less than a test may take, so that no child outlives a test that waits in vain. */
const LONGEST_MS = 4500

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program, as its users do, in an environment of nothing but PATH and `env`. */
export async function runBuilt(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly signalAfterLine?: NodeJS.Signals } = {},
): Promise<Ended> {
  if (!existsSync(BUILT)) throw new Error(`${BUILT} is not there: npm run build makes it`)
  const env = { PATH: process.env.PATH, ...options.env }
  const child = spawn(process.execPath, [BUILT, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (options.signalAfterLine !== undefined && stdout.includes('\n')) child.kill(options.signalAfterLine)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
}
