import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a lab has made or is about to make, written down before it is made, so that it can be taken away whatever
 * happens to the process that makes it.
 */
export interface LabState {
  /** Part of every name that the lab gives to the system. */
  readonly lab: string
  /** Absolute path of the topology file. */
  readonly file: string
  readonly namespaces: readonly string[]
  /** True when all of it is up. */
  readonly ready: boolean
  /** The process that the lab must not outlive, with the time of its start; null for a lab that stays. */
  readonly owner: { readonly pid: number; readonly startedAt: string } | null
}

/** One folder for each lab: its state, the files of its daemons, the state folders of peerway inside it. */
export function labsFolder(): string {
  return process.getuid?.() === 0 ? '/run/peerway-lab' : join(process.env.XDG_RUNTIME_DIR ?? '/tmp', 'peerway-lab')
}

export function labFolder(lab: string): string {
  return join(labsFolder(), lab)
}

export function writeState(state: LabState): void {
  const folder = labFolder(state.lab)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  // Renamed into place: a half-written state would be no state.
  writeFileSync(join(folder, 'lab.json.new'), `${JSON.stringify(state, null, 2)}\n`)
  renameSync(join(folder, 'lab.json.new'), join(folder, 'lab.json'))
}

/** Undefined when there is no such lab. A folder without a readable state is an empty lab: nothing was made yet. */
export function readState(lab: string): LabState | undefined {
  if (!existsSync(labFolder(lab))) return undefined
  try {
    return JSON.parse(readFileSync(join(labFolder(lab), 'lab.json'), 'utf8')) as LabState
  } catch {
    return { lab, file: '', namespaces: [], ready: false, owner: null }
  }
}

export function forgetState(lab: string): void {
  rmSync(labFolder(lab), { recursive: true, force: true })
}

/** Every lab of this machine, finished or not. */
export function allStates(): readonly LabState[] {
  if (!existsSync(labsFolder())) return []
  return readdirSync(labsFolder()).flatMap((lab) => readState(lab) ?? [])
}

/** This process as the owner of a lab. */
export function ownProcess(): NonNullable<LabState['owner']> {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? '' }
}

/** Has the process that the lab must not outlive ended? */
export function isOrphan(state: LabState): boolean {
  return state.owner !== null && startOf(state.owner.pid) !== state.owner.startedAt
}

/** When a process began, in the kernel's ticks: tells a process from a later one with the same number. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
