import { readdirSync, readlinkSync, statSync } from 'node:fs'

const FOLDER = '/run/netns'

/** The file that holds a named network namespace; `nsenter --net=` takes it. */
export function namespaceFile(name: string): string {
  return `${FOLDER}/${name}`
}

export function namespaceExists(name: string): boolean {
  return statSync(namespaceFile(name), { throwIfNoEntry: false }) !== undefined
}

/** Is this process inside that namespace already? False when either is gone. */
export function isInside(pid: number, name: string): boolean {
  const inode = inodeOf(name)
  return inode !== undefined && namespaceOf(String(pid)) === inode
}

/** Every process inside one of these namespaces, by whomever it was started. */
export function processesIn(names: readonly string[]): readonly number[] {
  const inodes = new Set(names.map(inodeOf).filter((inode) => inode !== undefined))
  const pids = readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))
  return pids.filter((pid) => inodes.has(namespaceOf(pid) ?? -1)).map(Number)
}

function inodeOf(name: string): number | undefined {
  return statSync(namespaceFile(name), { throwIfNoEntry: false })?.ino
}

/** `net:[4026532281]` is the inode of the namespace. */
function namespaceOf(pid: string): number | undefined {
  try {
    const match = /\[([0-9]+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))
    return match === null ? undefined : Number(match[1])
  } catch {
    return undefined
  }
}
