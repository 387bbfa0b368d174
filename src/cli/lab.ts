import { spawn } from 'node:child_process'
import { commandInside } from '../lab/lab.ts'
import { allStates, isOrphan, type LabState, readState } from '../lab/lab-state.ts'
import {
  checkMachine,
  loadTopologyFile,
  openOwnLab,
  openStandingLab,
  standingLab,
  sweepOrphans,
  type TopologyFile,
} from '../lab/open-lab.ts'
import { takeDown } from '../lab/take-down.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { type Message, type MessageParams, message } from '../model/message.ts'
import { renderMessage } from '../report/render-message.ts'
import { problemsMessage } from '../topology/problem.ts'
import { helpText, showHelp } from './help.ts'
import type { Io } from './io.ts'
import { languageOf } from './settings.ts'

/** What of Io the lab uses; the command that it runs inside has this process's own streams. */
export type LabIo = Pick<Io, 'stdout' | 'stderr' | 'env' | 'interrupted'>

/**
 * `peerway lab`. Resolves with the exit status: 0, or that of the command run inside, or 2 for a file with mistakes.
 * Rejects with a PeerwayError for everything else that cannot be done.
 */
export async function runLab(args: readonly string[], io: LabIo): Promise<number> {
  const [verb, path, ...rest] = args
  if (verb === '--help' || verb === '-h') return showHelp('lab', io)
  if (verb === 'list' && rest.length === 0) return list(path, io)
  if (path === undefined || !['up', 'down', 'run'].includes(verb ?? '')) return misused(io, message('laboratory.usage'))
  if (verb === 'run') return runCommand(path, rest, io)
  if (rest.length > 0) return misused(io, message('laboratory.usage-extra', { verb, extra: rest[0] }))
  const file = read(path, io)
  if (file === undefined) return 2
  await checkMachine()
  return verb === 'up' ? up(file, io) : down(file, io)
}

async function up(file: TopologyFile, io: LabIo): Promise<number> {
  await sweepOrphans()
  if (standingLab(file) !== undefined) return say(io, 'laboratory.up-already', { lab: file.lab })
  const startedMs = performance.now()
  await openStandingLab(file)
  return say(io, 'laboratory.is-up', { lab: file.lab, elapsedMs: Math.round(performance.now() - startedMs) })
}

async function down(file: TopologyFile, io: LabIo): Promise<number> {
  await sweepOrphans()
  const state = readState(file.lab)
  if (state === undefined) return say(io, 'laboratory.not-up', { lab: file.lab })
  await takeDown(state)
  return say(io, 'laboratory.is-down', { lab: file.lab })
}

function list(path: string | undefined, io: LabIo): number {
  const file = path === undefined ? undefined : read(path, io)
  if (path !== undefined && file === undefined) return 2
  const states = allStates().filter((state) => file === undefined || state.file === file.file)
  for (const state of states)
    io.stdout.write(`${state.lab}  ${words(message(`laboratory.state.${condition(state)}`), io)}  ${state.file}\n`)
  return 0
}

function condition(state: LabState): string {
  if (isOrphan(state)) return 'left-behind'
  return state.ready ? 'up' : 'unfinished'
}

async function runCommand(path: string, rest: readonly string[], io: LabIo): Promise<number> {
  const [host, dashes, ...command] = rest
  if (host === undefined || dashes !== '--' || command.length === 0) {
    return misused(io, message('laboratory.usage-run'))
  }
  const file = read(path, io)
  if (file === undefined) return 2
  const { hosts, vantages, boxes } = file.topology
  const names = [...hosts, ...vantages, ...boxes].map((each) => each.name)
  if (!names.includes(host)) {
    throw new PeerwayError('bad-input', errorText('error.host-of-file', { path, name: host, names: names.join(', ') }))
  }
  await checkMachine()
  await sweepOrphans()
  // From here on a signal must not end this process before it has cleaned up.
  const interrupted = io.interrupted()
  const standing = standingLab(file)
  const state = standing ?? (await openOwnLab(file))
  try {
    return await passThrough(state, host, command, interrupted)
  } finally {
    if (standing === undefined) await takeDown(state)
  }
}

/** Runs the command with this process's own streams; a signal to this process is given to it as well. */
function passThrough(
  state: LabState,
  host: string,
  command: readonly string[],
  interrupted: Promise<number>,
): Promise<number> {
  const { argv, env } = commandInside(state, host, command)
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env, stdio: 'inherit' })
    void interrupted.then(() => child.kill('SIGTERM'))
    child.on('error', (cause) =>
      reject(new PeerwayError('not-available', errorText('error.cannot-run', { program: argv[0] }), { cause })),
    )
    child.on('close', (status, signal) => resolve(status ?? SIGNAL_STATUS[signal ?? ''] ?? 1))
  })
}

/** What a shell says of a command that a signal ended. */
const SIGNAL_STATUS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }

/** Undefined when the file has mistakes: then they have been told, a line each. */
function read(path: string, io: LabIo): TopologyFile | undefined {
  const loaded = loadTopologyFile(path)
  if (!('problems' in loaded)) return loaded
  io.stderr.write(`${words(problemsMessage(loaded.problems), io)}\n`)
  return undefined
}

function say(io: LabIo, id: string, params: MessageParams): number {
  io.stdout.write(`${words(message(id, params), io)}\n`)
  return 0
}

function words(told: Message, { env }: LabIo): string {
  return renderMessage(told, languageOf(undefined, env))
}

function misused(io: LabIo, what: Message): number {
  io.stderr.write(`peerway: ${words(what, io)}\n${helpText('lab', io)}`)
  return 2
}
