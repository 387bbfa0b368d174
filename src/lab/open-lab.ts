import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { errorText, PeerwayError } from '../model/error.ts'
import { parseTopology } from '../topology/parse-topology.ts'
import { type Problem, problemsMessage } from '../topology/problem.ts'
import type { Topology } from '../topology/topology.ts'
import { bringUp } from './lab.ts'
import { allStates, isOrphan, type LabState, ownProcess, readState } from './lab-state.ts'
import { takeDown } from './take-down.ts'
import { tryTool } from './tool.ts'

/** Longer files are refused by the parser; this only keeps a device or a disk image from being read. */
const MAX_BYTES = 1_048_576

/** A topology file that has been read. `lab` is the name of the lab that `lab up` makes from it. */
export interface TopologyFile {
  readonly lab: string
  readonly file: string
  readonly topology: Topology
}

/** Reads a topology file. PeerwayError `bad-input` when it cannot be read; its mistakes are a result. */
export function loadTopologyFile(path: string): TopologyFile | { readonly problems: readonly Problem[] } {
  const parsed = parseTopology(readText(path), path)
  if (!parsed.ok) return { problems: parsed.problems }
  return { lab: labName(path), file: resolve(path), topology: parsed.topology }
}

/** The same for a file that must be right: PeerwayError `bad-input` with every mistake of it, a line each. */
export function readTopologyFile(path: string): TopologyFile {
  const loaded = loadTopologyFile(path)
  if (!('problems' in loaded)) return loaded
  throw new PeerwayError('bad-input', problemsMessage(loaded.problems))
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    if (bytes.length <= MAX_BYTES) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const reason = cause instanceof TypeError ? errorText('error.of.not-utf8') : (cause as NodeJS.ErrnoException).code
    throw new PeerwayError('bad-input', errorText('error.topology-unreadable', { path, why: reason }), { cause })
  }
  throw new PeerwayError('bad-input', errorText('error.topology-long', { path, maxBytes: MAX_BYTES }))
}

/** The file's name without its ending, as far as a namespace may be called so. */
function labName(path: string): string {
  const name = basename(path).replace(/\.ya?ml$/, '')
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, '-')
      .slice(0, 60) || 'lab'
  )
}

/** PeerwayError when this machine cannot have labs: not root, not Linux, or tools are missing. */
export async function checkMachine(): Promise<void> {
  const root = process.platform === 'linux' && process.getuid?.() === 0
  if (!root) throw new PeerwayError('not-permitted', errorText('error.lab-machine'))
  for (const tool of [
    ['ip', '-V'],
    ['nft', '-v'],
    ['nsenter', '-V'],
  ])
    await tryTool(tool)
}

/** Takes away the labs of processes that were killed before they could do it themselves. */
export async function sweepOrphans(): Promise<void> {
  for (const state of allStates().filter(isOrphan)) await takeDown(state)
}

/** The lab that `lab up` made from this file, when it is up. */
export function standingLab({ lab, file }: TopologyFile): LabState | undefined {
  const state = readState(lab)
  return state?.ready === true && state.file === file ? state : undefined
}

/** Brings a lab up that stays until it is taken down. Whatever an earlier try left is swept first. */
export async function openStandingLab(file: TopologyFile): Promise<LabState> {
  const before = readState(file.lab)
  if (before?.ready === true && before.file !== file.file) {
    throw new PeerwayError('busy', errorText('error.lab-up', { lab: file.lab, file: before.file }))
  }
  if (before !== undefined) await takeDown(before)
  return bringUp(file.topology, { lab: file.lab, file: file.file, owner: null })
}

let opened = 0

/** Brings a lab up for this process alone: other processes may have the same topology up beside it. */
export async function openOwnLab(file: TopologyFile): Promise<LabState> {
  opened += 1
  const lab = `${file.lab}.${process.pid}.${opened}`
  return bringUp(file.topology, { lab, file: file.file, owner: ownProcess() })
}
