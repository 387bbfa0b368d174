import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespaceOf } from '../../src/lab/build.ts'
import { bringUp, commandInside, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { namespaceFile } from '../../src/lab/namespace.ts'
import { readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { missingFor } from '../lab/needs.ts'
import { expectAccessible, missingForBrowser, openBrowser, openPage } from './browser.ts'

const missing = missingForBrowser() ?? missingFor('nc')
const ADDRESS = '203.0.113.10'

describe.skipIf(missing)(`peerway watch seen from elsewhere${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let lab: LabState
  beforeAll(async () => {
    const { file, topology } = readTopologyFile('topologies/host-firewall-nft.yaml')
    lab = await bringUp(topology, { lab: `page.${process.pid}`, file, owner: ownProcess() })
  })
  afterAll(async () => {
    if (lab !== undefined) await takeDown(lab)
  })
  const run = async (host: string, command: string) => await runInside(lab, host, ['sh', '-c', command])
  const rules = async () => (await run('node', 'nft list ruleset')).stdout

  test('shows nothing without the token, and opens the firewall and shuts it again by buttons', async () => {
    const command = ['peerway', 'watch', '--port', '4001', '--vantage', '198.51.100.20', '--listen', `${ADDRESS}:9788`]
    const { argv, env } = commandInside(lab, 'node', command)
    const watch = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(watch, 'close')
    try {
      const [greeting] = await once(watch.stdout, 'data')
      const url = /http:\S+/.exec(String(greeting))![0]
      const token = (await run('node', 'cat "$PEERWAY_STATE_DIR/watch-token"')).stdout.trim()
      const before = await rules()
      const enter = ['nsenter', `--net=${namespaceFile(namespaceOf(lab.lab, 'node'))}`]
      await using opened = await openBrowser([], enter)
      const { page, problems } = await openPage(opened.browser, url)

      await page.getByRole('heading', { level: 1, name: 'The token, please' }).waitFor()
      expect(await page.evaluate(async () => (await fetch('/api/state')).status)).toBe(401)
      await expectAccessible(page)
      await page.getByLabel('Token').fill(token)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { level: 1, name: 'Strangers do not get in' }).waitFor()
      expect((await run('stranger', `nc -z -w 1 ${ADDRESS} 4001`)).status).toBe(1)

      await page.locator('#plan').getByRole('button', { name: 'Open the way' }).click()
      await page.getByText('Made, and strangers get in with it.').first().waitFor()
      expect((await run('stranger', `nc -z -w 1 ${ADDRESS} 4001`)).status).toBe(0)
      expect(await rules()).toContain('peerway:')

      await page.getByRole('button', { name: 'Take everything back' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click()
      await page.getByRole('status').getByText('Taken back.').first().waitFor()
      expect(await rules()).toBe(before)
      // Chromium tells of the 401, and that one header means nothing without TLS.
      expect(problems.filter((text) => !/401|Cross-Origin-Opener-Policy/.test(text))).toEqual([])
    } finally {
      watch.kill('SIGTERM')
      await ended
    }
  })
})
