import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { openStore } from '../../src/watch/store/open-store.ts'
import { memoryIo } from './memory-io.ts'

const AT = Date.UTC(2026, 10, 21, 10)
const HOUR = 3_600_000

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerway-history-'))
  const { store } = await openStore(folder, AT)
  store.addEvent({ atMs: AT, kind: 'started', params: {} })
  store.addEvent({ atMs: AT + HOUR, kind: 'lost', params: { endpoints: 'udp/ipv4/4001, tcp/ipv4/4001' } })
  store.addEvent({ atMs: AT + 20 * HOUR, kind: 'trouble', params: { why: 'it said "no", twice\x1b[2J' } })
  store.addSamples(AT, [{ series: 'peers', value: 12 }])
  // Left open, as by a watch that was killed.
})
afterAll(() => rmSync(folder, { recursive: true }))

async function history(...args: readonly string[]) {
  const io = memoryIo({ env: { PEERWAY_STATE_DIR: folder } })
  const status = await run(['history', ...args], io)
  return { status, ...io.written }
}
const SINCE = ['--since', '2026-11-21T00:00:00Z', '--until', '2026-11-30T00:00:00Z']

// The first of them loads the command.
describe('peerway history', { timeout: 30_000 }, () => {
  test('prints what happened, by days', async () => {
    expect(await history(...SINCE)).toEqual({
      status: 0,
      stderr: '',
      stdout: `2026-11-21 (UTC)
  10:00:00  The watch has begun.
  11:00:00  Strangers do not get in to UDP and TCP 4001 (IPv4) any more.

2026-11-22 (UTC)
  06:00:00  Something could not be done: it said "no", twice\\x1b[2J
`,
    })
  })

  test('in French too', async () => {
    const { stdout } = await history(...SINCE, '--lang', 'fr')
    expect(stdout).toContain('  10:00:00  La surveillance commence.')
  })

  test('says so where nothing happened', async () => {
    const { stdout } = await history('--since', '2020-01-01T00:00:00Z', '--until', '2020-01-02T00:00:00Z')
    expect(stdout).toBe('Nothing has happened in that time.\n')
  })

  test('as one JSON document', async () => {
    const { stdout } = await history(...SINCE, '--json', '--limit', '2')
    const told = JSON.parse(stdout)
    expect(told.events.map(({ kind }: { kind: string }) => kind)).toEqual(['lost', 'trouble'])
    expect(told.names).toEqual(['peers'])
  })

  test('as JSON lines, of all times', async () => {
    const { stdout } = await history('--export', 'jsonl')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(3)
    expect(lines[1]).toEqual({
      id: 2,
      at: '2026-11-21T11:00:00.000Z',
      kind: 'lost',
      text: 'Strangers do not get in to UDP and TCP 4001 (IPv4) any more.',
      params: { endpoints: 'udp/ipv4/4001, tcp/ipv4/4001' },
    })
  })

  test('as CSV, in which quotes and commas are what they were', async () => {
    const { stdout } = await history('--export', 'csv', '--since', '2026-11-22T00:00:00Z')
    expect(stdout.split('\r\n')).toEqual([
      'id,at,kind,text,params',
      String.raw`3,2026-11-22T06:00:00.000Z,trouble,"Something could not be done: it said ""no"", twice\x1b[2J",` +
        String.raw`"{""why"":""it said \""no\"", twice\u001b[2J""}"`,
      '',
    ])
  })

  test('what was measured', async () => {
    const { stdout } = await history('--export', 'csv', '--measured')
    expect(stdout).toBe('series,at,mean,least,most,count\r\npeers,2026-11-21T10:00:00.000Z,12,12,12,1\r\n')
  })

  test.each([
    [['--since', 'yesterday']],
    [['--limit', '0']],
    [['--export', 'xml']],
    [['--json', '--export', 'csv']],
    [['--measured']],
    [['extra']],
  ])('refuses %j', async (args) => {
    const { status, stdout, stderr } = await history(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^peerway: [^\n]+\n$/)
  })

  test('where no watch has run, it says so', async () => {
    const io = memoryIo({ env: { PEERWAY_STATE_DIR: '/nonexistent' } })
    expect(await run(['history'], io)).toBe(2)
    expect(io.written.stderr).toMatch(/^peerway: there is no history in \/nonexistent\/history\.db/)
  })
})
