import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCE = fileURLToPath(new URL('./js-libp2p', import.meta.url))
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'peerway-test')
/** Version 3 wants Node.js 22. */
const FOLDER = join(CACHE, 'js-libp2p-2.10.0')

/**
 * The program of a js-libp2p node beside its 122 packages, which are fetched once and kept in ~/.cache: no part of peerway, and
 * too many to be among its own. Rejects where the npm registry is out of reach.
 */
export async function jsLibp2pNode(): Promise<string> {
  const program = join(FOLDER, 'node.mjs')
  if (!existsSync(FOLDER)) {
    mkdirSync(CACHE, { recursive: true })
    const work = mkdtempSync(join(CACHE, 'js-libp2p-'))
    cpSync(SOURCE, work, { recursive: true })
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work })
    renameSync(work, FOLDER)
  }
  cpSync(join(SOURCE, 'node.mjs'), program)
  return program
}
