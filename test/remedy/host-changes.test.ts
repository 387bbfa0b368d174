import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { Change } from '../../src/remedy/change.ts'
import { kindOf } from '../../src/remedy/change-kinds.ts'
import { nftTextToJson } from '../../src/sim/firewall/nft-text-to-json.ts'
import { Machine } from '../../src/sim/machine.ts'
import { openSimHost } from '../../src/sim/sim-host/sim-host.ts'
import { World } from '../../src/sim/world.ts'
import { type Failure, failing } from './failing-host.ts'

const NFT = `table inet f { chain input { type filter hook input priority filter; policy drop
  tcp dport 22 accept
  tcp dport 4001 drop
} }`
const SAVED = [
  '*filter',
  ':INPUT DROP [0:0]',
  '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
  '-A INPUT -j DROP',
  'COMMIT',
  '',
].join('\n')
const CONF = 'one\ntwo\nthree\n'
const id = 'abcd1234'

interface Case {
  readonly change: Change
  /** Somebody else changes what we made. */
  readonly meddle: (site: Site) => Promise<void>
}

interface Site {
  readonly host: Host
  readonly machine: Machine
  /** All that a change could leave behind. */
  snapshot(): Promise<unknown>
}

async function site(): Promise<Site> {
  const machine = new Machine(new World(1), 'host')
  machine.rulesets = { nft: nftTextToJson(NFT, 'host'), iptablesLegacy: SAVED }
  const host = openSimHost(machine)
  await host.files.replace('/etc/some.conf', CONF)
  return {
    host,
    machine,
    snapshot: async () => [
      JSON.parse(machine.rulesets.nft!),
      machine.rulesets.iptablesLegacy,
      machine.forwards,
      await host.files.read('/etc/some.conf', { maxBytes: 999 }),
      await host.files.read('/etc/new.conf', { maxBytes: 999 }),
    ],
  }
}

const edit =
  (from: string, to: string) =>
  async ({ machine }: Site) => {
    const { nft, iptablesLegacy } = machine.rulesets
    machine.rulesets = { nft: nft!.replace(from, to), iptablesLegacy: iptablesLegacy!.replace(from, to) }
  }
const rewrite =
  (path: string, text: string) =>
  async ({ host }: Site) =>
    host.files.replace(path, text)

const CASES = new Map<string, Case>([
  [
    'a rule of nft',
    {
      change: {
        id,
        kind: 'nft-rule',
        family: 'inet',
        table: 'f',
        chain: 'input',
        before: 'tcp dport 4001 drop',
        rule: 'tcp dport 4001 accept',
      },
      meddle: edit(`"right":4001}},{"accept"`, `"right":4002}},{"accept"`),
    },
  ],
  [
    'a rule of nft at the end of its chain',
    {
      change: {
        id,
        kind: 'nft-rule',
        family: 'inet',
        table: 'f',
        chain: 'input',
        before: null,
        rule: 'udp dport 4001 accept',
      },
      meddle: edit(`"right":4001}},{"accept"`, `"right":4002}},{"accept"`),
    },
  ],
  [
    'a rule of iptables',
    {
      change: {
        id,
        kind: 'iptables-rule',
        backend: 'legacy',
        family: 'ipv4',
        table: 'filter',
        chain: 'INPUT',
        before: '-j DROP',
        rule: ['-p', 'tcp', '-m', 'tcp', '--dport', '4001', '-j', 'ACCEPT'],
      },
      meddle: edit('--dport 4001', '--dport 4002'),
    },
  ],
  [
    'a setting of the kernel',
    {
      change: { id, kind: 'sysctl', name: 'net.ipv4.ip_forward', from: '0', to: '1' },
      meddle: async () => {},
    },
  ],
  [
    'a file that is changed',
    {
      change: { id, kind: 'file', path: '/etc/some.conf', from: CONF, to: 'one\ntwo\nours\nthree\n' },
      meddle: rewrite('/etc/some.conf', 'one\ntwo\nours?\nthree\n'),
    },
  ],
  [
    'a file that is made',
    {
      change: { id, kind: 'file', path: '/etc/new.conf', from: null, to: 'ours\n' },
      meddle: rewrite('/etc/new.conf', 'ours, nearly\n'),
    },
  ],
])

const rows = [...CASES].map(([what, one]) => ({ what, ...one }))
const changed = rows.filter(({ what }) => !what.includes('kernel'))

/** Host calls of making or undoing it; each of them is let fail in turn. */
async function calls(change: Change, act: (host: Host) => Promise<unknown>, isMade: boolean): Promise<number> {
  const { host } = await site()
  if (isMade) await kindOf(change).apply(host, change)
  const counting = failing(host, 0)
  await act(counting.host)
  return counting.calls()
}

async function tried(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
  }
}

describe.each(rows)('$what', ({ change }) => {
  const kind = kindOf(change)

  test('is made once, seen, and taken back exactly', async () => {
    const { host, snapshot } = await site()
    const before = await snapshot()
    expect(await kind.state(host, change)).toBe('absent')
    expect(await kind.apply(host, change)).toEqual(change)
    const made = await snapshot()
    expect(made).not.toEqual(before)
    expect(await kind.state(host, change)).toBe('present')
    await kind.apply(host, change)
    expect(await snapshot()).toEqual(made)
    expect(await kind.undo(host, change, 0)).toEqual({ outcome: 'undone' })
    expect(await snapshot()).toEqual(before)
    expect(await kind.undo(host, change, 0)).toEqual({ outcome: 'was-gone' })
  })

  test.each<Failure>(['refused', 'answer-lost', 'dead'])(
    'any call of making it %s: undo finishes it',
    async (failure) => {
      const most = await calls(change, (host) => kind.apply(host, change), false)
      expect(most).toBeGreaterThan(0)
      for (let k = 1; k <= most; k++) {
        const { host, snapshot } = await site()
        const before = await snapshot()
        await tried(() => kind.apply(failing(host, k, failure).host, change))
        const { outcome } = await kind.undo(host, change, 0)
        expect(outcome).not.toBe('left')
        expect(await snapshot(), `call ${k} of ${most}`).toEqual(before)
      }
    },
  )

  test.each<Failure>(['refused', 'answer-lost', 'dead'])(
    'any call of undoing it %s: undo again finishes it',
    async (failure) => {
      const most = await calls(change, (host) => kind.undo(host, change, 0), true)
      for (let k = 1; k <= most; k++) {
        const { host, snapshot } = await site()
        const before = await snapshot()
        await kind.apply(host, change)
        await tried(() => kind.undo(failing(host, k, failure).host, change, 0))
        const { outcome } = await kind.undo(host, change, 0)
        expect(outcome).not.toBe('left')
        expect(await snapshot(), `call ${k} of ${most}`).toEqual(before)
      }
    },
  )
})

describe.each(changed)('$what that somebody changed since', ({ change, meddle }) => {
  test('is theirs now, and is left', async () => {
    const here = await site()
    await kindOf(change).apply(here.host, change)
    await meddle(here)
    const meddled = await here.snapshot()
    expect(await kindOf(change).state(here.host, change)).toBe('altered')
    expect(await kindOf(change).undo(here.host, change, 0)).toMatchObject({
      outcome: expect.stringMatching(/left|was-gone/),
    })
    expect(await here.snapshot()).toEqual(meddled)
  })
})

describe('a file that somebody added to', () => {
  const { change } = CASES.get('a file that is changed')!
  test.each([
    [
      'keeps what is theirs and loses our lines',
      'zero\none\ntwo\nours\nthree\nfour\n',
      'zero\none\ntwo\nthree\nfour\n',
      'undone',
    ],
    [
      'is left where our line stands there twice',
      'one\nours\ntwo\nours\nthree\n',
      'one\nours\ntwo\nours\nthree\n',
      'left',
    ],
    ['is left alone where our line is gone', 'one\ntwo\n', 'one\ntwo\n', 'was-gone'],
  ])('%s', async (_, text, after, outcome) => {
    const { host } = await site()
    await kindOf(change).apply(host, change)
    await host.files.replace('/etc/some.conf', text)
    expect(await kindOf(change).undo(host, change, 0)).toMatchObject({ outcome })
    expect(await host.files.read('/etc/some.conf', { maxBytes: 999 })).toBe(after)
  })
})

describe('is not made where the world changed since it was planned', () => {
  test.each<[what: string, change: string, meddle: (site: Site) => Promise<void>]>([
    ['the rule to go before is gone', 'a rule of nft', edit('"right":4001', '"right":4009')],
    ['the rule of iptables to go before is gone', 'a rule of iptables', edit('-A INPUT -j DROP', '-A INPUT -j REJECT')],
    ['the file has another text', 'a file that is changed', rewrite('/etc/some.conf', 'else')],
    ['there is such a file now', 'a file that is made', rewrite('/etc/new.conf', 'else')],
  ])('%s', async (_, name, meddle) => {
    const here = await site()
    const { change } = CASES.get(name)!
    await meddle(here)
    const before = await here.snapshot()
    await expect(kindOf(change).apply(here.host, change)).rejects.toMatchObject({ code: 'busy' })
    expect(await here.snapshot()).toEqual(before)
  })
})
