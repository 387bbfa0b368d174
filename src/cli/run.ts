import { PeerwayError } from '../model/error.ts'
import { VERSION } from '../model/version.ts'
import type { Command, Io } from './io.ts'

/** Every command is loaded when it is asked for, so that `--version` loads next to nothing. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).runCheck,
  fix: async () => (await import('./fix.ts')).runFix,
  undo: async () => (await import('./undo.ts')).runUndo,
  letter: async () => (await import('./letter.ts')).runLetter,
  vantage: async () => (await import('./vantage.ts')).runVantage,
  lab: async () => (await import('./lab.ts')).runLab,
  sim: async () => (await import('./sim.ts')).runSim,
  explain: async () => (await import('./explain.ts')).runExplain,
}

const HELP = `peerway finds the one place where strangers are stopped on their way to your
peer-to-peer node, and proves it.

Usage: peerway [check] [--port PORT ...] [--node KIND] [--vantage SERVER ...]
       peerway fix     [OPTION OF check ...] [--dry-run] [--yes] [--only REMEDY]
       peerway undo    --all|CHANGE ...
       peerway letter  [OPTION OF check ...]
       peerway vantage [--address ADDRESS ...]
       peerway lab     up|down|list TOPOLOGY.yaml
       peerway lab     run TOPOLOGY.yaml HOST -- COMMAND
       peerway sim     [TOPOLOGY.yaml] [OPTION ...] [-- check ...]
       peerway explain OBSTACLE|REMEDY|TERM

  check      can strangers reach this machine's ports, and if not, where are
             they stopped? What is run without a command
  fix        check, and make the smallest change that lets strangers in
  undo       take back what fix changed
  letter     check, and write to the provider what only it can change
  vantage    help others from here: tell nodes how they look from outside, and
             dial them as a stranger would
  lab        build a small internet out of network namespaces, and run any
             command inside it
  sim        the same internet simulated, without root and network: alone, a
             home with a router in it, and the whole diagnosis within a second
  explain    what a word of the report means

  --version  print the version
  --help     this text; after a command, its options
`

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
  if (first === '--help' || first === '-h' || first === 'help') return print(HELP, io)
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
