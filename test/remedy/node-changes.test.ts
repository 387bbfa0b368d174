import { describe, expect, test } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { NodeFact } from '../../src/model/evidence.ts'
import type { Wish } from '../../src/nodes/reconfiguring.ts'
import type { Change } from '../../src/remedy/change.ts'
import { kindOf } from '../../src/remedy/change-kinds.ts'
import { proposeWish } from '../../src/remedy/propose-node.ts'
import { type Fault, fakeKubo } from '../nodes/fake-kubo.ts'

const at = { address: '127.0.0.1', port: 5001 }
const id = 'abcd1234'
const LISTEN = ['/ip4/0.0.0.0/tcp/4001', '/ip6/::/tcp/4001', '/ip4/0.0.0.0/udp/4001/quic-v1']

const settings = () => ({
  Addresses: { AppendAnnounce: ['/ip4/192.0.2.9/tcp/1'], Swarm: [...LISTEN] },
  Swarm: { ConnMgr: {}, RelayClient: {}, Transports: { Network: {} } },
})

const CHANGES: readonly (readonly [what: string, change: Change, theirs: () => unknown])[] = [
  [
    'an address more in a list',
    {
      id,
      kind: 'node-setting',
      node: 'ipfs',
      at,
      key: 'Addresses.AppendAnnounce',
      from: ['/ip4/192.0.2.9/tcp/1'],
      add: ['/ip4/203.0.113.7/tcp/4001'],
    },
    () => ['/ip4/198.51.100.1/tcp/1'],
  ],
  [
    'another value of a list',
    { id, kind: 'node-value', node: 'ipfs', at, key: 'Addresses.Swarm', from: LISTEN, to: ['/ip4/0.0.0.0/tcp/4002'] },
    () => ['/ip4/0.0.0.0/tcp/9'],
  ],
  [
    'a value that was not set',
    { id, kind: 'node-value', node: 'ipfs', at, key: 'Swarm.RelayClient.Enabled', from: null, to: true },
    () => false,
  ],
]

async function tried(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
  }
}

async function requests(act: (host: Host) => Promise<unknown>, prepare?: (host: Host) => Promise<unknown>) {
  const kubo = fakeKubo(settings())
  await prepare?.(kubo.host)
  const before = kubo.asked()
  await act(kubo.host)
  return kubo.asked() - before
}

describe.each(CHANGES)('%s', (_, change, theirs) => {
  const kind = kindOf(change)

  test('is made once, held by the node, and taken back exactly', async () => {
    const { host, settings: held } = fakeKubo(settings())
    expect(await kind.state(host, change)).toBe('absent')
    await kind.apply(host, change)
    const made = structuredClone(held)
    expect(made).not.toEqual(settings())
    expect(await kind.state(host, change)).toBe('present')
    await kind.apply(host, change)
    expect(held).toEqual(made)
    expect(await kind.undo(host, change, 0)).toEqual({ outcome: 'undone' })
    expect(held).toEqual(settings())
    expect(await kind.undo(host, change, 0)).toEqual({ outcome: 'was-gone' })
  })

  test.each<Fault>(['refused', 'answer-lost', 'dead'])(
    'any request of making it %s: undo finishes it',
    async (fault) => {
      const most = await requests((host) => kind.apply(host, change))
      for (let k = 1; k <= most; k++) {
        const held = settings()
        await tried(() => kind.apply(fakeKubo(held, k, fault).host, change))
        const { outcome } = await kind.undo(fakeKubo(held).host, change, 0)
        expect(outcome).not.toBe('left')
        expect(held, `request ${k} of ${most}`).toEqual(settings())
      }
    },
  )

  test.each<Fault>(['refused', 'answer-lost', 'dead'])(
    'any request of undoing it %s: undo again finishes it',
    async (fault) => {
      const most = await requests(
        (host) => kind.undo(host, change, 0),
        (host) => kind.apply(host, change),
      )
      for (let k = 1; k <= most; k++) {
        const held = settings()
        await kind.apply(fakeKubo(held).host, change)
        await tried(() => kind.undo(fakeKubo(held, k, fault).host, change, 0))
        const { outcome } = await kind.undo(fakeKubo(held).host, change, 0)
        expect(outcome).not.toBe('left')
        expect(held, `request ${k} of ${most}`).toEqual(settings())
      }
    },
  )

  test('changed by somebody since, it is theirs', async () => {
    const { host, settings: held } = fakeKubo(settings())
    await kind.apply(host, change)
    const path = (change as { key: string }).key.split('.')
    const name = path.pop()!
    const around = path.reduce<Record<string, unknown>>((tree, key) => tree[key] as Record<string, unknown>, held)
    around[name] = theirs()
    const meddled = structuredClone(held)
    expect(await kind.undo(host, change, 0)).toMatchObject({ outcome: expect.stringMatching(/left|was-gone/) })
    expect(held).toEqual(meddled)
  })

  test('is not made where the node does not answer, and then not known', async () => {
    const { host } = fakeKubo(settings(), 1, 'dead')
    await expect(kind.apply(host, change)).rejects.toMatchObject({ code: 'not-available' })
    expect(await kind.state(host, change)).toBe('unknown')
    expect(await kind.undo(host, change, 0)).toMatchObject({ outcome: 'left' })
  })
})

describe('what a wish comes to', () => {
  const node = { kind: 'ipfs', access: 'answered', asked: 'http://127.0.0.1:5001/api/v0/' } as NodeFact
  const SWITCHED_OFF = ['QUIC', 'WebTransport', 'WebRTCDirect'].map((name) => [
    `Swarm.Transports.Network.${name}`,
    false,
  ])

  test.each<[Wish, Record<string, unknown>]>([
    [
      { want: 'port', port: 4002, transports: ['tcp'] },
      { 'Addresses.Swarm': ['/ip4/0.0.0.0/tcp/4002', '/ip6/::/tcp/4002', '/ip4/0.0.0.0/udp/4002/quic-v1'] },
    ],
    [{ want: 'port', port: null, transports: ['tcp'] }, {}],
    [{ want: 'port', port: 4001, transports: ['tcp'] }, {}],
    [{ want: 'tcp' }, { 'Addresses.Swarm': LISTEN.slice(0, 2), ...Object.fromEntries(SWITCHED_OFF) }],
    [{ want: 'hole-punching' }, { 'Swarm.RelayClient.Enabled': true, 'Swarm.EnableHolePunching': true }],
    [{ want: 'relay' }, { 'Swarm.RelayClient.Enabled': true }],
  ])('%j', async (wish, wanted) => {
    const changes = await proposeWish(fakeKubo(settings()).host, node, 'use-tcp', wish)
    const values = changes.map(({ content }) => (content.kind === 'node-value' ? [content.key, content.to] : []))
    expect(Object.fromEntries(values)).toEqual(wanted)
  })

  test.each([
    ['one that does not answer', { ...node, access: 'silent' } as NodeFact],
    ['one that peerway cannot tell', { ...node, kind: 'bitcoin' } as NodeFact],
    ['none', null],
  ])('of %s is nothing', async (_, fact) => {
    expect(await proposeWish(fakeKubo(settings()).host, fact, 'relay', { want: 'relay' })).toEqual([])
  })

  test('a Kubo that listens on UDP alone keeps it', async () => {
    const alone = { Addresses: { Swarm: LISTEN.slice(2) } }
    expect(await proposeWish(fakeKubo(alone).host, node, 'use-tcp', { want: 'tcp' })).toEqual([])
  })
})
