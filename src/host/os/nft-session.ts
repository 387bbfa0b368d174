import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { errorText, PeerwayError } from '../../model/error.ts'
import { cEnvironment } from './run-program.ts'
import { errnoOf } from './system-error.ts'

const ANSWER_WITHIN_MS = 3000
const MOST_ANSWER_BYTES = 1024 * 1024

/**
 * One `nft -i` of ours. A table that it makes with `flags owner` goes away with it, and it goes away with us, even when
 * we are killed, for its standard input then ends.
 */
export class NftSession {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<void>
  #running = true
  #stdout = ''
  #stderr = ''
  #wake = () => {}

  constructor() {
    // Without a home folder it leaves no history file behind.
    const child = spawn('nft', ['-i'], { env: { ...cEnvironment(), HOME: '/dev/null' } })
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#stderr += errnoOf(error) === 'ENOENT' ? NOT_INSTALLED : String(error)
        this.#end(resolve)
      })
      child.on('close', () => this.#end(resolve))
    })
    child.stdin.on('error', () => {})
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const) {
      stream.setEncoding('latin1').on('data', (text: string) => {
        if (name === 'out') this.#stdout = (this.#stdout + text).slice(0, MOST_ANSWER_BYTES)
        else this.#stderr = (this.#stderr + text).slice(0, MOST_ANSWER_BYTES)
        this.#wake()
      })
    }
    this.#letProcessEnd()
  }

  /**
   * Gives commands, of which the last must list a table or its counters, and returns what it printed. PeerwayError:
   * `not-available` without nft, or for what this kernel or nft does not know; `not-permitted` without root. The session
   * is then at its end. One question at a time.
   */
  async ask(commands: readonly string[]): Promise<string> {
    this.#stdout = ''
    if (this.#running) this.#child.stdin.write(`${commands.join('\n')}\n`)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_WITHIN_MS)
    try {
      while (this.#running && this.#stderr === '' && !this.#stdout.endsWith('\n}\n')) await this.#change()
      if (this.#running && this.#stderr === '') return this.#stdout
    } finally {
      clearTimeout(timer)
    }
    await this.end()
    throw nftFailure(this.#stderr)
  }

  /** Resolves when nft has ended. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_WITHIN_MS)
    if (this.#running) this.#child.stdin.end()
    await this.#ended
    clearTimeout(timer)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #end(resolve: () => void): void {
    this.#running = false
    this.#wake()
    resolve()
  }

  /** A session that its owner forgot must not keep the program running; while we wait for an answer, a timer does. */
  #letProcessEnd(): void {
    this.#child.unref()
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
    }
  }
}

const NOT_INSTALLED = 'nft is not installed'

/** What nft complained of. */
export function nftFailure(stderr: string): PeerwayError {
  const said = stderr.trim().split('\n')[0]?.slice(0, 200) ?? ''
  if (/not permitted|must be root/i.test(stderr)) {
    return new PeerwayError('not-permitted', errorText('error.nft-needs-root', { said }))
  }
  return new PeerwayError(
    'not-available',
    said === NOT_INSTALLED
      ? errorText('error.not-installed', { program: 'nft' })
      : errorText('error.nft-cannot', { said }),
  )
}
