import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingFor } from '../lab/needs.ts'

const missing = missingFor('sqlite3', 'unshare')
const HAMMER = fileURLToPath(new URL('hammer-store.mjs', import.meta.url))
const FILL = fileURLToPath(new URL('fill-store.mjs', import.meta.url))
const KILLS = process.env.PEERWAY_LONG === undefined ? 6 : 200

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerway-store-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Debian's own program, which is no part of peerway. */
function sqlite3(sql: string, ...options: readonly string[]): string {
  return execFileSync('sqlite3', ['-batch', ...options, join(folder, 'history.db'), sql], { encoding: 'utf8' }).trim()
}

/** Runs until it has written something for so long; how many events it said were written when it was killed. */
async function hammerAndKill(afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [HAMMER, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-100)
  })
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  child.kill('SIGKILL')
  await once(child, 'close')
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
}

describe.skipIf(missing)(`the history on a real disk${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('is whole after kill -9 at any moment, with all that was written, to anybody', {
    timeout: 600_000,
  }, async () => {
    for (let kill = 1; kill <= KILLS; kill++) {
      const written = await hammerAndKill((kill * 37) % 300)
      expect(sqlite3('PRAGMA integrity_check')).toBe('ok')
      expect(Number(sqlite3('SELECT max(id) FROM event'))).toBeGreaterThanOrEqual(written)
    }
    expect(sqlite3('SELECT kind, text FROM happened LIMIT 1')).toMatch(/^lost\|Strangers do not get in to UDP [0-9]+ /)
    expect(sqlite3("SELECT count(*) > 0 FROM measured WHERE series = 'peers'")).toBe('1')
  })

  test('can be read while it is written', async () => {
    const hammer = hammerAndKill(1500)
    await new Promise((resolve) => setTimeout(resolve, 700))
    const counts = [1, 2, 3].map(() => Number(sqlite3('SELECT count(*) FROM happened', '-readonly')))
    expect(counts[0]).toBeGreaterThan(0)
    await hammer
  })

  test('takes no harm where the disk is full, and what it could not take is written when there is room', () => {
    const inSmall = `mount -t tmpfs -o size=2m tmpfs ${folder} && ${process.execPath} ${FILL} ${folder} && \
      sqlite3 ${folder}/history.db 'PRAGMA integrity_check' >&2`
    const out = execFileSync('unshare', ['--mount', 'sh', '-ec', inSmall], { encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual({
      error: expect.stringMatching(/full|disk I\/O/),
      failures: true,
      readable: 10,
      isWhole: true,
      last: true,
      points: 99,
      after: null,
    })
  })
})
