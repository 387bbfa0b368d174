import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { errorText, PeerwayError } from '../../model/error.ts'
import { processStart } from './process-start.ts'
import { errnoOf } from './system-error.ts'

const MOST_TRIES = 8
let taken = 0

/**
 * Node.js has no flock(2). A lock is a file that names its process, put in its place whole by link(2), which fails where
 * there is one; that of an ended process is moved away first, and only by whoever still finds the same one there.
 */
export async function takeLock(path: string): Promise<AsyncDisposable> {
  taken += 1
  const mine = `${path}.${process.pid}.${taken}`
  const owner = `${process.pid} ${await startOf(process.pid)}\n`
  await writeFile(mine, owner, { mode: 0o600 })
  try {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (await linked(mine, path)) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
      const holder = await readFile(path, 'latin1').catch(() => '')
      if (holder !== '' && (await isAlive(holder))) throw heldBy(path, holder)
      await moveAway(path, holder, `${mine}.old`)
    }
    throw new PeerwayError('busy', errorText('error.lock-contended', { path }))
  } finally {
    await rm(mine, { force: true })
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** What was moved is looked at again: somebody quicker may have put a living one there. */
async function moveAway(path: string, holder: string, to: string): Promise<void> {
  try {
    await rename(path, to)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  const moved = await readFile(to, 'latin1')
  if (moved !== holder) await linked(to, path)
  await rm(to, { force: true })
}

async function isAlive(holder: string): Promise<boolean> {
  const match = /^(\d+) (\d+)\n$/.exec(holder)
  if (match === null) return false
  return (await startOf(Number(match[1]))) === match[2]
}

/** '0' for a process that is not there. Where /proc is missing, that it is there must do. */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return processStart(`${pid}`)
  try {
    process.kill(pid, 0)
    return '1'
  } catch (error) {
    return errnoOf(error) === 'EPERM' ? '1' : '0'
  }
}

function heldBy(path: string, holder: string): PeerwayError {
  const pid = Number(holder.split(' ')[0])
  return new PeerwayError('busy', errorText('error.lock-held', { path, pid }))
}
