import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from '../model/endpoint.ts'
import { errorText, PeerwayError } from '../model/error.ts'
import { namespaceFile } from './namespace.ts'

/**
 * Gives a network namespace processes of its own: without that a host of the lab would see the programs of all others
 * in /proc, and take them for containers on it. It has an /etc of its own, in which what programs there change is not
 * the machine's, and whose resolv.conf names `resolver` alone. The first process there does nothing; with its end all
 * others end. Its number is written into `folder`.
 *
 * Mounts of the machine keep reaching the host (`slave`), so that a namespace taken away elsewhere is not held here.
 * `within`: the folder of the host whose guest it is. A host sees the processes of its guests, as it does those of containers.
 */
export async function rootHost(
  namespace: string,
  folder: string,
  { resolver, within }: { readonly resolver: Address | undefined; readonly within: string | null },
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const resolvConf = join(folder, 'resolv.conf')
  writeFileSync(resolvConf, resolver === undefined ? '' : `nameserver ${resolver}\n`)
  const own = join(folder, 'etc')
  mkdirSync(own, { recursive: true })
  const script = `${OWN_ETC} && cat "$0" >/etc/resolv.conf && echo up && exec sleep infinity >/dev/null`
  const isolate = ['unshare', '--mount', '--propagation', 'slave', '--pid', '--fork', '--mount-proc']
  const outer = within === null ? [] : enterRoot(within)
  const command = [`--net=${namespaceFile(namespace)}`, ...outer, ...isolate, 'sh', '-c', script, resolvConf, own]
  const child = spawn('nsenter', command, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const up = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true))
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(false))
  })
  child.stdout.destroy()
  child.unref()
  if (!up) throw new PeerwayError('not-available', errorText('error.lab-processes', { namespace }))
  writeFileSync(join(folder, ROOT_FILE), within === null ? String(child.pid) : onlyChild(child.pid!))
}

/** Where nsenter enters a namespace of processes, it waits outside for the process that it starts there. */
function onlyChild(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
}

function enterRoot(folder: string): readonly string[] {
  const root = readFileSync(join(folder, ROOT_FILE), 'utf8')
  return [`--mount=/proc/${root}/ns/mnt`, `--pid=/proc/${root}/ns/pid_for_children`]
}

/**
 * What is changed lies in memory, in a mount that ends with the host's. A kernel without overlays gets a copy. What was mounted
 * upon /etc/resolv.conf is hidden with it, so a file of its own is put there first.
 */
const OWN_ETC = `mount -t tmpfs tmpfs "$1" && mkdir "$1/new" "$1/work" && {
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/new,workdir=$1/work" /etc 2>/dev/null ||
    { cp -a /etc/. "$1/new" && mount --bind "$1/new" /etc; }
} && rm -f /etc/resolv.conf`

/** The command by which `command` runs inside a rooted host, in `cwd`, until it ends or is told to. */
export function enterHost(
  namespace: string,
  folder: string,
  cwd: string,
  command: readonly string[],
): readonly [string, ...string[]] {
  // nsenter waits outside for the command and hands no signal on; with its end the command is told to end.
  const script = 'cd "$0" && exec setpriv --pdeathsig TERM "$@"'
  return ['nsenter', `--net=${namespaceFile(namespace)}`, ...enterRoot(folder), 'sh', '-c', script, cwd, ...command]
}

const ROOT_FILE = 'root.pid'
