import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

export interface StaticFile {
  readonly type: string
  readonly body: Buffer
  /** Its name changes with what is in it, so that it may be kept for ever. */
  readonly isHashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

/**
 * A file of the page, which Vite built into `folder`; undefined for what is none. `path` is the path of a URL, untrusted: what
 * leads out of the folder, by dots or by links, is not there.
 */
export async function readStatic(folder: string, path: string): Promise<StaticFile | undefined> {
  const name = path === '/' ? '/index.html' : path
  if (!/^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(name)) return undefined
  const type = TYPES[extname(name)]
  if (type === undefined) return undefined
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, name))
    if (!file.startsWith(root + sep)) return undefined
    return { type, body: await readFile(file), isHashed: name.startsWith('/assets/') }
  } catch {
    return undefined
  }
}
