import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { systemdUnit, UNIT_NAME } from '../../src/watch/service/unit.ts'
import { missingFor } from '../lab/needs.ts'
import { cgroupFolder, ownSystemd } from './own-systemd.ts'
import { realHome, until } from './real-home.ts'

const missing = missingFor('systemd-analyze', 'unshare', 'miniupnpd', 'curl')
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const ASKED = ['--port', '4001', '--port', 'tcp/4002', '--vantage', '198.51.100.20']
/** Either of its two generations; not every machine of the project has one. */
const compose = [['docker', 'compose'], ['docker-compose']].find(([program, ...args]) => {
  return spawnSync(program!, [...args, 'version']).status === 0
})
/** A node of another user, in the world of that systemd. */
const NODE = "require('net').createServer((socket) => socket.end('hello')).listen(4002)"
/** What `systemd-analyze security` makes of it, of 10: what it must not get worse than. */
const MOST_EXPOSED = 3.3
/** Where npm puts it; a checkout may lie in /tmp, which costs a little protection. */
const INSTALLED = '/usr/lib/node_modules/peerway/dist/cli/main.js'

describe.skipIf(missing)(`the service${skipped}`, () => {
  test.each([
    ['alone', { command: [process.execPath, INSTALLED, 'watch', ...ASKED], sendsMail: false }],
    ['with mails', { command: [process.execPath, INSTALLED, 'watch', ...ASKED], sendsMail: true }],
    [
      'with words that mean something to systemd',
      { command: [process.execPath, 'a b', '$HOME', '%n', '"', '\\'], sendsMail: false },
    ],
  ])('has a unit that systemd understands and finds well protected, %s', (_, options) => {
    const folder = mkdtempSync(join(tmpdir(), 'peerway-unit-'))
    try {
      const path = join(folder, UNIT_NAME)
      writeFileSync(path, systemdUnit(options))
      expect(execFileSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8', stdio: 'pipe' })).toBe(
        '',
      )
      const security = ['security', '--offline=yes', '--no-pager', path]
      const exposure = /exposure level for \S+: ([0-9.]+)/.exec(
        execFileSync('systemd-analyze', security, { encoding: 'utf8' }),
      )
      expect(Number(exposure?.[1])).toBeLessThanOrEqual(MOST_EXPOSED + (options.sendsMail ? 1 : 0))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test.skipIf(compose === undefined)(
    `an example for compose is one${compose === undefined ? ' (skipped: needs docker-compose)' : ''}`,
    () => {
      const [program, ...args] = compose!
      execFileSync(program!, [...args, '-f', 'deploy/compose.yaml', 'config', '-q'], { stdio: 'pipe' })
    },
  )

  test.skipIf(missing === undefined && cgroupFolder() === undefined)(
    'is installed under a real systemd, sees and opens what root does, and gives all back when it is removed',
    { timeout: 120_000 },
    async () => {
      const home = await realHome('pcp, nat-pmp', withFirewall)
      const systemd = await ownSystemd(home.lab, 'node')
      try {
        const peerway = (...args: readonly string[]) => systemd.run(process.execPath, MAIN, ...args)
        systemd.run('systemd-run', '--uid=nobody', process.execPath, '-e', NODE)
        expect(peerway('service', 'install', ...ASKED)).toContain(UNIT_NAME)
        expect(systemd.run('systemctl', 'is-enabled', UNIT_NAME)).toBe('enabled\n')
        // The host's own rules keep strangers out, so it opens nothing by itself, and knows the very rule.
        const state = () => JSON.parse(systemd.run('curl', '-s', 'http://127.0.0.1:9788/api/state'))
        expect(await until(() => isMeasured(state), 30_000)).toBeLessThan(30_000)
        const check = [process.execPath, MAIN, 'check', '--json', ...ASKED].join(' ')
        const byRoot = JSON.parse(systemd.run('sh', '-c', `PEERWAY_STATE_DIR=/tmp ${check} || true`))
        const facts = ({ evidence }: Report) =>
          evidence.filter(({ probe }) => HOST_PROBES.includes(probe)).map(({ value }) => value)
        expect(facts(state().report)).toEqual(facts(byRoot))
        expect(JSON.stringify(facts(byRoot))).toMatch(/"pid":[0-9]/)
        expect(state().report.obstacles.map(({ id }: { id: string }) => id)).toContain('host-firewall-drops-inbound')

        // A person agrees to the plan, on the page.
        const token = systemd.run('cat', '/var/lib/peerway/watch-token').trim()
        const { id } = state().plan
        const apply = [
          '-s',
          '-X',
          'POST',
          '-H',
          `Authorization: Bearer ${token}`,
          '-H',
          'Content-Type: application/json',
        ]
        systemd.run('curl', ...apply, '-d', JSON.stringify({ plan: id }), 'http://127.0.0.1:9788/api/plan/apply')
        expect(await home.openings()).toEqual(['tcp', 'tcp', 'udp'])
        expect(await home.strangerGetsIn()).toBe(true)

        expect(peerway('service', 'remove')).toContain('gone')
        expect(await home.openings()).toEqual([])
        expect(() => systemd.run('systemctl', 'cat', UNIT_NAME)).toThrow(/No files found/)
        expect(peerway('undo', '--all')).toBeDefined()
        expect(await home.must('node', 'nft list ruleset')).not.toContain('peerway:')
      } finally {
        await systemd.stop()
        await home.takeDown()
      }
    },
  )
})

interface Report {
  readonly evidence: readonly { readonly probe: string; readonly value: unknown }[]
}

const HOST_PROBES = ['rule-sources', 'listeners', 'host-rules']

function isMeasured(state: () => { readonly report: unknown }): boolean {
  try {
    return state().report !== null
  } catch {
    return false
  }
}

function withFirewall(yaml: string): string {
  return yaml.replace(
    /^( {4}listeners: .*\n)/m,
    `$1    firewall:
      nft: |
        table inet filter {
          chain input {
            type filter hook input priority filter; policy drop
            iif lo accept
            ct state established,related accept
            meta l4proto { icmp, ipv6-icmp } accept
          }
        }
`,
  )
}
