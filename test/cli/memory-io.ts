import type { Io } from '../../src/cli/io.ts'

/** An Io that keeps what is written; nobody interrupts it until `interrupt` is called. */
export interface MemoryIo extends Io {
  readonly written: { stdout: string; stderr: string }
  interrupt(status: number): void
}

export function memoryIo(options: { env?: Record<string, string>; terminal?: boolean } = {}): MemoryIo {
  const written = { stdout: '', stderr: '' }
  let interrupt: (status: number) => void = () => {}
  const interruption = new Promise<number>((resolve) => {
    interrupt = resolve
  })
  const output = (name: 'stdout' | 'stderr') => ({
    isTerminal: options.terminal ?? false,
    columns: 80,
    write: (text: string) => {
      written[name] += text
    },
  })
  return {
    // Settings of the machine that runs the tests must not leak in.
    env: { XDG_CONFIG_HOME: '/nonexistent', ...options.env },
    stdout: output('stdout'),
    stderr: output('stderr'),
    isRoot: false,
    homeFolder: '/nonexistent',
    canAsk: false,
    ask: async () => '',
    interrupted: () => interruption,
    written,
    interrupt: (status) => interrupt(status),
  }
}
