import { expect, test } from 'vitest'
import { Journal, type JournalEntry } from '../../src/remedy/journal.ts'
import { makeChange } from '../../src/remedy/make-change.ts'
import { Machine } from '../../src/sim/machine.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { World } from '../../src/sim/world.ts'

const FOLDER = '/var/lib/peerway'
const host = () => openSimHost(new Machine(new World(1), 'node'))

function entry(id: string, state: JournalEntry['state'] = 'planned'): JournalEntry {
  const change = { id, kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' } as const
  return {
    change,
    state,
    remedy: 'enable-ip-forwarding',
    clears: ['ip-forwarding-disabled'],
    endpoints: [],
    atMs: 1,
    keeps: null,
    untilReboot: false,
  }
}

test('a setting that somebody made since it was planned is theirs: it is not written down, and not taken back', async () => {
  const machine = host()
  const journal = await Journal.open(machine, FOLDER)
  const planned = entry('aaaaaaaa')
  await machine.sysctl.write('net.ipv4.ip_forward', '1')
  expect(await makeChange(machine, journal, planned)).toBeUndefined()
  expect(journal.entries).toEqual([])
  await machine.sysctl.write('net.ipv4.ip_forward', '0')
  expect(await makeChange(machine, journal, planned)).toMatchObject({ state: 'made' })
  expect(await machine.sysctl.read('net.ipv4.ip_forward')).toBe('1')
  expect(journal.entries).toHaveLength(1)
})

test('what was written is there after a restart, in the order of the changes', async () => {
  const machine = host()
  const journal = await Journal.open(machine, FOLDER)
  for (const id of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) await journal.write(entry(id))
  await journal.write(entry('aaaaaaaa', 'kept'))
  await journal.remove('bbbbbbbb')
  expect((await Journal.open(machine, FOLDER)).entries).toEqual([entry('aaaaaaaa', 'kept'), entry('cccccccc')])
})

test('a step that cannot be written down is not taken for written', async () => {
  const machine = host()
  const journal = await Journal.open(machine, FOLDER)
  await journal.write(entry('aaaaaaaa'))
  const full = { ...machine, files: { ...machine.files, replace: () => Promise.reject(new Error('no space')) } }
  const broken = await Journal.open(full, FOLDER)
  await expect(broken.write(entry('bbbbbbbb'))).rejects.toThrow('no space')
  await expect(broken.remove('aaaaaaaa')).rejects.toThrow('no space')
  expect(broken.entries).toEqual([entry('aaaaaaaa')])
})

test.each([
  ['no JSON', '{'],
  ['something else', '{"schema":"peerway.journal/2","entries":[]}'],
  ['an entry without an id', '{"schema":"peerway.journal/1","entries":[{"change":{"kind":"sysctl"}}]}'],
  ['an id that is no tag', JSON.stringify({ schema: 'peerway.journal/1', entries: [entry('a; reboot')] })],
])('a file with %s is refused, and nothing is lost', async (_, text) => {
  const machine = host()
  await machine.files.replace(`${FOLDER}/journal.json`, text)
  await expect(Journal.open(machine, FOLDER)).rejects.toMatchObject({ code: 'bad-input' })
  expect(await machine.files.read(`${FOLDER}/journal.json`, { maxBytes: 10_000 })).toBe(text)
})

test('holds a thousand changes, and then says what to do', async () => {
  const journal = await Journal.open(host(), FOLDER)
  for (let n = 0; n < 1024; n++) await journal.write(entry(String(n).padStart(8, '0')))
  await expect(journal.write(entry('aaaaaaaa'))).rejects.toThrow(/peerway undo/)
  await journal.write(entry('00000007', 'kept'))
})
