import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openStateFolder, readSettings } from '../../src/cli/settings.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerway-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ioWithConfig(name: string, text: string, env: Record<string, string> = {}) {
  mkdirSync(join(folder, name, 'peerway'), { recursive: true })
  writeFileSync(join(folder, name, 'peerway', 'config.yaml'), text)
  return memoryIo({ env: { XDG_CONFIG_HOME: join(folder, name), ...env } })
}

describe('settings', () => {
  const config =
    'node: ipfs\nports: [udp/5000, 5001]\nvantages: v.example.org\nstunServers: [s.example.org]\nlang: fr\n'

  test('come from the file where nothing else speaks', async () => {
    expect(await readSettings({}, ioWithConfig('file', config))).toEqual({
      node: 'ipfs',
      ports: ['udp/5000', '5001'],
      vantages: ['v.example.org'],
      stunServers: ['s.example.org'],
      language: 'fr',
      token: undefined,
      alerts: {},
    })
  })

  test('come from variables before the file', async () => {
    const env = {
      PEERWAY_VANTAGE: ' a.example.org  [2001:db8::1]:99 ',
      PEERWAY_PORT: '7',
      PEERWAY_NODE: 'tor',
      PEERWAY_LANG: 'en',
    }
    expect(await readSettings({}, ioWithConfig('variables', config, env))).toMatchObject({
      node: 'tor',
      ports: ['7'],
      vantages: ['a.example.org', '[2001:db8::1]:99'],
      language: 'en',
    })
  })

  test('come from flags before variables', async () => {
    const io = ioWithConfig('flags', config, { PEERWAY_VANTAGE: 'a', PEERWAY_PORT: '7', PEERWAY_TOKEN: 'x' })
    const flags = { port: ['8'], vantage: ['b'], lang: 'en', token: 'y', node: 'ipfs' }
    expect(await readSettings(flags, io)).toMatchObject({
      ports: ['8'],
      vantages: ['b'],
      language: 'en',
      token: 'y',
    })
  })

  test.each([
    [{}, 'en'],
    [{ LANG: 'fr_FR.UTF-8' }, 'fr'],
    [{ LANG: 'fr_FR.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'fr' }, 'fr'],
    [{ LANG: 'frr_DE' }, 'en'],
    [{ LANG: 'fr', PEERWAY_LANG: '' }, 'fr'],
  ])('the language under %j is %s', async (env, language) => {
    expect(await readSettings({}, memoryIo({ env: env as Record<string, string> }))).toMatchObject({ language })
  })

  test('an unknown language is refused', async () => {
    await expect(readSettings({ lang: 'de' }, memoryIo())).rejects.toMatchObject({ code: 'bad-input' })
  })

  test.each([
    ['unknown key', 'ports: [1]\nvantage: x\n', ':2: unknown key "vantage"; there are: node, ports, '],
    ['not YAML', 'ports: [1\n', 'config.yaml:2: '],
    ['same key twice', 'lang: en\nlang: fr\n', ':2: a key that is there twice'],
    ['not a map', '- 1\n', ':1: expected "key: value" lines'],
    ['a list where one value belongs', 'ports: 1\nlang: [en, fr]\n', ':2: "lang" takes one value, not a list'],
    ['a map where a list belongs', 'ports:\n  udp: 1\n', ':1: "ports" must be a list of texts'],
    ['an empty value', 'lang:\n', ':1: "lang" must be a text'],
  ])('a configuration file with %s is refused', async (name, text, message) => {
    const settings = readSettings({}, ioWithConfig(name, text))
    await expect(settings).rejects.toMatchObject({ code: 'bad-input' })
    await expect(settings).rejects.toThrow(message)
  })

  test('an empty configuration file says nothing', async () => {
    expect(await readSettings({}, ioWithConfig('empty', '# nothing yet\n'))).toMatchObject({ ports: [] })
  })
})

describe('the state folder', () => {
  test('is made where it is missing', () => {
    const state = join(folder, 'a', 'b')
    expect(openStateFolder(memoryIo({ env: { PEERWAY_STATE_DIR: state } }), 'en')).toBe(state)
  })

  test('is under XDG_STATE_HOME for users', () => {
    expect(openStateFolder(memoryIo({ env: { XDG_STATE_HOME: folder } }), 'en')).toBe(join(folder, 'peerway'))
  })

  test('is done without, with a note, where it cannot be written', () => {
    writeFileSync(join(folder, 'plain'), '')
    const io = memoryIo({ env: { PEERWAY_STATE_DIR: join(folder, 'plain', 'x') } })
    expect(openStateFolder(io, 'en')).toBeNull()
    expect(io.written.stderr).toMatch(/^peerway: note: nothing is remembered .*ENOTDIR\)\n$/)
  })
})
