import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { FactOf, NodeAddress } from '../../src/model/evidence.ts'
import {
  addresses,
  CLEAN,
  dial,
  EXTERNAL,
  HOME,
  listeners,
  NEVER_CAME,
  run,
  SEEN,
  TCP,
  UDP,
  type Unnumbered,
  VANTAGE,
  vantage,
} from './evidence.ts'

function node(options: Partial<FactOf<'node'>> = {}): Unnumbered {
  const value: FactOf<'node'> = {
    kind: 'ipfs',
    foundBy: 'process',
    process: 'ipfs',
    container: null,
    version: '0.42.0',
    asked: 'http://127.0.0.1:5001/api/v0/',
    access: 'answered',
    ports: [TCP],
    portsFrom: 'node',
    adminPorts: [],
    others: [],
    ...options,
  }
  return { probe: 'node', value }
}

function peers(options: Partial<FactOf<'node-peers'>> = {}): Unnumbered {
  const value: FactOf<'node-peers'> = {
    part: null,
    peers: 40,
    inbound: 10,
    fromOutside: [{ transport: 'tcp', family: 'ipv4', peers: 3 }],
    wanted: { min: 32, max: 96 },
    outboundQuota: null,
    from: 'api',
    ...options,
  }
  return { probe: 'node-peers', value }
}

const place = (address: string | null, port = 4001, options: Partial<NodeAddress> = {}): NodeAddress => ({
  transport: 'tcp',
  address,
  port,
  name: address === null ? 'node.example' : null,
  isDirect: true,
  ...options,
})

function announces(announced: readonly NodeAddress[], options: Partial<FactOf<'node-addresses'>> = {}): Unnumbered {
  return { probe: 'node-addresses', value: { announced, configured: [], isComplete: true, ...options } }
}

const cameIn = dial(TCP, 'connected', { greeting: 'multistream' })
const AROUND = [addresses(), listeners(TCP), vantage()]

describe('what the node announces', () => {
  const judge = (...facts: readonly Unnumbered[]) => {
    const { obstacles, endpoints, notes } = diagnose(run(...AROUND, ...facts), [TCP])
    const said = obstacles.filter(({ id }) => id === 'announces-unreachable-address')
    return {
      said: said.map(({ certainty, endpoints: stopped, text }) => [certainty, stopped, text.params.address]),
      reachable: endpoints[0]!.reachable,
      restart: notes.some(({ id }) => id === 'note.restart-node'),
    }
  }

  test.each<readonly [string, readonly Unnumbered[], readonly unknown[]]>([
    ['private addresses alone', [announces([place(HOME)])], [['proven', [], `${HOME}:4001`]]],
    ['that of its bridge in Docker', [announces([place('172.17.0.2')])], [['proven', [], '172.17.0.2:4001']]],
    ['the right one beside private ones', [announces([place(HOME), place(EXTERNAL)])], []],
    [
      'the right address with another port: that may be forwarded too',
      [announces([place(EXTERNAL, 4011)])],
      [['likely', [], `${EXTERNAL}:4011`]],
    ],
    [
      'another address of the Internet: it may lead here too',
      [announces([place('203.0.113.99')])],
      [['likely', [], '203.0.113.99:4001']],
    ],
    ['a name, which may lead anywhere', [announces([place(HOME), place(null)])], []],
    ['nothing over this transport', [announces([place(EXTERNAL, 4001, { transport: 'udp' })])], []],
    ['a relay alone', [announces([place('198.51.100.9', 4001, { isDirect: false })])], []],
    ['loopback alone', [announces([place('127.0.0.1')])], []],
    ['more than it tells', [announces([place(HOME)], { isComplete: false })], []],
    ['nothing that is known', [], []],
  ])('%s', (_, facts, said) => {
    expect(judge(cameIn, node(), ...facts)).toMatchObject({ said, reachable: 'yes' })
  })

  test('where strangers do not get in at all, that is what is said', () => {
    const silent = dial(TCP, 'silent')
    expect(judge(silent, node(), announces([place(HOME)])).said).toEqual([])
  })
  test('of a port that is not the node’s nothing is said', () => {
    expect(judge(cameIn, node({ ports: [UDP] }), announces([place(HOME)])).said).toEqual([])
  })
  test('once its settings are right it only has to be restarted', () => {
    const facts = [cameIn, node(), announces([place(HOME)], { configured: [place(EXTERNAL)] })]
    expect(judge(...facts)).toMatchObject({ said: [], restart: true })
  })
})

describe('peers that came in', () => {
  const reachable = (...facts: readonly Unnumbered[]) => {
    const [endpoint] = diagnose(run(addresses(), listeners(TCP), ...facts), [TCP]).endpoints
    return [endpoint!.reachable, endpoint!.caveats]
  }
  const KNOWN = ['yes', ['address-dependent-filter-not-excluded']]

  test('show without any vantage that somebody gets in, whom this host may have spoken to', () => {
    expect(reachable(node(), peers())).toEqual(KNOWN)
  })
  test.each<readonly [string, readonly Unnumbered[]]>([
    ['none of them from the Internet', [node(), peers({ fromOutside: [] })]],
    ['over another transport', [node(), peers({ fromOutside: [{ transport: 'udp', family: 'ipv4', peers: 3 }] })]],
    ['over another family', [node(), peers({ fromOutside: [{ transport: 'tcp', family: 'ipv6', peers: 3 }] })]],
    ['to which of two ports is not known', [node({ ports: [TCP, { transport: 'tcp', port: 4002 }] }), peers()]],
    [
      'by a hole that a relay helped to punch, perhaps',
      [node(), peers(), announces([place('198.51.100.9', 4001, { isDirect: false })])],
    ],
    [
      'to a node that finds itself private',
      [
        node(),
        peers(),
        { probe: 'node-opinion', value: { transport: null, family: null, answer: 'no', words: 'Private' } },
      ],
    ],
    ['where nobody knows where they came from', [node(), peers({ fromOutside: null })]],
  ])('show nothing: %s', (_, facts) => {
    expect(reachable(...facts)).toEqual(['unknown', []])
  })
  test('do not outweigh a dial from an address that this host never spoke to', () => {
    const lost = dial(TCP, 'silent')
    expect(reachable(vantage(), lost, node(), peers())).toEqual(['no', []])
  })
})

describe('few-peers', () => {
  const said = (options: Partial<FactOf<'node-peers'>>) =>
    diagnose(run(...AROUND, node(), peers(options)), [TCP]).warnings.map(({ id, text }) => [id, text.params])

  test.each<readonly [string, Partial<FactOf<'node-peers'>>, readonly unknown[]]>([
    ['as many as are usual', {}, []],
    ['fewer than are usual', { peers: 12 }, [['few-peers', { peers: 12, min: 32, max: 96 }]]],
    [
      'all dialled by the node itself',
      { peers: 12, inbound: 0 },
      [['few-peers', { peers: 12, min: 32, max: 96, alone: 1 }]],
    ],
    [
      'no more than it dials by itself',
      { peers: 8, wanted: null, outboundQuota: 8, inbound: null },
      [['few-peers', { peers: 8, quota: 8 }]],
    ],
    ['no number is usual', { peers: 1, wanted: null }, []],
  ])('%s', (_, options, warnings) => {
    expect(said(options)).toEqual(warnings)
  })
})

describe('admin-port-exposed', () => {
  const RPC = { port: 5001, service: 'rpc', boundTo: ['0.0.0.0'], isPublished: false } as const
  const admin = (options: Partial<FactOf<'dial-back'>>) =>
    dial({ transport: 'tcp', port: 5001 }, 'connected', { purpose: 'admin', ...options })
  const warned = (options: Partial<FactOf<'dial-back'>>, ports: FactOf<'node'>['adminPorts'] = [RPC]) =>
    diagnose(run(...AROUND, cameIn, node({ adminPorts: ports }), admin(options)), [TCP]).warnings.map(
      ({ id, text }) => [id, text.params],
    )

  test('a dial from outside was answered, by this host', () => {
    expect(warned({})).toEqual([['admin-port-exposed', { endpoints: 'tcp/ipv4/5001', service: 'rpc' }]])
  })
  test('Docker publishes it', () => {
    expect(warned({}, [{ ...RPC, isPublished: true }])).toMatchObject([['admin-port-exposed', { published: 1 }]])
  })
  test('by somebody whom this host had spoken to: it says so', () => {
    expect(warned({ sourceClean: false })).toMatchObject([['admin-port-exposed', { known: 1 }]])
  })
  test.each<readonly [string, Partial<FactOf<'dial-back'>>]>([
    ['nothing came back', { outcome: 'silent' }],
    ['the router answered in its place', { arrival: NEVER_CAME }],
    ['a neighbour dialled', { source: { address: '192.168.1.77', port: 1 } }],
    ['nobody dialled', { outcome: 'not-dialled' }],
  ])('not where %s', (_, options) => {
    expect(warned(options)).toEqual([])
  })
})

test('the node in the report is the half with the fewest peers', () => {
  const { node: summary } = diagnose(
    run(
      ...AROUND,
      node({ kind: 'khala' }),
      peers({ part: 'parachain', peers: 1 }),
      peers({ part: 'relaychain', peers: 50 }),
    ),
    [TCP],
  )
  expect(summary).toEqual({ kind: 'khala', peers: 1, peersWanted: { min: 32, max: 96 } })
  expect(VANTAGE).not.toBe(CLEAN)
})

describe('a node that listens only while a client is with it', () => {
  const RANGE = { transport: 'udp', first: 4000, last: 4999 } as const
  const CLIENTS = { interfaces: 'myst', network: '10.182.0.0/16', accepts: true } as const
  const rests = node({ kind: 'mysterium', ports: [UDP], onDemand: RANGE })
  const judge = (...facts: readonly Unnumbered[]) => diagnose(run(addresses(), vantage(), ...facts), [UDP])
  const nobody = listeners(UDP, { state: 'none', sockets: [] })
  const held = dial(UDP, 'answered', {
    holder: 'peerway',
    greeting: 'nonce',
    arrival: { ...SEEN, how: 'held-socket' },
  })

  test('is not blamed for not listening, and is not said to be reachable either', () => {
    const { obstacles, endpoints, notes, verdict } = judge(nobody, held, rests)
    expect(obstacles).toEqual([])
    expect(endpoints).toMatchObject([{ reachable: 'unknown' }])
    expect(verdict).toBe('unknown')
    expect(notes).toContainEqual({
      id: 'note.listens-on-demand',
      params: { first: 4000, last: 4999, endpoints: 'udp/ipv4/4001' },
    })
  })

  test('another kind in its place does not listen', () => {
    expect(judge(nobody, held, node()).obstacles.map(({ id }) => id)).toEqual(['not-listening'])
  })

  test('a port outside of its range is one like any other', () => {
    const beside = node({ kind: 'mysterium', onDemand: { transport: 'udp', first: 5000, last: 5999 } })
    expect(judge(nobody, held, beside).obstacles.map(({ id }) => id)).toEqual(['not-listening'])
  })

  test('what stops strangers on the way is told all the same', () => {
    const stopped = dial(UDP, 'silent', { holder: 'peerway', arrival: NEVER_CAME })
    expect(judge(nobody, stopped, rests).endpoints).toMatchObject([{ reachable: 'no' }])
  })

  test('in a container that publishes TCP alone it is likely that nothing is passed on', () => {
    const inside = node({ kind: 'mysterium', container: 'myst', ports: [UDP], onDemand: RANGE, unpublished: [UDP] })
    expect(judge(nobody, held, inside).obstacles).toMatchObject([
      { id: 'port-not-published', certainty: 'likely', text: { params: { container: 'myst', range: '4000-4999' } } },
    ])
  })

  test.each<[what: string, accepts: boolean, isThere: boolean, rule: string | null, certainty: string | undefined]>([
    ['the policy, with a client there', true, true, null, 'proven'],
    ['a rule, with a client there', true, true, '-A FORWARD -j REJECT', 'proven'],
    // For the next one the node appends a rule of its own, which comes before the policy and after the rule.
    ['the policy, before a client comes', true, false, null, undefined],
    ['a rule, before a client comes', true, false, '-A FORWARD -j REJECT', 'likely'],
    ['the policy, with an old node', false, false, null, 'likely'],
  ])('whose clients are stopped by %s', (_, accepts, isThere, rule, certainty) => {
    const at = { backend: 'nft', family: 'ip', table: 'filter', chain: 'FORWARD', hook: 'forward', rule } as const
    const forwarding = { setting: 'net.ipv4.ip_forward', on: 'yes', ...CLIENTS, accepts } as const
    const outwards = { kind: 'drop', at, expression: null } as const
    const value = { interface: 'myst0', client: '10.182.0.2', isThere, outwards, back: outwards }
    const { obstacles } = judge(nobody, held, node({ onDemand: RANGE, forwarding }), { probe: 'client-rules', value })
    expect(obstacles).toMatchObject(
      certainty === undefined
        ? []
        : [{ id: 'host-firewall-drops-forwarded', certainty, endpoints: [], text: { params: { clients: 'myst0' } } }],
    )
  })

  test('whose host does not pass packets on is told so, and that the node may yet switch it on', () => {
    const setting = 'net.ipv4.ip_forward'
    const said = (on: 'yes' | 'no' | 'unknown') =>
      judge(nobody, held, node({ onDemand: RANGE, forwarding: { setting, on, ...CLIENTS } }))
    expect(said('no').obstacles).toMatchObject([
      {
        id: 'ip-forwarding-disabled',
        certainty: 'likely',
        endpoints: [],
        settledBy: { id: 'settled-by.while-client' },
      },
    ])
    for (const on of ['yes', 'unknown'] as const) expect(said(on).obstacles).toEqual([])
  })
})
