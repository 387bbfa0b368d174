import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const VERSION = 'v0.42.0'
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'peerway-test')
const FOLDER = join(CACHE, `kubo-${VERSION}`)
const PROGRAM = join(FOLDER, 'ipfs')

/**
 * Why there is no real Kubo to be had here; undefined where there is. With CI=true nothing may be missing. Building it
 * takes Go 1.26 some three minutes of processor time, once: the program is kept in ~/.cache.
 */
export function missingKubo(): string | undefined {
  if (existsSync(PROGRAM) || go() !== undefined) return undefined
  const reason = 'needs Go to build Kubo (https://go.dev/dl)'
  if (process.env.CI === 'true') throw new Error(`this test ${reason}, and CI must not skip it`)
  return reason
}

/** The folder of the program `ipfs`, built from the Go module proxy where it is not there yet. */
export async function kuboFolder(): Promise<string> {
  if (existsSync(PROGRAM)) return FOLDER
  // `go install` refuses a module that excludes versions of others, as Kubo's does; a module that needs it may build it.
  const work = mkdtempSync(join(tmpdir(), 'peerway-kubo-'))
  const module = `module kubo-for-tests\n\ngo 1.26\n\nrequire github.com/ipfs/kubo ${VERSION}\n`
  writeFileSync(join(work, 'go.mod'), module)
  mkdirSync(FOLDER, { recursive: true })
  const built = join(work, 'ipfs')
  const child = spawn(go()!, ['build', '-mod=mod', '-o', built, 'github.com/ipfs/kubo/cmd/ipfs'], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000)
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`Kubo could not be built:\n${said}`)
  // Not by rename alone, for /tmp may be another file system.
  execFileSync('cp', [built, `${PROGRAM}.new`])
  renameSync(`${PROGRAM}.new`, PROGRAM)
  return FOLDER
}

function go(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/go/bin']
  return folders.map((folder) => join(folder, 'go')).find((path) => existsSync(path))
}
