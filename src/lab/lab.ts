import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorText, PeerwayError } from '../model/error.ts'
import type { Topology } from '../topology/topology.ts'
import { build, DELAY, namespaceOf, namespacesOf } from './build.ts'
import { daemonsOf, delayDaemon, MAIN } from './daemons.ts'
import { enterHost, rootHost } from './host-root.ts'
import { planLab, resolverOf } from './lab-plan.ts'
import { type LabState, labFolder, writeState } from './lab-state.ts'
import { startDaemon } from './start-daemon.ts'
import { takeDown } from './take-down.ts'

export interface LabOptions {
  /** Part of every name that the lab gives to the system: small letters, digits, hyphens and dots. */
  readonly lab: string
  /** Absolute path of the topology file, for those who list labs. */
  readonly file: string
  readonly owner: LabState['owner']
}

/**
 * Brings a topology up: when it resolves, every daemon answers. When it fails, nothing is left.
 */
export async function bringUp(topology: Topology, options: LabOptions): Promise<LabState> {
  const plan = planLab(topology)
  const state = { ...options, namespaces: namespacesOf(options.lab, plan), ready: false }
  writeState(state)
  try {
    const { delay } = await build(options.lab, plan)
    layShim(options.lab)
    const own = {
      namespace: (host: string) => namespaceOf(options.lab, host),
      folder: (host: string) => hostFolder(state, host),
    }
    const hosts = [...plan.namespaces.map((each) => each.name), ...(delay === null ? [] : [DELAY])]
    const around = new Map(plan.namespaces.map((each) => [each.name, each.around] as const))
    const rooted = new Map<string, Promise<void>>()
    const root = (host: string): Promise<void> => {
      const known = rooted.get(host) ?? rootAfter(around.get(host) ?? null, host)
      rooted.set(host, known)
      return known
    }
    // A host comes before its guests.
    const rootAfter = async (outer: string | null, host: string) => {
      if (outer !== null) await root(outer)
      const within = outer === null ? null : own.folder(outer)
      await rootHost(own.namespace(host), own.folder(host), { resolver: resolverOf(topology, host), within })
    }
    await Promise.all(hosts.map(root))
    const daemons = [...daemonsOf(topology), ...(delay === null ? [] : [delayDaemon(DELAY, delay)])]
    await Promise.all(daemons.map((each) => startDaemon(each, own.namespace(each.host), own.folder(each.host))))
    const ready = { ...state, ready: true }
    writeState(ready)
    return ready
  } catch (error) {
    await takeDown(state)
    throw error
  }
}

function hostFolder(state: Pick<LabState, 'lab'>, host: string): string {
  return join(labFolder(state.lab), 'hosts', host)
}

/** A `peerway` for commands inside that is this package. */
function layShim(lab: string): void {
  const folder = join(labFolder(lab), 'bin')
  mkdirSync(folder, { recursive: true })
  const shim = join(folder, 'peerway')
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
  chmodSync(shim, 0o755)
}

/** The argument vector and the environment by which a command runs inside a host of a lab that is up. */
export function commandInside(
  state: LabState,
  host: string,
  command: readonly string[],
): { readonly argv: readonly [string, ...string[]]; readonly env: Record<string, string | undefined> } {
  const folder = hostFolder(state, host)
  const argv = enterHost(namespaceOf(state.lab, host), folder, process.cwd(), command)
  const path = `${join(labFolder(state.lab), 'bin')}:${process.env.PATH ?? ''}`
  const stateFolder = process.env.PEERWAY_STATE_DIR ?? join(folder, 'state')
  return { argv, env: { ...process.env, PATH: path, PEERWAY_STATE_DIR: stateFolder } }
}

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command inside a host of a lab that is up, with its output caught, at most `timeoutMs` long. */
export function runInside(
  state: LabState,
  host: string,
  command: readonly string[],
  options: { readonly timeoutMs: number; readonly stdin?: string } = { timeoutMs: 60_000 },
): Promise<Ran> {
  const { argv, env } = commandInside(state, host, command)
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env, stdio: 'pipe' })
    const heard = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        heard[stream] += text
      })
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs)
    child.on('error', (cause) =>
      reject(new PeerwayError('not-available', errorText('error.cannot-run', { program: argv[0] }), { cause })),
    )
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: status ?? 137, ...heard })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
  })
}
