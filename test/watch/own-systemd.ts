import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandInside } from '../../src/lab/lab.ts'
import type { LabState } from '../../src/lab/lab-state.ts'
import { until } from './real-home.ts'

const SCRIPT = fileURLToPath(new URL('own-systemd.sh', import.meta.url))
const NAMESPACES = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child', '--mount-proc']

export interface OwnSystemd {
  /** Runs a command in its world; standard output, or an error that has both outputs. */
  run(...command: readonly string[]): string
  stop(): Promise<void>
}

/** Where groups of processes are made; undefined where the kernel has no second kind of them. */
export function cgroupFolder(): string | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return mounts.map((line) => line.split(' ')).find(([, , kind]) => kind === 'cgroup2')?.[1]
}

/** A real systemd that is the first process of its world, in the network of a lab's host, upon an overlay of this machine's files. */
export async function ownSystemd(lab: LabState, host: string): Promise<OwnSystemd> {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-systemd-'))
  const group = join(cgroupFolder()!, `peerway-${process.pid}`)
  const script = `mkdir -p ${group} && echo $$ >${group}/cgroup.procs && exec unshare ${NAMESPACES.join(' ')} sh "$@"`
  // Its log is read by whoever looks for what went wrong.
  const { argv, env } = commandInside(lab, host, ['sh', '-ec', script, 'sh', SCRIPT, folder])
  const child = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const pid = () => firstProcess(group)
  const enter = (command: readonly string[]) => [
    '-t',
    String(pid()),
    '-m',
    '-p',
    '-n',
    '-u',
    '-i',
    '-r',
    '-w',
    ...command,
  ]
  const run = (...command: readonly string[]) =>
    execFileSync('nsenter', enter(command), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  const isUp = () => {
    try {
      return pid() !== undefined && /^running/.test(run('systemctl', 'is-system-running'))
    } catch {
      return false
    }
  }
  const upAfterMs = await until(isUp, 20_000)
  if (upAfterMs >= 20_000) throw new Error(`systemd does not come up: ${said}`)
  return {
    run,
    async stop() {
      // With the first process all others of its world end.
      writeFileSync(join(group, 'cgroup.kill'), '1')
      await ended
      await until(() => removed(group), 5000)
      rmdirSync(folder)
    },
  }
}

/** Of the group and all in it the process that is number 1 in its own world. */
function firstProcess(group: string): number | undefined {
  const groups = [group, ...foldersIn(group)]
  const pids = groups.flatMap((each) => readFileSync(join(each, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
  const isFirst = (pid: string) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  const first = pids.find((pid) => isFirst(pid) && /systemd/.test(readFileSync(`/proc/${pid}/comm`, 'utf8')))
  return first === undefined ? undefined : Number(first)
}

function foldersIn(folder: string): readonly string[] {
  const own = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())
  return own.flatMap(({ name }) => [join(folder, name), ...foldersIn(join(folder, name))])
}

function removed(group: string): boolean {
  try {
    for (const each of foldersIn(group).toReversed()) rmdirSync(each)
    rmdirSync(group)
    return true
  } catch {
    return false
  }
}
