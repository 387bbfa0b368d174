import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { openOsHost } from '../../src/host/os/os-host.ts'
import { ContactMemory } from '../../src/vantage/contacted.ts'

describe('the memory of contacted addresses', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'peerway-va-'))
    file = join(folder, 'contacted')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const at = (nowMs: number): Host => {
    const host = openOsHost()
    return { ...host, clock: { ...host.clock, nowMs: () => nowMs } }
  }

  test('lasts over runs, and is in the file when add resolves', async () => {
    const memory = await ContactMemory.open(at(1000), folder)
    expect([memory.isReliable, memory.has('203.0.113.1')]).toEqual([true, false])
    await memory.add('203.0.113.1', '2001:db8::1')
    expect(readFileSync(file, 'utf8')).toBe('peerway-contacted 1 0\n203.0.113.1\n2001:db8::1\n')
    const again = await ContactMemory.open(at(2000), folder)
    expect([again.isReliable, again.has('203.0.113.1'), again.has('203.0.113.2')]).toEqual([true, true, false])
  })

  test('what other users of this host contacted counts, and is not clean where it cannot be read', async () => {
    const other = join(folder, 'other')
    const theirs = await ContactMemory.open(at(0), other)
    await theirs.add('203.0.113.9')
    const ours = await ContactMemory.open(at(0), folder, [other, join(folder, 'nobody')])
    expect([ours.isReliable, ours.has('203.0.113.9'), ours.has('203.0.113.1')]).toEqual([true, true, false])
    rmSync(join(other, 'contacted'))
    mkdirSync(join(other, 'contacted'))
    expect((await ContactMemory.open(at(0), folder, [other])).isReliable).toBe(false)
    expect((await ContactMemory.open(at(0), folder)).isReliable).toBe(true)
  })

  test('keeps what another run has written meanwhile', async () => {
    const [one, two] = [await ContactMemory.open(at(0), folder), await ContactMemory.open(at(0), folder)]
    await Promise.all([one.add('203.0.113.1'), one.add('203.0.113.3')])
    await two.add('203.0.113.2')
    expect((await ContactMemory.open(at(0), folder)).has('203.0.113.1')).toBe(true)
    expect(two.has('203.0.113.3')).toBe(true)
  })

  test.each([
    ['garbage', '\u0000\u0001garbage'],
    ['a line that is no address', 'peerway-contacted 1 0\n203.0.113.1\nnonsense\n'],
    ['a cut last line', 'peerway-contacted 1 0\n203.0.113.1\n203.0.11'],
    ['emptied', ''],
    ['far too long', '203.0.113.1\n'.repeat(100_000)],
  ])('a file that is %s makes nothing count as clean, is written anew, and heals in a day', async (_, text) => {
    writeFileSync(file, text)
    const memory = await ContactMemory.open(at(1000), folder)
    expect(memory.isReliable).toBe(false)
    await memory.add('203.0.113.9')
    const again = await ContactMemory.open(at(86_400_000), folder)
    expect([again.isReliable, again.has('203.0.113.9')]).toEqual([false, true])
    expect((await ContactMemory.open(at(86_401_000), folder)).isReliable).toBe(true)
  })

  test('without a file, or one that cannot be written, nothing counts as clean', async () => {
    const memory = await ContactMemory.open(at(0), null)
    await memory.add('203.0.113.1')
    expect([memory.isReliable, memory.has('203.0.113.1')]).toEqual([false, true])
    writeFileSync(join(folder, 'a-file'), '')
    const blocked = await ContactMemory.open(at(0), join(folder, 'a-file'))
    await blocked.add('203.0.113.1')
    expect(blocked.isReliable).toBe(false)
  })

  test('forgets the oldest of more than 10,000', async () => {
    const memory = await ContactMemory.open(at(0), folder)
    await memory.add(...Array.from({ length: 10_001 }, (_, index) => `10.0.${index >> 8}.${index & 255}`))
    expect([memory.has('10.0.0.0'), memory.has('10.0.0.1'), memory.has('10.0.39.16')]).toEqual([false, true, true])
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(10_002)
    expect((await ContactMemory.open(at(0), folder)).isReliable).toBe(true)
  })
})
