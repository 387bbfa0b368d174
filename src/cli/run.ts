import { errorText, PeerwayError } from '../model/error.ts'
import { VERSION } from '../model/version.ts'
import type { Language } from '../report/render-message.ts'
import type { Command, Io } from './io.ts'

/** Every command is loaded when it is asked for, so that `--version` loads next to nothing. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.ts')).runCheck,
  fix: async () => (await import('./fix.ts')).runFix,
  undo: async () => (await import('./undo.ts')).runUndo,
  letter: async () => (await import('./letter.ts')).runLetter,
  watch: async () => {
    const { keepSmall } = await import('../watch/give-memory-back.ts')
    keepSmall()
    return (await import('./watch.ts')).runWatch
  },
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
    return fail(error, io, args)
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
    throw new PeerwayError('bad-input', errorText('error.command', { name, version: VERSION, known }))
  }
  const command = await load()
  return command(named ? args.slice(1) : args, io)
}

/** `peerway --help --lang fr`, `--lang=fr` */
function langIn(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^--lang(?:=|$)/.test(arg))
  return at < 0 ? undefined : args[at]!.includes('=') ? args[at]!.slice('--lang='.length) : args[at + 1]
}

function print(text: string, io: Io): number {
  io.stdout.write(text)
  return 0
}

/** Says in one line what went wrong, in the language that `args`, settings or locale ask for, and returns exit status 2. */
export async function fail(error: unknown, io: Io, args: readonly string[] = []): Promise<number> {
  // Where all goes well none of this is loaded.
  const { renderMessage } = await import('../report/render-message.ts')
  const ours = error instanceof PeerwayError && error.code !== 'internal'
  const told = error instanceof PeerwayError ? error.told : errorText('error.plain', { text: wordsOf(error) })
  const line = renderMessage(ours ? told : errorText('error.bug', { why: told }), await languageFor(args, io))
  io.stderr.write(`peerway: ${line}\n`)
  if (io.env.PEERWAY_DEBUG === '1' && error instanceof Error) io.stderr.write(`${error.stack}\n`)
  return 2
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What is wrong may be the very flag, variable or file that says which language: then the next of them decides. */
async function languageFor(args: readonly string[], io: Io): Promise<Language> {
  const { languageOf, readSettings } = await import('./settings.ts')
  for (const lang of [langIn(args), undefined]) {
    try {
      return (await readSettings({ lang }, io)).language
    } catch {
      // Told by whoever asked for it.
    }
  }
  return languageOf(undefined, io.env)
}
