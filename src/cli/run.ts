import { PeerwayError } from '../model/error.ts'
import { VERSION } from '../model/version.ts'
import type { Command, Io } from './io.ts'

/** Every command is loaded when it is asked for, so that `--version` loads next to nothing. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).runCheck,
  fix: async () => (await import('./fix.ts')).runFix,
  undo: async () => (await import('./undo.ts')).runUndo,
  letter: async () => (await import('./letter.ts')).runLetter,
  watch: async () => (await import('./watch.ts')).runWatch,
  history: async () => (await import('./history.ts')).runHistory,
  service: async () => (await import('./service.ts')).runService,
  vantage: async () => (await import('./vantage.ts')).runVantage,
  lab: async () => (await import('./lab.ts')).runLab,
  sim: async () => (await import('./sim.ts')).runSim,
  explain: async () => (await import('./explain.ts')).runExplain,
}

/**
 * Runs one command line and returns its exit status: the command's own, or 2 for what the user or peerway did wrong,
 * which is told in one line on standard error. Never rejects.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io)
  } catch (error) {
    return fail(error, io)
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first] = args
  if (first === '--version') return print(`${VERSION}\n`, io)
  if (first === '--help' || first === '-h' || first === 'help')
    return (await import('./help.ts')).showHelp('main', io, langIn(args))
  const named = first !== undefined && !first.startsWith('-')
  const name = named ? first : 'check'
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) {
    const known = Object.keys(COMMANDS).join(', ')
    throw new PeerwayError('bad-input', `there is no command "${name}" in version ${VERSION}; there are: ${known}`)
  }
  const command = await load()
  return command(named ? args.slice(1) : args, io)
}

/** `peerway --help --lang fr` */
function langIn(args: readonly string[]): string | undefined {
  const at = args.indexOf('--lang')
  return at < 0 ? undefined : args[at + 1]
}

function print(text: string, io: Io): number {
  io.stdout.write(text)
  return 0
}

/** Says in one line what went wrong and returns exit status 2. */
export function fail(error: unknown, io: Io): number {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.replaceAll(/\s*[\r\n]+\s*/g, ' ')
  const ours = error instanceof PeerwayError && error.code !== 'internal'
  io.stderr.write(ours ? `peerway: ${line}\n` : `peerway: ${line} (this is a bug in peerway)\n`)
  if (io.env.PEERWAY_DEBUG === '1' && error instanceof Error) io.stderr.write(`${error.stack}\n`)
  return 2
}
