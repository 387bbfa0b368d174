import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HappeningKind } from '../../src/watch/core/happening.ts'
import { missingFor } from '../lab/needs.ts'
import { type RealHome, type RealWatch, realHome, until } from './real-home.ts'

const missing = missingFor('miniupnpd', 'ss', 'conntrack', 'nc', 'curl')
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`
const LONG = process.env.PEERWAY_LONG !== undefined
/** What issue and documentation promise, in milliseconds. */
const NOTICED = 60_000
const HEALED = 75_000
const OPENED = 30_000

async function inHome(
  protocols: string,
  use: (home: RealHome) => Promise<void>,
  change?: (yaml: string) => string,
): Promise<void> {
  const home = await realHome(protocols, change)
  try {
    await use(home)
  } finally {
    await home.takeDown()
  }
}

const isOpen = (home: RealHome) => async () => (await home.openings()).join() === 'tcp,udp'
const kinds = (home: RealHome): readonly HappeningKind[] => home.events().map(({ kind }) => kind)
const happened = (home: RealHome, kind: HappeningKind, times = 1) => {
  return () => kinds(home).filter((each) => each === kind).length >= times
}

async function opened(home: RealHome): Promise<RealWatch> {
  const watch = await home.watch()
  expect(await until(isOpen(home), OPENED), watch.said()).toBeLessThan(OPENED)
  expect(await until(happened(home, 'mapping-made', 2), OPENED), watch.said()).toBeLessThan(OPENED)
  return watch
}

async function endsAndGivesBack(home: RealHome, watch: RealWatch): Promise<void> {
  await watch.signal('SIGTERM')
  expect(await watch.ended, watch.said()).toBe(0)
  expect({ openings: await home.openings(), journal: home.journal() }).toEqual({ openings: [], journal: [] })
  expect(kinds(home).at(-1)).toBe('stopped')
}

describe.skipIf(missing).concurrent(`a watch beside a real miniupnpd${skipped}`, () => {
  test.each(LONG ? ['pcp, nat-pmp', 'nat-pmp', 'upnp'] : ['pcp, nat-pmp'])(
    'opens by %s, heals what a restart of the router has lost, and gives all back at its end',
    { timeout: 400_000 },
    async (protocols) =>
      inHome(protocols, async (home) => {
        const watch = await opened(home)
        expect(await home.strangerGetsIn()).toBe(true)
        for (let reboots = 1; reboots <= (LONG ? 5 : 1); reboots++) {
          await home.rebootRouter()
          expect(await home.openings()).toEqual([])
          const noticedMs = await until(happened(home, 'router-forgot', reboots), NOTICED)
          expect(noticedMs).toBeLessThan(NOTICED)
          const healedMs = noticedMs + (await until(isOpen(home), HEALED))
          expect(healedMs, JSON.stringify(home.events())).toBeLessThan(HEALED)
          expect(await home.strangerGetsIn()).toBe(true)
        }
        await endsAndGivesBack(home, watch)
      }),
  )

  test('killed, it leaves what the next one takes up, which notices another address outside', async () =>
    inHome('nat-pmp, pcp', async (home) => {
      const killed = await opened(home)
      await killed.signal('SIGKILL')
      await killed.ended
      expect(await home.openings()).toEqual(['tcp', 'udp'])
      expect(home.journal()).toHaveLength(2)

      const watch = await home.watch()
      const isUp = happened(home, 'started', 2)
      expect(await until(isUp, OPENED), watch.said()).toBeLessThan(OPENED)
      expect(await until(home.hasMeasured, OPENED), watch.said()).toBeLessThan(OPENED)
      await home.changeAddress('45.67.89.77')
      const isNoticed = () => kinds(home).some((kind) => /^(outside-address-changed|router-forgot)$/.test(kind))
      expect(await until(isNoticed, NOTICED)).toBeLessThan(NOTICED)
      expect(await until(() => home.strangerGetsIn('45.67.89.77'), HEALED)).toBeLessThan(HEALED)
      expect(home.journal()).toHaveLength(2)
      await endsAndGivesBack(home, watch)
    }))

  test("makes again what a reboot has lost of this host's own rules", async () =>
    inHome(
      'pcp, nat-pmp',
      async (home) => {
        const rules = join(home.state, '..', 'rules.nft')
        await home.must('node', `nft list ruleset >${rules}`)
        const asked = '--port 4001 --vantage 198.51.100.20'
        const fixed = await home.run('node', `peerway fix --yes ${asked}`)
        expect(fixed.status, fixed.stdout + fixed.stderr).toBe(0)
        const isRuleThere = async () => (await home.must('node', 'nft list ruleset')).includes('peerway:')
        expect(await isRuleThere()).toBe(true)
        const before = await home.watch()
        expect(await until(happened(home, 'started'), OPENED)).toBeLessThan(OPENED)
        await until(() => false, 3000)
        await before.signal('SIGKILL')
        await before.ended

        // A reboot as programs see it: the rules of the boot files alone, and another id of the boot.
        const bootId = join(home.state, '..', 'boot_id')
        writeFileSync(bootId, 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\n')
        await home.must('node', `nft flush ruleset; nft -f ${rules}`)
        expect(await isRuleThere()).toBe(false)
        await home.must('node', `mount --bind ${bootId} /proc/sys/kernel/random/boot_id`)
        const watch = await home.watch()
        expect(await until(isRuleThere, HEALED), watch.said()).toBeLessThan(HEALED)
        expect(await home.strangerGetsIn()).toBe(true)
        expect(kinds(home)).toContain('rule-restored')

        // What was not lost is not made twice, and stays at the end: a person asked for it.
        await watch.signal('SIGTERM')
        expect(await watch.ended, watch.said()).toBe(0)
        expect((await home.must('node', 'nft list ruleset')).match(/peerway:/g)).toHaveLength(2)
        expect(await home.openings()).toEqual(['tcp', 'udp'])
      },
      (yaml) =>
        yaml.replace(
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
        ),
    ))

  test.runIf(LONG)('tells when the node stops, starts, and was restarted in between', { timeout: 600_000 }, async () =>
    inHome('pcp, nat-pmp', async (home) => {
      const watch = await opened(home)
      const restart = async () => {
        await home.killProgram('node', 'sport = :4001')
        await home.start('node', 'listeners')
      }
      await until(() => false, 65_000)
      await restart()
      expect(await until(happened(home, 'node-restarted'), 90_000)).toBeLessThan(90_000)
      await home.killProgram('node', 'sport = :4001')
      expect(await until(happened(home, 'node-gone'), 90_000)).toBeLessThan(90_000)
      expect(await until(happened(home, 'lost'), 120_000)).toBeLessThan(120_000)
      await home.start('node', 'listeners')
      expect(await until(happened(home, 'node-back'), 90_000)).toBeLessThan(90_000)
      expect(await until(happened(home, 'back', 2), 120_000)).toBeLessThan(120_000)
      await endsAndGivesBack(home, watch)
    }),
  )
})
