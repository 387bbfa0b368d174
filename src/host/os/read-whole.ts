import { constants, type FileHandle, open } from 'node:fs/promises'

/** A page: as much as nearly every file of /proc has, which tell no length before. */
const FIRST_BYTES = 4096

/**
 * All bytes of a file; undefined where there are more than `maxBytes`. It takes no more memory than that file needs: Node's own
 * takes 64 KiB for each of those in /proc, of which a watch reads hundreds every minute for weeks. Rejects as `open` and
 * `read` do.
 */
export async function readWhole(path: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  await using file = await openWhole(path)
  return await readOpened(file, maxBytes)
}

/** Opened like this, a pipe that somebody has put there is empty, and not waited for. */
export function openWhole(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
}

/** See `readWhole`. */
export async function readOpened(file: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  let bytes = Buffer.allocUnsafe(FIRST_BYTES)
  let length = 0
  while (length <= maxBytes) {
    if (length === bytes.length) bytes = Buffer.concat([bytes], 2 * length)
    const { bytesRead } = await file.read(bytes, length, Math.min(bytes.length, maxBytes + 1) - length)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
  }
  return undefined
}
