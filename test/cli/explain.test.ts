import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { openOsHost } from '../../src/host/os/os-host.ts'
import { keepLastCheck } from '../../src/last-check.ts'
import { OBSTACLE_STAGES, WARNING_IDS } from '../../src/model/obstacle.ts'
import { REMEDY_IDS } from '../../src/remedy/remedy-ids.ts'
import { SAMPLES } from '../report/samples.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerway-explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function explain(args: readonly string[], env: Record<string, string> = { PEERWAY_STATE_DIR: '/nonexistent' }) {
  const io = memoryIo({ env })
  const status = await run(['explain', ...args], io)
  return { status, ...io.written }
}

const words = [...Object.keys(OBSTACLE_STAGES), ...WARNING_IDS, ...REMEDY_IDS, 'mapping', 'vantage']

describe.each(['en', 'fr'])('in %s', (lang) => {
  test.each(words)('%s is explained in 80 columns', async (word) => {
    const { status, stdout, stderr } = await explain([word, '--lang', lang])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).not.toMatch(/[{}[\]]|\*\*/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

test.each([
  [['cgnat'], /^Carrier-grade NAT/],
  [['CGN'], /^Carrier-grade NAT/],
  [['stateful', 'firewall'], /^Stateful firewall\n/],
  [['ip_forward'], /^ip_forward\n/],
  [['pare-feu à états', '--lang', 'fr'], /^Pare-feu à états\n/],
  [['full', 'cone'], /^Full cone/],
])('%j is found', async (args, title) => {
  expect((await explain(args)).stdout).toMatch(title)
})

test('without a word, every word is listed', async () => {
  const { status, stdout } = await explain([])
  expect(status).toBe(0)
  for (const word of words) expect(stdout).toContain(word)
})

test.each([
  ['carier-nat', 'did you mean carrier-nat?'],
  ['prot-not-published', 'did you mean port-not-published?'],
  ['pinhol', 'did you mean pinhole?'],
  ['xyzzy', 'peerway explain lists what they say'],
])('the unknown word %s costs one line and exit status 2', async (word, advice) => {
  expect(await explain([word])).toEqual({
    status: 2,
    stdout: '',
    stderr: `peerway: no report of peerway says "${word}"; ${advice}\n`,
  })
})

test('a word of any length costs one line of bounded length', async () => {
  const { status, stderr } = await explain(['x'.repeat(5000)])
  expect(status).toBe(2)
  expect(stderr).toMatch(/^peerway: no report of peerway says "x{1000}…"; peerway explain lists what they say\n$/)
})

describe('after a check', () => {
  const env = { PEERWAY_STATE_DIR: folder }
  const keep = () =>
    keepLastCheck(openOsHost(), folder, { at: '2026-11-01T09:05:00.000Z', diagnosis: SAMPLES.carrier! })

  test.each([
    ['carrier-nat', 'en', 'Here, in the check of 1 November 2026, 09:05 UTC:', '203.0.113.7'],
    ['carrier-nat', 'fr', 'Ici, lors de la vérification du 1er novembre 2026 à 9 h 05 UTC :', '203.0.113.7'],
    ['double-nat', 'en', 'The check of 1 November 2026, 09:05 UTC did not find it here.', ''],
    ['dmz-host', 'fr', "Après la vérification du 1er novembre 2026 à 9 h 05 UTC, il n'a pas été proposé ici.", ''],
    ['nat', 'en', 'Here, in the check', '2 layers'],
    ['vantage', 'en', 'Here, in the check', '198.51.100.9:3478'],
  ])('%s is told in %s with what was found here', async (word, lang, heading, fact) => {
    await keep()
    const { stdout } = await explain([word, '--lang', lang], env)
    const flat = stdout.replaceAll(/[\s\u00a0]+/g, ' ')
    expect(flat).toContain(heading)
    expect(flat).toContain(fact)
  })

  test('a word that no check can say anything of is explained alone', async () => {
    await keep()
    expect((await explain(['journal'], env)).stdout).not.toContain('check of')
  })

  test('what another version kept, or nobody can read, is passed over', async () => {
    for (const text of ['{}', 'null', '[', JSON.stringify({ schema: 'peerway.last-check/1', peerway: '0.0.0' })]) {
      await openOsHost().files.replace(join(folder, 'last-check.json'), text)
      expect((await explain(['carrier-nat'], env)).stdout).toContain('After a `peerway check`')
    }
  })
})
