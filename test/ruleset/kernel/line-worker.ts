import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A program that takes lines and answers a line "." with one of its own when all before it is done. */
export class LineWorker {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: Interface

  constructor(command: string, words: readonly string[]) {
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout })
  }

  async work(lines: readonly string[]): Promise<void> {
    const ended = new AbortController()
    const onExit = () => ended.abort(new Error('the sender ended'))
    this.#child.once('exit', onExit)
    const answer = once(this.#answers, 'line', { signal: ended.signal })
    this.#child.stdin.write([...lines, '.', ''].join('\n'))
    await answer
    this.#child.off('exit', onExit)
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}
