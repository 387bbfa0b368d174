import { chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { osFiles } from '../../src/host/os/os-files.ts'

const NOBODY = 65_534
const cannot = process.platform !== 'linux' || process.geteuid?.() !== 0

/** Whoever calls a program `bitcoind` and points it at somebody else's cookie is not shown it by root. */
test.skipIf(cannot)('a secret is read for its owner’s process alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-owner-'))
  const [own, others, link] = ['own', 'others', 'link'].map((name) => join(folder, name)) as [string, string, string]
  writeFileSync(own, 'mine')
  writeFileSync(others, 'theirs')
  chownSync(others, NOBODY, NOBODY)
  symlinkSync(others, link)
  const read = (path: string, ownerOf: number) => osFiles.read(path, { maxBytes: 100, ownerOf })
  expect(await read(own, process.pid)).toBe('mine')
  expect(await read(others, process.pid)).toBeUndefined()
  expect(await read(link, process.pid)).toBeUndefined()
  // A process that is gone has no files.
  expect(await read(own, 2 ** 22 + 1)).toBeUndefined()
  rmSync(folder, { recursive: true })
})
