import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { type FixOptions, type FixResult, fix, type Proposal } from '../../src/fix.ts'
import type { Host } from '../../src/host/host.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { Message } from '../../src/model/message.ts'
import { Journal } from '../../src/remedy/journal.ts'
import { renderMessage } from '../../src/report/render-message.ts'
import type { Report } from '../../src/report/report.ts'
import { readRuleset } from '../../src/ruleset/read-ruleset.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { RouterGuard } from '../../src/sim/nat/router-guard.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { undo } from '../../src/undo.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { type Failure, failing } from '../remedy/failing-host.ts'

const FOLDER = '/var/lib/peerway'
const ASKED = { ports: ['4001'], vantages: ['198.51.100.20'], stateFolder: FOLDER }

const LONG = process.env.PEERWAY_LONG !== undefined
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 7))

/** A home whose router opens ports when it is asked by `protocols`, and whose host drops what comes in besides. */
async function home(protocols = 'pcp, nat-pmp, upnp', change = (yaml: string) => yaml) {
  const file = new URL('../../topologies/home-nat-and-host-firewall.yaml', import.meta.url)
  const yaml = readFileSync(file, 'utf8')
    .replaceAll('203.0.113.0/24', '45.67.89.0/24')
    .replace(/^( {4}nat: .*)$/m, `$1\n    portMapping: [${protocols}]`)
  const parsed = parseTopology(change(yaml), 'home.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, SEED)
  await startVantages(simulated, parsed.topology, startVantage)
  const { world, machines } = simulated
  const host = simulated.host('node')
  const router = machines.get('box')!.guard
  return {
    world,
    host,
    /** All that a repair may change. */
    state: async () => ({
      rules: machines.get('node')!.rulesets,
      openings: router instanceof RouterGuard ? router.openings.all() : [],
      files: await host.files.read('/etc/nftables.conf', { maxBytes: 10_000 }),
    }),
    fix: (options: Partial<FixOptions> = {}, agree = true, on: Host = host) => {
      const seen: Proposal[] = []
      const events = { agree: async (proposal: Proposal) => seen.push(proposal) > 0 && agree }
      return world.run(fix({ ...ASKED, ...options }, events, on)).then((result) => ({ ...result, seen }))
    },
    check: () => world.run(check(ASKED, host)),
    undo: (on: Host = host) => world.run(undo('all', FOLDER, on)),
    entries: async () => (await Journal.open(host, FOLDER)).entries,
  }
}

const remediesOf = ({ changes }: FixResult) => [
  ...new Set(changes.map(({ entry, state }) => `${entry.remedy} ${state}`)),
]

describe('a home whose router and whose host both stop strangers', () => {
  test('is opened by what it takes, shown first and journalled, and shut again', async () => {
    const one = await home()
    const before = await one.state()
    const result = await one.fix()
    expect(result.report.verdict).toBe('reachable')
    expect(remediesOf(result)).toEqual(['allow-in-host-firewall kept', 'map-port-pcp kept'])
    expect(result.seen).toHaveLength(1)
    expect(result.seen[0]!.diagnosis.verdict).toBe('unreachable')
    expect((await one.entries()).map(({ state }) => state)).toEqual(['kept', 'kept', 'kept', 'kept'])
    expect(await one.undo()).toHaveLength(4)
    expect(await one.state()).toEqual(before)
    expect(await one.entries()).toEqual([])
  })

  test('is proven open by a stranger whom it never spoke to, and the report is as whole as that of a check', async () => {
    const one = await home()
    const { report, diagnosis, seen } = await one.fix()
    expect(report.endpoints.map(({ reachable, caveats }) => [reachable, caveats])).toEqual([
      ['yes', []],
      ['yes', []],
    ])
    const whole = await one.check()
    expect(report.nat).toEqual(whole.report.nat)
    expect(report.path).toEqual(whole.report.path)
    const probesOf = ({ evidence }: Report) => evidence.map(({ probe }) => probe)
    expect(probesOf(report)).toEqual(probesOf(whole.report))
    const timeOf = (one: Diagnosis, name: string) => one.evidence.find(({ probe }) => probe === name)!.atMs
    // What no change of ours can alter bears the time when it was seen.
    for (const probe of ['hairpinning', 'filtering', 'hops']) {
      expect(timeOf(diagnosis, probe)).toBe(timeOf(seen[0]!.diagnosis, probe))
    }
    for (const probe of ['listeners', 'host-rules', 'dial-back']) {
      expect(timeOf(diagnosis, probe)).toBeGreaterThan(timeOf(seen[0]!.diagnosis, probe))
    }
  })

  test('is measured anew by whoever thinks for long', async () => {
    const one = await home()
    const agree = async () => {
      await one.host.clock.sleep(120_000)
      return true
    }
    const { report } = await one.world.run(fix(ASKED, { agree }, one.host))
    expect(report.endpoints.map(({ reachable, caveats }) => [reachable, caveats])).toEqual([
      ['yes', []],
      ['yes', []],
    ])
    expect(report.evidence.every(({ at }) => at >= report.at)).toBe(true)
  })

  test.each([
    ['nobody agrees', {}, false],
    ['it is a dry run', { dryRun: true }, true],
  ])('is left as it is where %s', async (_, options, agree) => {
    const one = await home()
    const before = await one.state()
    const { proposed, changes, report } = await one.fix(options, agree)
    expect(proposed.map(({ change }) => change.kind)).toEqual(['nft-rule', 'nft-rule', 'port-mapping', 'port-mapping'])
    expect({ changes, verdict: report.verdict }).toEqual({ changes: [], verdict: 'unreachable' })
    expect(await one.state()).toEqual(before)
    expect(await one.entries()).toEqual([])
  })

  test('is left as it is where the remedies that may be used do not open it', async () => {
    const one = await home()
    const { changes, seen } = await one.fix({ only: ['allow-in-host-firewall'] })
    expect({ changes, seen }).toEqual({ changes: [], seen: [] })
  })

  test('a second repair has nothing to do, and makes nothing twice', async () => {
    const one = await home()
    await one.fix()
    const state = await one.state()
    const again = await one.fix()
    expect({ seen: again.seen, verdict: again.report.verdict }).toEqual({ seen: [], verdict: 'reachable' })
    expect(await one.state()).toEqual(state)
  })
})

test('what does not help is taken back: a mapping behind a provider that blocks the port', async () => {
  const blocked = (yaml: string) =>
    yaml.replace(
      'isp: { inside: access, outside: internet }',
      'isp: { inside: access, outside: internet, filters: [{ direction: in, transport: both, ports: [4001] }] }',
    )
  const one = await home('pcp, upnp', blocked)
  const before = await one.state()
  const result = await one.fix()
  expect(result.report.verdict).toBe('unreachable')
  expect(remediesOf(result).every((each) => each.endsWith('taken-back'))).toBe(true)
  expect(await one.state()).toEqual(before)
  expect(await one.entries()).toEqual([])
})

test('what is proven stays so when another port is measured anew, and what was made for that is taken back', async () => {
  const blocked = (yaml: string) =>
    yaml.replace(
      'isp: { inside: access, outside: internet }',
      'isp: { inside: access, outside: internet, filters: [{ direction: in, transport: tcp, ports: [4001] }] }',
    )
  const one = await home('pcp', blocked)
  const { report, changes } = await one.fix()
  expect(report.endpoints.map(({ transport, reachable, caveats }) => [transport, reachable, caveats])).toEqual([
    ['udp', 'yes', []],
    ['tcp', 'no', []],
  ])
  expect(changes.some(({ state }) => state === 'taken-back')).toBe(true)
})

test('a port that the host was found to stop after another is opened too', async () => {
  const one = await home('pcp', (yaml) =>
    yaml.replace('iif lo accept', 'iif lo accept\n            udp dport 4001 accept'),
  )
  let asked = 0
  const agree = async () => {
    // As a rule with a limit would: it let the first packets in.
    if (asked++ === 0) await deleteRule(one.host, 'udp dport 4001 accept')
    return true
  }
  const result = await one.world.run(fix(ASKED, { agree }, one.host))
  expect({ asked, verdict: result.report.verdict }).toEqual({ asked: 2, verdict: 'reachable' })
  expect(remediesOf(result)).toEqual(['allow-in-host-firewall kept', 'map-port-pcp kept'])
})

async function deleteRule(host: Host, text: string): Promise<void> {
  const read = readRuleset(await host.netfilter.rulesets())
  if (!read.ok) throw new Error(read.code)
  const [table] = read.value.tables
  const { handle } = table!.chains[0]!.rules.find((rule) => rule.text === text)!
  await host.netfilter.deleteNftRule({ family: 'inet', table: 'filter', chain: 'input' }, handle!)
}

test('why nothing is planned is told, once for each endpoint, and nothing is changed', async () => {
  // Docker writes this table anew, and has no place in it for rules of others.
  const one = await home('pcp', (yaml) => yaml.replace('table inet filter', 'table ip docker-bridges'))
  const before = await one.state()
  const told: string[] = []
  const events = { agree: async () => true, onTrouble: (why: Message) => void told.push(renderMessage(why, 'en')) }
  const { changes, report } = await one.world.run(fix(ASKED, events, one.host))
  // A check promises no more.
  expect(report.remedies.filter(({ automatic }) => automatic)).toEqual([])
  const allow = report.remedies.find(({ id }) => id === 'allow-in-host-firewall')!
  expect(allow.steps.join('\n')).toContain('nothing is planned for udp/ipv4/4001')
  expect({ changes, told }).toEqual({
    changes: [],
    told: ['udp', 'tcp'].map((transport) => expect.stringContaining(`nothing is planned for ${transport}/ipv4/4001`)),
  })
  expect(await one.state()).toEqual(before)
})

test('what a killed run left and cannot be taken back is told, and stays in the journal', async () => {
  const one = await home()
  await one.host.files.replace('/etc/nftables.conf', 'theirs\nours\n')
  const journal = await Journal.open(one.host, FOLDER)
  await journal.write({
    change: {
      id: 'leftover',
      kind: 'file',
      path: '/etc/nftables.conf',
      from: 'before\n',
      to: 'before\nours\nours too\n',
    },
    remedy: 'allow-in-host-firewall',
    clears: ['host-firewall-drops-inbound'],
    endpoints: [],
    keeps: null,
    untilReboot: false,
    state: 'planned',
    atMs: 0,
  })
  const { changes } = await one.fix({}, false)
  expect(changes).toMatchObject([{ state: 'left', entry: { change: { id: 'leftover' } } }])
  expect((await one.entries()).map(({ change }) => change.id)).toEqual(['leftover'])
})

test('two repairs do not run at once', async () => {
  const one = await home()
  const held = await one.host.files.lock(`${FOLDER}/repair.lock`)
  await expect(one.fix()).rejects.toMatchObject({ code: 'busy' })
  await expect(one.undo()).rejects.toMatchObject({ code: 'busy' })
  await held[Symbol.asyncDispose]()
  expect((await one.fix()).report.verdict).toBe('reachable')
})

test('while it checks and changes, it holds the lock', async () => {
  const one = await home()
  const taken: unknown[] = []
  const events = {
    agree: async () => {
      taken.push(await one.host.files.lock(`${FOLDER}/repair.lock`).catch((error: PeerwayError) => error.code))
      return true
    },
  }
  await one.world.run(fix(ASKED, events, one.host))
  expect(taken).toEqual(['busy'])
})

/** Every k-th call in the long tier; else some of them, others for each way of failing. */
const STEP = LONG ? 1 : 9
const FAILURES: readonly Failure[] = ['refused', 'answer-lost', 'dead']

describe.each(FAILURES.map((failure, index) => [failure, index] as const))(
  'a host call that fails (%s), whichever it is,',
  (failure, index) => {
    test('leaves nothing that undo does not take back', { timeout: 900_000 }, async () => {
      const whole = await home()
      const counting = failing(whole.host, 0)
      await whole.fix({}, true, counting.host)
      const calls = counting.calls()
      expect(calls).toBeGreaterThan(20)
      for (let k = 1 + index; k <= calls; k += STEP) {
        const one = await home()
        const before = await one.state()
        await one.fix({}, true, failing(one.host, k, failure).host).catch((error) => {
          if (!(error instanceof PeerwayError)) throw error
        })
        // The lock of a program that was killed ends with it.
        if (failure === 'dead')
          await one.host.files
            .lock(`${FOLDER}/repair.lock`)
            .then((lock) => lock[Symbol.asyncDispose]())
            .catch(() => {})
        const left = await one.undo()
        expect(
          left.filter(({ outcome }) => outcome === 'left'),
          `call ${k} of ${calls}, PEERWAY_SEED=${SEED}`,
        ).toEqual([])
        expect(await one.state(), `call ${k} of ${calls}, PEERWAY_SEED=${SEED}`).toEqual(before)
      }
    })
  },
)
