import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { Evidence, RuleFate } from '../../src/model/evidence.ts'
import {
  addresses,
  CLEAN,
  dial,
  dropped,
  EATEN,
  EXTERNAL,
  hops,
  LET_IN,
  listeners,
  mapped,
  NEVER_CAME,
  NOT_SEEN,
  neighbours,
  outbound,
  owner,
  rules,
  run,
  SEEN,
  TCP,
  UDP,
  VANTAGE,
  vantage,
} from './evidence.ts'

const HOME_NAT = [addresses(), vantage(), mapped(), hops('192.168.1.1 0.4', '203.0.113.1 9'), owner('=203.0.113.7 0.4')]
const PUBLIC = [addresses(EXTERNAL), vantage(), mapped(EXTERNAL, EXTERNAL)]
const GUEST = { address: '172.17.0.2', port: 4001 }
const GUEST_SOCKET = {
  transport: 'tcp',
  address: '0.0.0.0',
  port: 4001,
  families: ['ipv4'],
  process: 'node',
  pid: 1000,
  namespace: 'container',
  isGuest: true,
} as const

const PASSED_ON = { path: 'forward', translatedTo: GUEST } as const

function summary(evidence: readonly Evidence[], ports = [TCP]) {
  const { endpoints, obstacles } = diagnose(evidence, ports)
  return {
    reachable: endpoints.map(({ reachable }) => reachable).join(' '),
    obstacles: obstacles.map(({ id, certainty, endpoints: stopped }) => `${id} ${certainty} ${stopped.length}`),
  }
}

const ROWS: readonly [string, readonly Evidence[], ReturnType<typeof summary>][] = [
  [
    'counters alone',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'silent', { arrival: EATEN })),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'counters and rules agree',
    run(...PUBLIC, listeners(TCP), rules(TCP, { inbound: dropped('input') }), dial(TCP, 'silent', { arrival: EATEN })),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'counters, and rules that nobody can judge',
    run(
      ...PUBLIC,
      listeners(TCP),
      rules(TCP, { inbound: { kind: 'unknown', at: null, expression: 'limit rate 1/second' } }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'rules alone, without a vantage',
    run(addresses(), listeners(TCP), rules(TCP, { inbound: dropped('prerouting') })),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'rules alone, and nobody can judge them',
    run(addresses(), listeners(TCP), rules(TCP, { inbound: { kind: 'unknown', at: null, expression: 'queue' } })),
    { reachable: 'unknown', obstacles: [] },
  ],
  [
    'a router in front hides nothing of the host’s own rules',
    run(
      ...HOME_NAT,
      listeners(TCP),
      rules(TCP, { inbound: dropped('input') }),
      dial(TCP, 'silent', { arrival: NEVER_CAME }),
      ...neighbours('silent'),
    ),
    { reachable: 'no', obstacles: ['router-source-nat proven 1', 'host-firewall-drops-inbound proven 1'] },
  ],
  [
    'somebody got in all the same',
    run(...PUBLIC, listeners(TCP), rules(TCP, { inbound: dropped('input') }), dial(TCP, 'connected')),
    { reachable: 'yes', obstacles: [] },
  ],
  [
    'dropped on the way through to a guest',
    run(
      ...PUBLIC,
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, {
        ...PASSED_ON,
        inbound: dropped('forward'),
        forwarding: { setting: 'net.ipv4.ip_forward', on: 'yes' },
      }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-forwarded proven 1'] },
  ],
  [
    'a guest, and the kernel forwards nothing',
    run(
      ...PUBLIC,
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, { ...PASSED_ON, forwarding: { setting: 'net.ipv4.ip_forward', on: 'no' } }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['ip-forwarding-disabled proven 1'] },
  ],
  [
    'both of them',
    run(
      addresses(),
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, {
        ...PASSED_ON,
        inbound: dropped('forward'),
        forwarding: { setting: 'net.ipv4.ip_forward', on: 'no' },
      }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-forwarded proven 1', 'ip-forwarding-disabled proven 1'] },
  ],
  [
    'eaten on the way through, by no rule that was found',
    run(
      ...PUBLIC,
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, { ...PASSED_ON, forwarding: { setting: 'net.ipv4.ip_forward', on: 'yes' } }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-forwarded likely 1'] },
  ],
  ...(['yes', 'no'] as const).map((on): (typeof ROWS)[number] => [
    `eaten where a rule sends it on and another that nobody can judge stands behind, forwarding ${on}`,
    run(
      ...PUBLIC,
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, {
        inbound: { ...dropped('forward'), kind: 'unknown', expression: '-m u32 --u32 0x0=0x0' },
        path: null,
        translatedTo: GUEST,
        forwarding: { setting: 'net.ipv4.ip_forward', on },
      }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    {
      reachable: 'no',
      obstacles: [on === 'yes' ? 'host-firewall-drops-forwarded likely 1' : 'ip-forwarding-disabled proven 1'],
    },
  ]),
  [
    'eaten by a rule that nobody can judge',
    run(
      ...PUBLIC,
      listeners(TCP),
      rules(TCP, { inbound: { ...dropped('input'), kind: 'unknown', expression: '-m u32 --u32 0x0=0x0' } }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'the answer dropped',
    run(...PUBLIC, listeners(TCP), rules(TCP, { answer: dropped('output') }), dial(TCP, 'silent', { arrival: SEEN })),
    { reachable: 'no', obstacles: ['host-firewall-drops-outbound proven 1'] },
  ],
  [
    'the answer dropped, and a handshake all the same: it was another’s',
    run(
      ...PUBLIC,
      listeners(TCP),
      rules(TCP, { answer: dropped('output') }),
      dial(TCP, 'connected', { arrival: SEEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-outbound proven 1'] },
  ],
  [
    'a guest listens, and the packet is dropped before it would be taken there',
    run(
      ...PUBLIC,
      listeners(TCP, {
        state: 'elsewhere-only',
        redirected: 'yes',
        sockets: [GUEST_SOCKET],
      }),
      rules(TCP, { inbound: dropped('prerouting'), path: null }),
      dial(TCP, 'silent', { arrival: EATEN }),
    ),
    { reachable: 'no', obstacles: ['host-firewall-drops-inbound proven 1'] },
  ],
  [
    'the node’s own packets dropped stop no endpoint',
    run(...PUBLIC, listeners(TCP), rules(TCP, { outbound: dropped('output') }), dial(TCP, 'connected')),
    { reachable: 'yes', obstacles: ['host-firewall-drops-outbound proven 0'] },
  ],
  [
    'what this host itself may not send is no matter of a guest',
    run(
      addresses(),
      listeners(TCP, { state: 'elsewhere-only', redirected: 'yes' }),
      rules(TCP, { ...PASSED_ON, outbound: dropped('output') }),
    ),
    { reachable: 'unknown', obstacles: [] },
  ],
  [
    'rules that let everybody in exclude this host without counters',
    run(...HOME_NAT, listeners(TCP), rules(TCP), dial(TCP, 'silent', { arrival: NOT_SEEN }), ...neighbours('silent')),
    { reachable: 'no', obstacles: ['router-source-nat proven 1'] },
  ],
  [
    'but not where this very host may have refused',
    run(...HOME_NAT, listeners(TCP), rules(TCP), dial(TCP, 'refused', { arrival: NOT_SEEN }), ...neighbours('refused')),
    { reachable: 'no', obstacles: ['router-source-nat likely 1'] },
  ],
  [
    'a port that rules send on is not called closed',
    run(addresses(), listeners(TCP, { state: 'none', redirected: 'yes' }), rules(TCP, PASSED_ON)),
    { reachable: 'unknown', obstacles: [] },
  ],
]

test.each(ROWS)('%s', (_name, evidence, expected) => expect(summary(evidence)).toEqual(expected))

test('silent UDP that came in is reachable only where its answers are not dropped', () => {
  const arrived = dial(UDP, 'silent', { arrival: SEEN })
  expect(summary(run(...PUBLIC, listeners(UDP), rules(UDP), arrived), [UDP]).reachable).toBe('yes')
  const evidence = run(...PUBLIC, listeners(UDP), rules(UDP, { answer: dropped('output') }), arrived)
  expect(summary(evidence, [UDP])).toEqual({
    reachable: 'no',
    obstacles: ['host-firewall-drops-outbound proven 1'],
  })
})

describe('the obstacle', () => {
  test('names the rule, its chain and its table, and the evidence', () => {
    const { obstacles } = diagnose(run(addresses(), listeners(TCP), rules(TCP, { inbound: dropped('input') })), [TCP])
    expect(obstacles[0]).toMatchObject({
      evidence: ['e3'],
      text: { params: { rule: 'tcp dport 4001 drop', chain: 'input', table: 'inet filter' } },
    })
  })

  test('names every rule where they are several', () => {
    const evidence = run(
      addresses(),
      listeners(UDP),
      listeners(TCP),
      rules(UDP, { inbound: dropped('input', 'udp dport 4001 drop') }),
      rules(TCP, { inbound: dropped('prerouting') }),
    )
    expect(diagnose(evidence, [UDP, TCP]).obstacles[0]?.text.params).toMatchObject({
      rule: 'udp dport 4001 drop; tcp dport 4001 drop',
      chain: 'input, prerouting',
      table: 'inet filter',
    })
  })
})

test('a host that lets everybody in is drawn as passed behind a router that does not', () => {
  const silent = dial(TCP, 'silent', { arrival: NEVER_CAME })
  const { path } = diagnose(run(...HOME_NAT, listeners(TCP), rules(TCP), silent, ...neighbours('silent')), [TCP])
  expect(path.map(({ stage, state }) => `${stage} ${state}`)).toContain('host-firewall pass')
  expect(path.map(({ stage, state }) => `${stage} ${state}`)).toContain('provider unknown')
})

test('whoever may not read the rules is told what it needs', () => {
  const detail = 'reading the packet filter needs root'
  const sources = { probe: 'rule-sources', value: { access: 'not-permitted', detail, atBoot: [] } } as const
  const { notes } = diagnose(run(addresses(), sources, listeners(TCP)), [TCP])
  expect(notes.map(({ id }) => id)).toContain('note.not-root')
})

describe('rules that know the dialler', () => {
  const KNOWN = { address: CLEAN, inbound: LET_IN, answer: LET_IN }
  const UNWANTED = { address: CLEAN, inbound: dropped('input', 'ip saddr 198.51.100.11 drop'), answer: LET_IN }
  const asked = (options: Parameters<typeof rules>[1], given: ReturnType<typeof dial>) =>
    summary(run(...PUBLIC, listeners(TCP), rules(TCP, options), given, ...neighbours('in')))

  test('let him in alone: strangers are stopped', () => {
    const options = { inbound: dropped('input'), diallers: [KNOWN] }
    expect(asked(options, dial(TCP, 'connected'))).toEqual({
      reachable: 'no',
      obstacles: ['host-firewall-drops-inbound proven 1'],
    })
  })

  test('answer him alone: strangers hear nothing', () => {
    const options = { answer: dropped('output'), diallers: [KNOWN] }
    expect(asked(options, dial(TCP, 'connected'))).toEqual({
      reachable: 'no',
      obstacles: ['host-firewall-drops-outbound proven 1'],
    })
  })

  test.each([
    ['a rule', [UNWANTED]],
    ['nobody knows what, as rp_filter does', []],
  ])('stop him alone, by %s: nothing is proven of strangers', (_, diallers) => {
    expect(asked({ diallers }, dial(TCP, 'silent', { arrival: EATEN }))).toEqual({
      reachable: 'unknown',
      obstacles: ['host-firewall-drops-inbound likely 1'],
    })
  })

  test('say nothing where they would have stopped him, and did not', () => {
    const options = { inbound: dropped('input'), diallers: [{ ...UNWANTED, inbound: dropped('input') }] }
    expect(asked(options, dial(TCP, 'connected')).reachable).toBe('yes')
  })

  test('let in some strangers: reachable, with a caveat', () => {
    const options = {
      picksStrangers: true,
      inbound: { kind: 'unknown', at: null, expression: 'ip saddr @geo' },
    } as const
    const { endpoints } = diagnose(run(...PUBLIC, listeners(TCP), rules(TCP, options), dial(TCP, 'connected')), [TCP])
    expect(endpoints[0]).toMatchObject({ reachable: 'yes', caveats: ['host-firewall-picks-strangers'] })
  })
})

describe('a rule on the way out that nobody can judge', () => {
  const answer = { kind: 'unknown', at: null, expression: 'meta skuid 1000' } as const

  test('leaves silent UDP open', () => {
    const evidence = run(...PUBLIC, listeners(UDP), rules(UDP, { answer }), dial(UDP, 'silent', { arrival: SEEN }))
    expect(summary(evidence, [UDP])).toEqual({ reachable: 'unknown', obstacles: [] })
  })

  test('is likely where a TCP connection came in and was not answered', () => {
    const evidence = run(...PUBLIC, listeners(TCP), rules(TCP, { answer }), dial(TCP, 'silent', { arrival: SEEN }))
    expect(summary(evidence)).toEqual({ reachable: 'no', obstacles: ['host-firewall-drops-outbound likely 1'] })
  })
})

describe('a port that does not get out', () => {
  const tcp = (port: number, arrived: 'yes' | 'no') => {
    const { probe, value } = outbound(port, arrived)
    return { probe, value: { ...value, transport: 'tcp' } } as ReturnType<typeof outbound>
  }
  const own = (fate: RuleFate) =>
    ({ probe: 'own-rules', value: { transport: 'tcp', port: 30_333, family: 'ipv4', server: VANTAGE, fate } }) as const
  const asked = (...facts: readonly ReturnType<typeof rules>[]) =>
    summary(run(...PUBLIC, listeners(TCP), dial(TCP, 'connected'), tcp(443, 'yes'), tcp(30_333, 'no'), ...facts))
      .obstacles

  test.each([
    [
      'is the provider’s block where this host’s rules let it out',
      [own(LET_IN)],
      ['provider-blocks-outbound-port proven 0'],
    ],
    [
      'is this host’s where a rule of its own drops it',
      [own(dropped('output'))],
      ['host-firewall-drops-outbound proven 0'],
    ],
    ['may be either’s where the rules are not known', [], ['provider-blocks-outbound-port likely 0']],
  ])('%s', (_, facts, obstacles) => expect(asked(...facts)).toEqual(obstacles))
})

test('whoever could read the rules is not told to be root', () => {
  const sources = { probe: 'rule-sources', value: { access: 'read', detail: null, atBoot: [] } } as const
  const rewritten = { ...SEEN, how: 'connection-table', source: '192.168.1.1' } as const
  const evidence = run(...HOME_NAT, sources, listeners(TCP), dial(TCP, 'connected', { arrival: rewritten }))
  expect(diagnose(evidence, [TCP]).notes).toEqual([])
})
