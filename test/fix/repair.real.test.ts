import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { missingFor } from '../lab/needs.ts'
import { CASES, type RepairCase } from './cases.ts'
import { snapshot } from './snapshot.ts'

const missing = missingFor('miniupnpd', 'iptables-save', ...new Set(CASES.flatMap(({ needs = [] }) => needs)))
const killedFix = fileURLToPath(new URL('./real/fix-killed.mjs', import.meta.url))
const strangerScript = fileURLToPath(new URL('../lab/stranger.mjs', import.meta.url))

/**
 * In every network: strangers do not get in; `fix --yes`; a stranger that is no part of peerway gets in; `undo --all`; and the
 * host, its files and its router are what they were, byte for byte.
 */
describe.skipIf(missing)(`fix opens, and undo shuts again,${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(CASES.map((each) => [each.name, each] as const))('%s', { timeout: 90_000 }, async (_, one) => {
    await inLab(one, async (lab) => {
      const peerway = async (...args: readonly string[]) =>
        runInside(lab, 'node', ['env', ...(one.environment ?? []), 'peerway', ...args])
      const before = await snapshot(lab)

      const found = JSON.parse((await peerway('check', '--json', ...one.asked)).stdout)
      expect(found.verdict).toMatch(/^(un|partly-)reachable$/)
      expect(found.obstacles.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining([...one.obstacles]))
      const targets = found.endpoints.map(targetOf)
      const answers = found.endpoints.map(({ reachable }: { reachable: string }) => reachable)
      expect(await strangers(lab, targets)).toEqual(answers)
      expect(await snapshot(lab), 'check changes nothing').toEqual(before)

      const dry = await peerway('fix', '--json', '--dry-run', ...one.asked)
      expect(dry.status, dry.stderr).toBe(1)
      expect(await snapshot(lab), 'a dry run changes nothing').toEqual(before)

      const fixed = await peerway('fix', '--yes', '--json', ...one.asked, ...(one.only ?? []))
      expect(fixed.status, `${fixed.stderr}${fixed.stdout}`).toBe(0)
      const report = JSON.parse(fixed.stdout)
      const kept = report.changes.filter(({ state }: { state: string }) => state === 'kept')
      expect([...new Set(kept.map(({ remedy }: { remedy: string }) => remedy))].toSorted()).toEqual(
        [...one.remedies].toSorted(),
      )
      expect(report.changes.filter(({ state }: { state: string }) => state === 'left')).toEqual([])
      expect(await strangers(lab, report.endpoints.map(targetOf))).toEqual(report.endpoints.map(() => 'yes'))

      const undone = await peerway('undo', '--all')
      expect(undone.status, undone.stderr + undone.stdout).toBe(0)
      expect(await snapshot(lab), 'undo restores everything').toEqual(before)
      expect(await strangers(lab, targets)).toEqual(answers)
    })
  })
})

/** Some of them, of every sort, in `npm test`; all of them in the long tier. */
const SOME_MOMENTS = [2, 5, 11, 23, 32, 45, 58, 73]
const STEP = 8
const LONG = process.env.PEERWAY_LONG !== undefined
const MOST_MOMENTS = 400
/** Every other one is killed while it asks by UPnP, which is a long conversation. */
const BY_UPNP = ['allow-in-host-firewall', 'map-port-upnp']

/** Rules of the host, which a file loads at boot, and a router. */
const KILLED: RepairCase = {
  ...CASES.find(({ remedies }) => remedies.length > 1)!,
  setUp: 'nft --stateless list ruleset > /etc/nftables.conf',
}

describe.skipIf(missing)(`fix killed in the midst of it${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(LONG ? Array.from({ length: 2 * STEP }, (_, index) => index) : SOME_MOMENTS)(
    `${LONG ? 'at every eighth moment, from half of %s on' : 'at moment %s'}: the next run finishes it, or takes it back`,
    { timeout: LONG ? 1_800_000 : 90_000 },
    async (first) => {
      await inLab(KILLED, async (lab) => {
        const all = () => snapshot(lab)
        const before = await all()
        for (let k = LONG ? first >> 1 : first; k < (LONG ? MOST_MOMENTS : first + 1); k += STEP) {
          const only = first % 2 === 1 ? { only: BY_UPNP } : {}
          const asked = { ports: ['4001'], vantages: ['198.51.100.20'], ...only }
          const killed = [process.execPath, killedFix, `${LONG ? k + 1 : k}`, JSON.stringify(asked)]
          const { stdout: moment } = await runInside(lab, 'node', killed)
          if (/^\d/.test(moment)) expect(LONG, `there are but ${moment} moments`).toBe(true)
          if (k % STEP < STEP / 2) {
            const fix = ['peerway', 'fix', '--yes', '--json', ...KILLED.asked]
            const fixed = await runInside(lab, 'node', fix)
            expect(fixed.status, `killed ${moment}: ${fixed.stderr}${fixed.stdout}`).toBe(0)
          }
          const undone = await runInside(lab, 'node', ['peerway', 'undo', '--all'])
          expect(undone.status, `killed ${moment}: ${undone.stderr}${undone.stdout}`).toBe(0)
          expect(await all(), `killed ${moment}`).toEqual(before)
          if (/^\d/.test(moment)) return
        }
      })
    },
  )
})

interface Endpoint {
  readonly transport: string
  readonly external: string
}

function targetOf({ transport, external }: Endpoint): string {
  return `${transport}:${external.replace(/[[\]]/g, '')}`
}

async function strangers(lab: LabState, targets: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runInside(lab, 'stranger', [process.execPath, strangerScript, ...targets])
  const reached = JSON.parse(stdout) as Record<string, string>
  return targets.map((target) => reached[target]!)
}

let labs = 0

async function inLab(one: RepairCase, use: (lab: LabState) => Promise<void>): Promise<void> {
  const parsed = parseTopology(one.yaml, one.name)
  if (!parsed.ok) throw new Error(`${one.name}: ${JSON.stringify(parsed.problems)}`)
  labs += 1
  const lab = `fix.${process.pid}.${labs}`
  const state = await bringUp(parsed.topology, { lab, file: '/nonexistent', owner: ownProcess() })
  try {
    for (const [host, script] of [
      ['node', one.setUp],
      ['neighbour', one.neighbour],
    ] as const) {
      if (script === undefined) continue
      const { status, stderr } = await runInside(state, host, ['sh', '-ec', script])
      expect(status, stderr).toBe(0)
    }
    await use(state)
  } finally {
    if (one.tidyUp !== undefined) await runInside(state, 'node', ['sh', '-c', one.tidyUp])
    await takeDown(state)
  }
}
