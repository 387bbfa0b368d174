import { readdir, readlink } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { byTurns } from '../by-turns.ts'
import { parseIpv4Routes } from './default-routes.ts'
import { readProc } from './proc.ts'
import { errnoOf } from './system-error.ts'

export interface NetNamespace {
  /** A folder of /proc whose `net` is this namespace's. */
  readonly path: string
  /** Null for our own; else the container's name or short id, or the first process and its id. */
  readonly name: string | null
  /** Its default gateway is an address of this host, as a container's or a guest's on a bridge is. */
  readonly isGuest: boolean
}

/** A host with more containers than this is searched no further. */
const MOST_NAMESPACES = 1024

/**
 * Our own network namespace first, then those of all other processes that we may look into. `seen` is `own` where
 * there are processes that we may not look into.
 */
export async function netNamespaces(): Promise<{ namespaces: NetNamespace[]; seen: 'all' | 'own' }> {
  const own = await namespaceOf('self')
  const firstPids = new Map<string, string>()
  let seen: 'all' | 'own' = 'all'
  for (const { pid, namespace } of await byTurns(await processIds(), withNamespace)) {
    // Init lives where the others of the system live; sandboxes protect it even from root.
    if (namespace === 'not-permitted') seen = pid === '1' ? seen : 'own'
    else if (namespace !== 'gone' && namespace !== own && !firstPids.has(namespace)) firstPids.set(namespace, pid)
  }
  const pids = [...firstPids.values()].slice(0, MOST_NAMESPACES)
  const others = await byTurns(pids, async (pid) => ({
    path: `/proc/${pid}`,
    name: await nameOf(pid),
    isGuest: await goesOutThroughUs(pid),
  }))
  return { namespaces: [{ path: '/proc/self', name: null, isGuest: false }, ...others], seen }
}

/** The namespace that one process lives in. One that we may not compare with our own is another's. */
export async function namespaceOfProcess(pid: number): Promise<NetNamespace> {
  const [own, its] = await Promise.all([namespaceOf('self'), namespaceOf(`${pid}`)])
  const path = `/proc/${pid}`
  if (its === own) return { path, name: null, isGuest: false }
  return { path, name: await nameOf(`${pid}`), isGuest: await goesOutThroughUs(`${pid}`) }
}

/** Lowest first: the first process of a container is the one that names it. */
export async function processIds(): Promise<string[]> {
  const names = await readdir('/proc').catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b))
}

async function withNamespace(pid: string): Promise<{ pid: string; namespace: string }> {
  return { pid, namespace: await namespaceOf(pid) }
}

async function namespaceOf(pid: string): Promise<string | 'gone' | 'not-permitted'> {
  try {
    return await readlink(`/proc/${pid}/ns/net`)
  } catch (error) {
    return ['EACCES', 'EPERM'].includes(errnoOf(error)) ? 'not-permitted' : 'gone'
  }
}

async function goesOutThroughUs(pid: string): Promise<boolean> {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address)),
  )
  const routes = parseIpv4Routes(await readProc(`/proc/${pid}/net/route`))
  return routes.some(({ gateway }) => gateway !== null && own.has(gateway))
}

async function nameOf(pid: string): Promise<string> {
  const [cgroup, comm] = await Promise.all([readProc(`/proc/${pid}/cgroup`), readProc(`/proc/${pid}/comm`)])
  return containerName(cgroup) ?? `${comm.trim()}[${pid}]`
}

/** The id that Docker, Podman, containerd and Kubernetes put in the path of the control group; the name that LXC puts there. */
export function containerName(cgroup: string): string | undefined {
  const id = /\b([0-9a-f]{12})[0-9a-f]{52}\b/.exec(cgroup)?.[1]
  return id ?? /\/lxc(?:\.payload\.|\/)([^/\n]+)/.exec(cgroup)?.[1]
}
