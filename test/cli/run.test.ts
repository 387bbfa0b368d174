import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fail, run } from '../../src/cli/run.ts'
import { PeerwayError } from '../../src/model/error.ts'
import { VERSION } from '../../src/model/version.ts'
import { memoryIo } from './memory-io.ts'

test('--version is the version of the package', async () => {
  const io = memoryIo()
  expect(await run(['--version'], io)).toBe(0)
  expect(io.written).toEqual({ stdout: `${VERSION}\n`, stderr: '' })
  expect(JSON.parse(readFileSync('package.json', 'utf8')).version).toBe(VERSION)
})

test('--help fits 80 columns', async () => {
  const io = memoryIo()
  expect(await run(['--help'], io)).toBe(0)
  expect(io.written.stderr).toBe('')
  for (const line of io.written.stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})

test.each(['hystory', 'toString', 'chekc'])(
  'the command %s, which is not there, costs one line and exit status 2',
  async (name) => {
    const io = memoryIo()
    expect(await run([name], io)).toBe(2)
    expect(io.written.stdout).toBe('')
    expect(io.written.stderr).toMatch(new RegExp(`^peerway: there is no command "${name}" [^\n]*\n$`))
  },
)

test.each<[args: readonly string[], env: Record<string, string>]>([
  [['check', '--lang', 'fr', '--port', 'x'], {}],
  [['check', '--lang=fr', '--port', 'x'], { LANG: 'C' }],
  [['check', '--port', 'x'], { PEERWAY_LANG: 'fr' }],
  [['check', '--port', 'x'], { LANG: 'fr_FR.UTF-8' }],
])(
  '%j under %j goes wrong in French',
  async (args, env) => {
    const io = memoryIo({ env })
    expect(await run(args, io)).toBe(2)
    expect(io.written.stderr.replaceAll('\u00a0', ' ')).toBe(
      "peerway: « x » n'est pas un port : écrivez udp/4001, tcp/4001, ou 4001 pour les deux\n",
    )
    // The first of them loads the command.
  },
  30_000,
)

test('a language that is none is told in that of the locale', async () => {
  const io = memoryIo({ env: { LANG: 'fr' } })
  expect(await run(['check', '--lang', 'xx'], io)).toBe(2)
  expect(io.written.stderr.replaceAll('\u00a0', ' ')).toBe("peerway: il n'y a pas de langue « xx » : en ou fr\n")
})

test('what a stranger wrote steers no terminal', async () => {
  const io = memoryIo()
  expect(await fail(new PeerwayError('busy', 'a \u001b[2J b'), io)).toBe(2)
  expect(io.written.stderr).toBe('peerway: a \\x1b[2J b\n')
})

describe('what goes wrong is told in one line, with exit status 2', () => {
  test.each<[what: string, error: unknown, told: string]>([
    ['by the user or the host', new PeerwayError('busy', 'port 1 is taken'), 'peerway: port 1 is taken\n'],
    ['over several lines', new PeerwayError('bad-input', 'a\n  b\r\nc'), 'peerway: a b c\n'],
    ['by peerway', new TypeError('x is not y'), 'peerway: x is not y (this is a bug in peerway)\n'],
    ['inside peerway', new PeerwayError('internal', 'x'), 'peerway: x (this is a bug in peerway)\n'],
    ['by something thrown that is no error', 'x', 'peerway: x (this is a bug in peerway)\n'],
  ])('%s', async (_, error, told) => {
    const io = memoryIo()
    expect(await fail(error, io)).toBe(2)
    expect(io.written).toEqual({ stdout: '', stderr: told })
  })

  test('and where, to those who ask', async () => {
    const io = memoryIo({ env: { PEERWAY_DEBUG: '1' } })
    await fail(new TypeError('x'), io)
    expect(io.written.stderr).toMatch(/bug in peerway\)\nTypeError: x\n +at /)
  })
})
