import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { Files } from '../host.ts'
import { takeLock } from './lock-file.ts'
import { readProc } from './proc.ts'
import { openWhole, readOpened } from './read-whole.ts'
import { errnoOf, hostError } from './system-error.ts'

export const osFiles: Files = {
  async read(path, { maxBytes, ownerOf }) {
    try {
      await using file = await openWhole(path)
      if (ownerOf !== undefined && (await file.stat()).uid !== (await userOf(ownerOf))) return undefined
      const bytes = await readOpened(file, maxBytes)
      if (bytes !== undefined) return bytes.toString('utf8')
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return undefined
      throw hostError(errorText('error.of.to-read', { path }), error)
    }
    throw new PeerwayError('bad-input', errorText('error.too-long', { path, maxBytes }))
  },

  async replace(path, text) {
    const target = await realpath(path).catch(() => path)
    const temporary = `${target}.peerway-${randomBytes(6).toString('hex')}.tmp`
    try {
      await makeFolder(dirname(target))
      await writeSynced(temporary, text, target)
      await rename(temporary, target)
      await syncFolder(dirname(target))
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw hostError(errorText('error.of.to-write', { path }), error)
    }
  },

  async remove(path) {
    try {
      await unlink(path)
      await syncFolder(dirname(path))
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error)))
        throw hostError(errorText('error.of.to-remove', { path }), error)
    }
  },

  async tidy(path) {
    const target = await realpath(path).catch(() => path)
    const folder = dirname(target)
    const beside = await readdir(folder).catch(() => [])
    const start = `${basename(target)}.`
    const left = beside.filter((name) => name.startsWith(start) && TEMPORARY.test(name.slice(start.length)))
    for (const name of left) {
      try {
        await rm(join(folder, name), { force: true })
      } catch (error) {
        throw hostError(errorText('error.of.to-remove', { path: join(folder, name) }), error)
      }
    }
  },

  async lock(path) {
    try {
      await makeFolder(dirname(path))
      return await takeLock(path)
    } catch (error) {
      throw error instanceof PeerwayError ? error : hostError(errorText('error.of.to-lock', { path }), error)
    }
  },
}

const TEMPORARY = /^peerway-[0-9a-f]{12}\.tmp$/

/** Journals and histories name networks and ports: nobody else needs to read them. */
const OWNER_ONLY = 0o600

/** Folder by folder from the top: asked for all at once, Node tries for ever where a folder of /proc refuses. */
async function makeFolder(path: string): Promise<void> {
  const parents = [path]
  while (dirname(parents[0]!) !== parents[0]) parents.unshift(dirname(parents[0]!))
  for (const folder of parents) {
    await mkdir(folder).catch((error) => {
      if (!['EEXIST', 'EISDIR', 'EROFS', 'EACCES', 'EPERM'].includes(errnoOf(error))) throw error
    })
  }
}

/** With the owner and mode of the file that it is going to replace. */
async function writeSynced(path: string, text: string, replaced: string): Promise<void> {
  const old = await stat(replaced).catch(() => undefined)
  await using file = await open(path, 'wx', OWNER_ONLY)
  if (old !== undefined) {
    if (old.uid !== process.geteuid?.() || old.gid !== process.getegid?.()) await file.chown(old.uid, old.gid)
    await file.chmod(old.mode & 0o7777)
  }
  await file.writeFile(text)
  await file.sync()
}

/** Makes the new name last over a power cut. Windows cannot open folders and keeps names by itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

/** Whom a process acts as; undefined where it is gone. */
async function userOf(pid: number): Promise<number | undefined> {
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(await readProc(`/proc/${pid}/status`))?.[1]
  return effective === undefined ? undefined : Number(effective)
}
