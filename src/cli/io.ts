import { writeSync } from 'node:fs'
import { homedir } from 'node:os'

/**
 * What a command sees of the process that runs it: two streams, the environment, who asks, and the wish to stop.
 * A command returns its exit status; it never ends the process by itself, so that tests can run it in theirs.
 */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
  readonly isRoot: boolean
  readonly homeFolder: string
  /** Is somebody there to answer? Only where standard input and standard error are a terminal. */
  readonly canAsk: boolean
  /** Writes a question to standard error and reads a line; empty when the input ends. */
  ask(question: string): Promise<string>
  /**
   * Resolves with the exit status of the first signal that asks to stop (130 for SIGINT, 143 for SIGTERM, 129 for
   * SIGHUP). From the call on, those signals no longer end the process by themselves.
   */
  interrupted(): Promise<number>
}

export interface Output {
  readonly isTerminal: boolean
  /** Width in characters; 80 where it is not a terminal. */
  readonly columns: number
  write(text: string): void
}

export type Command = (args: readonly string[], io: Io) => Promise<number>

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The Io of this very process. */
export function processIo(): Io {
  return {
    env: process.env,
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    isRoot: process.getuid?.() === 0,
    homeFolder: homedir(),
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ask,
    interrupted: () =>
      new Promise((resolve) => {
        for (const [signal, status] of Object.entries(SIGNALS)) process.once(signal, () => resolve(status))
      }),
  }
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''))
      // The terminal is ours while a line is read, and Ctrl-C with it: it means what it means everywhere.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      lines.question(question, resolve)
    })
  } finally {
    lines.close()
  }
}

function outputTo(stream: NodeJS.WriteStream): Output {
  // A reader that went away (`peerway | head -1`) changes nothing about the verdict, and must not stop a vantage.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    // A full disk cannot be written to, so this is told where it can be, and once.
    writeSync(2, `peerway: cannot write the output: ${error.message}\n`)
    process.exit(2)
  })
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true && stream.columns > 0 ? stream.columns : 80
    },
    write: (text) => {
      stream.write(text)
    },
  }
}
