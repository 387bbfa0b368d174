import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { Evidence } from '../../src/model/evidence.ts'
import {
  addresses,
  CLEAN,
  dial,
  EATEN,
  EXTERNAL,
  HOME,
  hops,
  listeners,
  mapped,
  NEVER_CAME,
  NOT_SEEN,
  neighbours,
  outbound,
  owner,
  run,
  SEEN,
  TCP,
  UDP,
  VANTAGE,
  vantage,
} from './evidence.ts'

const HOME_NAT = [addresses(), vantage(), mapped(), hops('192.168.1.1 0.4', '203.0.113.1 9'), owner('=203.0.113.7 0.4')]
const PUBLIC = [addresses(EXTERNAL), vantage(), mapped(EXTERNAL, EXTERNAL)]
const asked = [TCP]

function summary(evidence: readonly Evidence[], ports = asked) {
  const { verdict, endpoints, obstacles } = diagnose(evidence, ports)
  return {
    verdict,
    reachable: endpoints.map(({ reachable }) => reachable).join(' '),
    obstacles: obstacles.map(({ id, certainty }) => `${id} ${certainty}`),
  }
}

const ROWS: readonly [string, readonly Evidence[], ReturnType<typeof summary>][] = [
  [
    'a forwarded port behind a home NAT',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected'), ...neighbours('silent')),
    { verdict: 'reachable', reachable: 'yes', obstacles: [] },
  ],
  [
    'a home NAT without forwarding',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'silent'), ...neighbours('silent')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-source-nat proven'] },
  ],
  [
    'the same, without root: this host’s own firewall is not excluded',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'silent', { arrival: NOT_SEEN }), ...neighbours('silent')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-source-nat likely'] },
  ],
  [
    'a router that refuses neighbours and is silent on this port',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'silent'), ...neighbours('refused', 'refused')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-forward-elsewhere likely'] },
  ],
  [
    'a forwarding to another machine that answers',
    run(
      ...HOME_NAT,
      listeners(TCP),
      dial(TCP, 'connected', { arrival: NEVER_CAME, greeting: 'multistream' }),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-forward-elsewhere proven'] },
  ],
  [
    'a handshake without a word on this port alone: a filter may have made it',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected', { arrival: NEVER_CAME }), ...neighbours('silent')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-forward-elsewhere likely'] },
  ],
  [
    'something that completes every handshake, and nothing arrives',
    run(
      ...HOME_NAT,
      listeners(TCP),
      dial(TCP, 'connected', { arrival: NEVER_CAME }),
      ...neighbours('silent', 'connected'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: [] },
  ],
  [
    'a handshake that nobody on this host could see',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected', { arrival: NOT_SEEN }), ...neighbours('silent')),
    { verdict: 'unknown', reachable: 'unknown', obstacles: [] },
  ],
  [
    'only a dial from a contacted address gets in',
    run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected', { sourceClean: false }), ...neighbours('silent')),
    { verdict: 'reachable', reachable: 'yes', obstacles: [] },
  ],
  [
    'an address-dependent filter: the contacted address gets in, the clean one does not',
    run(
      ...HOME_NAT,
      listeners(TCP),
      dial(TCP, 'connected', { sourceClean: false, source: { address: VANTAGE, port: 1 } }),
      dial(TCP, 'silent'),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-source-nat proven'] },
  ],
  [
    'nothing listens, and our own holder is reached',
    run(
      ...HOME_NAT,
      listeners(TCP, { state: 'none', redirected: 'unknown' }),
      dial(TCP, 'connected', { holder: 'peerway', greeting: 'nonce' }),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['not-listening proven'] },
  ],
  [
    'nothing listens behind a home NAT',
    run(
      ...HOME_NAT,
      listeners(TCP, { state: 'none' }),
      dial(TCP, 'silent', { holder: 'peerway' }),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['router-source-nat proven', 'not-listening proven'] },
  ],
  [
    'a node that listens on loopback alone',
    run(
      ...PUBLIC,
      listeners(TCP, { state: 'loopback-only' }),
      dial(TCP, 'connected', { holder: 'peerway', greeting: 'nonce' }),
      ...neighbours('in', 'refused'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['listening-on-loopback proven'] },
  ],
  [
    'a host firewall that eats what arrives',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'silent', { arrival: EATEN }), ...neighbours('in', 'refused')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['host-firewall-drops-inbound proven'] },
  ],
  [
    'a provider that blocks this port alone',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'silent'), ...neighbours('in', 'refused')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['provider-blocks-inbound-port proven'] },
  ],
  [
    'the same without root',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'silent', { arrival: NOT_SEEN }), ...neighbours('in', 'refused')),
    {
      verdict: 'unreachable',
      reachable: 'no',
      obstacles: ['provider-blocks-inbound-port likely', 'host-firewall-drops-inbound likely'],
    },
  ],
  [
    'a public host where nothing of either transport gets in',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'silent'), ...neighbours('silent')),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['provider-blocks-inbound-tcp proven'] },
  ],
  [
    'something that completes every handshake, and a node that got the packet and was not heard',
    run(...PUBLIC, listeners(TCP), dial(TCP, 'connected'), ...neighbours('silent', 'connected')),
    { verdict: 'unknown', reachable: 'unknown', obstacles: [] },
  ],
  [
    'a public host whose own rules drop the neighbours: what came to them has passed the provider',
    run(
      ...PUBLIC,
      listeners(TCP),
      dial(TCP, 'silent'),
      ...neighbours('silent').map((one) => ({ ...one, value: { ...one.value, arrival: EATEN } }) as typeof one),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['provider-blocks-inbound-port proven'] },
  ],
  [
    'a carrier in 100.64.0.0/10',
    run(
      addresses(),
      vantage(),
      mapped(),
      hops('192.168.1.1 0.4', '100.64.0.1 9', '203.0.113.1 10'),
      owner('192.168.1.1', '=203.0.113.7'),
      listeners(TCP),
      dial(TCP, 'silent'),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['carrier-nat proven'] },
  ],
  [
    'a carrier with private addresses, beyond the access line',
    run(
      addresses(),
      vantage(),
      mapped(),
      hops('192.168.1.1 0.4', '10.20.0.1 9', '203.0.113.1 10'),
      owner('192.168.1.1', '=203.0.113.7'),
      listeners(TCP),
      dial(TCP, 'silent'),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['carrier-nat proven'] },
  ],
  [
    'a second router before the access line: one dial cannot tell which of the two stopped it',
    run(
      addresses(),
      vantage(),
      mapped(),
      hops('192.168.1.1 0.4', '10.0.0.1 0.6', '203.0.113.1 10'),
      owner('192.168.1.1', '=203.0.113.7'),
      listeners(TCP),
      dial(TCP, 'silent'),
      ...neighbours('silent'),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['double-nat likely', 'router-source-nat likely'] },
  ],
  ['no vantage at all', run(addresses(), listeners(TCP)), { verdict: 'unknown', reachable: 'unknown', obstacles: [] }],
  [
    'a silent vantage alone',
    run(addresses(), vantage(null, { control: 'timed-out', stun: 'silent' }), listeners(TCP)),
    { verdict: 'unknown', reachable: 'unknown', obstacles: [] },
  ],
  [
    'no default route',
    run(
      addresses(null, {
        addresses: [{ interface: 'eth0', address: HOME, family: 'ipv4', prefixLength: 24 }],
        defaultRoutes: [],
      }),
      vantage(null, { control: 'unreachable', stun: 'silent' }),
      listeners(TCP),
    ),
    { verdict: 'unreachable', reachable: 'no', obstacles: ['no-internet proven'] },
  ],
]

test.each(ROWS)('%s', (_name, evidence, expected) => expect(summary(evidence)).toEqual(expected))

describe('UDP', () => {
  test.each([
    ['an answer that the vantage saw', dial(UDP, 'answered', { arrival: NOT_SEEN }), 'yes'],
    ['arrival behind the filters, and UDP gets out', dial(UDP, 'silent', { arrival: SEEN }), 'yes'],
    ['silence that nobody here could look into', dial(UDP, 'silent', { arrival: NOT_SEEN }), 'unknown'],
    ['silence, and nothing came', dial(UDP, 'silent'), 'no'],
    ['an answer from somebody else', dial(UDP, 'answered', { arrival: NEVER_CAME }), 'no'],
    [
      'an answer, while packets of others alone were counted',
      dial(UDP, 'answered', { arrival: { ...NOT_SEEN, how: 'counters', anySourcePackets: 7, strayPackets: 0 } }),
      'unknown',
    ],
  ] as const)('%s', (_name, dialled, answer) => {
    const evidence = run(...HOME_NAT, listeners(UDP), dialled, ...neighbours('silent'))
    expect(summary(evidence, [UDP]).reachable).toBe(answer)
  })
})

test('what this host answers itself says nothing of a port that its rules take to a guest', () => {
  const local = {
    probe: 'local-answer',
    value: { transport: 'udp', port: 4001, family: 'ipv4', answer: 'yes' },
  } as const
  const passed = dial(UDP, 'silent', { arrival: SEEN })
  const seen = (redirected: 'yes' | 'no') =>
    run(
      addresses(EXTERNAL),
      vantage(EXTERNAL),
      mapped(EXTERNAL, EXTERNAL),
      listeners(UDP, { redirected }),
      passed,
      local,
    )
  expect(diagnose(seen('no'), [UDP]).endpoints[0]!.reachable).toBe('no')
  expect(diagnose(seen('yes'), [UDP]).endpoints[0]!.reachable).toBe('yes')
})

describe('a way out that is closed for UDP', () => {
  const stuck = [443, 30_333].map((port) => outbound(port, 'no'))
  const closed = [addresses(EXTERNAL), vantage(EXTERNAL, { stun: 'silent' }), listeners(UDP), ...stuck]
  const held = (outcome: 'silent' | 'answered') =>
    dial({ transport: 'udp', port: 20_001 }, outcome, { purpose: 'comparison', holder: 'peerway', arrival: SEEN })

  test.each([
    ['stops the answer of a node that answers strangers', dial(UDP, 'silent', { arrival: SEEN }), 'yes', 'no'],
    ['may or may not stop a node that is silent anyway', dial(UDP, 'silent', { arrival: SEEN }), 'no', 'unknown'],
    ['does not stop answers that were heard', dial(UDP, 'answered', { arrival: SEEN }), 'yes', 'yes'],
  ] as const)('%s', (_name, dialled, answer, reachable) => {
    const local = { probe: 'local-answer', value: { transport: 'udp', port: 4001, family: 'ipv4', answer } } as const
    const { endpoints, obstacles } = diagnose(run(...closed, held('silent'), dialled, local), [UDP])
    expect(endpoints[0]!.reachable).toBe(reachable)
    const [stopped] = obstacles.filter(({ id }) => id === 'provider-blocks-outbound-udp')
    expect(stopped!.endpoints).toEqual(reachable === 'no' ? ['udp/ipv4/4001'] : [])
  })

  test('does not stop a node that was not asked what it answers: our own answer got out', () => {
    const local = {
      probe: 'local-answer',
      value: { transport: 'udp', port: 4001, family: 'ipv4', answer: 'yes' },
    } as const
    const seen = run(...closed, held('answered'), dial(UDP, 'silent', { arrival: SEEN }), local)
    const [stopped] = diagnose(seen, [UDP]).obstacles.filter(({ id }) => id === 'provider-blocks-outbound-udp')
    expect(stopped!.endpoints).toEqual([])
  })

  test('does not stop what told of a closed port', () => {
    const refused = run(...closed, dial(UDP, 'refused', { arrival: SEEN }))
    const [stopped] = diagnose(refused, [UDP]).obstacles.filter(({ id }) => id === 'provider-blocks-outbound-udp')
    expect(stopped!.endpoints).toEqual([])
  })

  test('is not open everywhere, only because some ports are open', () => {
    const open = [addresses(EXTERNAL), vantage(EXTERNAL), mapped(EXTERNAL, EXTERNAL), listeners(UDP)]
    const evidence = run(...open, ...stuck, dial(UDP, 'silent', { arrival: SEEN }))
    expect(diagnose(evidence, [UDP]).endpoints[0]!.reachable).toBe('unknown')
  })
})

describe('IPv6 where nothing gets in, behind a router that shows its page', () => {
  const six = '2001:db8:1::10'
  const toSix = { family: 'ipv6', target: { address: six, port: 4001 } } as const
  const others = neighbours('silent').map((one) => ({ ...one, value: { ...one.value, ...toSix } }) as typeof one)
  const answers = (answer: 'echo-reply' | 'time-exceeded', ttl: number) => [
    { ttl, answer, address: null, rttMs: 1 } as const,
  ]

  test.each([
    ['is the filter of the router that echo requests come as far as', answers('time-exceeded', 2), 'proven'],
    ['may be a filter before the router, where they come less far', answers('time-exceeded', 1), 'likely'],
    ['is the router’s filter, where echo requests alone come as far as the host', answers('echo-reply', 3), 'proven'],
  ] as const)('%s', (_name, inbound, certainty) => {
    const evidence = run(
      addresses(null, {
        defaultRoutes: [{ family: 'ipv6', gateway: 'fe80::1', interface: 'eth0', metric: 0, gatewayMac: null }],
        source: { ipv4: null, ipv6: six },
      }),
      vantage(six, { family: 'ipv6', address: '2001:db8::10' }),
      listeners(TCP, { family: 'ipv6' }),
      dial(TCP, 'silent', toSix),
      ...others,
      { probe: 'hops', value: { family: 'ipv6', toward: '2001:db8::10', hops: answers('echo-reply', 3) } },
      { probe: 'inbound-hops', value: { family: 'ipv6', toward: six, hops: inbound, routers: null, vantage: VANTAGE } },
      { probe: 'router-page', value: { family: 'ipv6', address: 'fe80::1', ttl: 1, port: 80, outcome: 'http' } },
    )
    expect(summary(evidence).obstacles).toEqual([`router-filter-drops-inbound ${certainty}`])
  })
})

test('a dial from a contacted address carries the caveat, a clean one does not', () => {
  const caveats = (sourceClean: boolean) =>
    diagnose(run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected', { sourceClean })), asked).endpoints[0]!.caveats
  expect(caveats(false)).toEqual(['address-dependent-filter-not-excluded'])
  expect(caveats(true)).toEqual([])
})

test('vantages that disagree are named, and the stranger who got in did get in', () => {
  const evidence = run(...HOME_NAT, listeners(TCP), dial(TCP, 'connected'), dial(TCP, 'silent', { vantage: CLEAN }))
  const { endpoints, notes } = diagnose(evidence, asked)
  expect(endpoints[0]).toMatchObject({ reachable: 'yes', caveats: ['vantages-disagree'] })
  expect(notes.map(({ id }) => id)).toContain('note.vantages-disagree')
})

test('IPv6 behind the customer’s router, where nothing gets in, is the router’s filter', () => {
  const six = '2001:db8:1::10'
  const both = addresses(HOME, {
    addresses: [
      { interface: 'eth0', address: HOME, family: 'ipv4', prefixLength: 24 },
      { interface: 'eth0', address: six, family: 'ipv6', prefixLength: 64 },
    ],
    defaultRoutes: [
      { family: 'ipv4', gateway: '192.168.1.1', interface: 'eth0', metric: 0, gatewayMac: '02:00:00:00:00:01' },
      { family: 'ipv6', gateway: 'fe80::1', interface: 'eth0', metric: 0, gatewayMac: '02:00:00:00:00:01' },
    ],
    source: { ipv4: HOME, ipv6: six },
  })
  const v6 = { family: 'ipv6', target: { address: six, port: 4001 } } as const
  const others = neighbours('silent').map((one) => ({ ...one, value: { ...one.value, ...v6 } }) as typeof one)
  const evidence = run(
    both,
    vantage(six, { family: 'ipv6', address: '2001:db8::10' }),
    listeners(TCP, { family: 'ipv6' }),
    dial(TCP, 'silent', v6),
    ...others,
  )
  expect(summary(evidence)).toEqual({
    verdict: 'unreachable',
    reachable: 'no',
    obstacles: ['router-filter-drops-inbound proven'],
  })
})

test('every proven obstacle names evidence of the run', () => {
  for (const [, evidence] of ROWS) {
    const known = new Set(evidence.map(({ id }) => id))
    for (const obstacle of diagnose(evidence, asked).obstacles) {
      expect(obstacle.evidence.length).toBeGreaterThan(0)
      expect(obstacle.evidence.every((id) => known.has(id))).toBe(true)
      expect(obstacle.certainty === 'likely').toBe(obstacle.settledBy !== null)
    }
  }
})

test('a node that listens on another address of this host does not listen where strangers come', () => {
  const socket = { ...TCP, address: '10.9.9.9', families: ['ipv4'], process: 'node', pid: 7, namespace: null } as const
  const facts = listeners(TCP, { sockets: [socket] })
  const evidence = run(
    ...PUBLIC,
    facts,
    dial(TCP, 'refused', { target: { address: EXTERNAL, port: 4001 }, arrival: SEEN }),
  )
  expect(summary(evidence).obstacles).toEqual(['not-listening proven'])
})

describe('UDP that is answered where nobody on this host can look', () => {
  const answered = dial(UDP, 'answered', { arrival: NOT_SEEN })
  const socket = { ...UDP, address: '0.0.0.0', families: ['ipv4'], process: 'node', pid: 7, namespace: null } as const
  const unread = { probe: 'datagrams-read', value: { ...UDP, family: 'ipv4', answered: true, read: 0 } } as const
  const here = listeners(UDP, { sockets: [socket], redirected: 'unknown' })

  test('is somebody else’s answer when no program here read anything', () => {
    const evidence = run(...HOME_NAT, here, answered, unread, ...neighbours('silent'))
    expect(summary(evidence, [UDP])).toMatchObject({ reachable: 'no', obstacles: ['router-forward-elsewhere likely'] })
  })

  test('is not decided when TCP on the same port is answered by somebody else', () => {
    const tcp = dial(TCP, 'connected', { arrival: { ...NEVER_CAME, how: 'connection-table', anySourcePackets: null } })
    const evidence = run(...HOME_NAT, here, answered, tcp, ...neighbours('silent'))
    expect(diagnose(evidence, [UDP]).endpoints[0]!.reachable).toBe('unknown')
  })
})

describe('a dial that took another way than strangers do', () => {
  const local = (name: string, address: string) =>
    ({ interface: name, address, family: 'ipv4', prefixLength: 24 }) as const
  const both = (source: string) =>
    addresses(source, { addresses: [local('eth0', EXTERNAL), local('tun0', '10.8.0.2')] })
  const seen = '198.51.100.40'
  const silent = dial(TCP, 'silent', { target: { address: seen, port: 4001 }, answersFrom: '10.8.0.2' })
  const notes = (evidence: readonly Evidence[]) => diagnose(evidence, asked).notes.map(({ id }) => id)

  test('the vantage alone is reached by the VPN: nothing is proven', () => {
    const evidence = run(both(EXTERNAL), vantage(seen), mapped(seen, '10.8.0.2'), listeners(TCP), silent)
    expect(summary(evidence)).toMatchObject({ verdict: 'unknown', obstacles: [] })
    expect(notes(evidence)).toEqual(['note.vantage-by-another-way'])
  })

  test('everything goes out by the VPN, and this host has a public address beside it', () => {
    const evidence = run(both('10.8.0.2'), vantage(seen), mapped(seen, '10.8.0.2'), listeners(TCP), silent)
    expect(summary(evidence)).toMatchObject({ verdict: 'unknown', obstacles: [] })
    expect(notes(evidence)).toEqual(['note.other-public-address'])
  })

  test('whoever gets in all the same does get in', () => {
    const inside = dial(TCP, 'connected', { target: { address: seen, port: 4001 }, answersFrom: '10.8.0.2' })
    const evidence = run(both('10.8.0.2'), vantage(seen), mapped(seen, '10.8.0.2'), listeners(TCP), inside)
    expect(summary(evidence).verdict).toBe('reachable')
  })
})

test('a node bound to another address than the router forwards to is said to listen there', () => {
  const socket = {
    ...TCP,
    address: '192.168.1.11',
    families: ['ipv4'],
    process: 'node',
    pid: 7,
    namespace: null,
  } as const
  const evidence = run(...HOME_NAT, listeners(TCP, { sockets: [socket] }), dial(TCP, 'refused', { arrival: SEEN }))
  const { obstacles } = diagnose(evidence, asked)
  expect(obstacles).toMatchObject([
    { id: 'not-listening', certainty: 'proven', text: { params: { address: '192.168.1.11', internal: HOME } } },
  ])
})

test('a container that is no guest of ours, and a port refused here: not published', () => {
  const socket = {
    ...TCP,
    address: '0.0.0.0',
    families: ['ipv4'],
    process: 'node',
    pid: 7,
    namespace: 'd7749889dc6a',
  } as const
  const facts = listeners(TCP, { state: 'elsewhere-only', sockets: [socket] })
  const evidence = run(...PUBLIC, facts, dial(TCP, 'refused', { arrival: SEEN }))
  expect(summary(evidence).obstacles).toEqual(['port-not-published proven'])
})

test('a provider who answers all TCP himself, and lets none of it in, blocks it', () => {
  const proxied = dial(TCP, 'connected', { greeting: 'http', arrival: NEVER_CAME })
  const [tcp, udp, vacant] = neighbours('in', 'connected')
  const evidence = run(
    ...PUBLIC,
    listeners(TCP),
    proxied,
    { ...tcp!, value: { ...tcp!.value, greeting: 'http', arrival: NEVER_CAME } } as typeof tcp & object,
    udp!,
    vacant!,
  )
  expect(summary(evidence)).toMatchObject({ reachable: 'no', obstacles: ['provider-blocks-inbound-tcp proven'] })
})

test('whoever answers all TCP himself, and lets some of it in, may have lost the one packet that did not come', () => {
  const proxied = dial(TCP, 'connected', { arrival: NEVER_CAME })
  const [tcp, udp, vacant] = neighbours('in', 'connected')
  const arrived = { ...tcp!, value: { ...tcp!.value, arrival: SEEN } } as typeof tcp & object
  const evidence = run(...PUBLIC, listeners(TCP), proxied, arrived, udp!, vacant!)
  expect(summary(evidence)).toMatchObject({ reachable: 'unknown', obstacles: [] })
})

describe('no Internet', () => {
  const resolver = (server: string) =>
    ({ what: 'resolver', server, family: 'ipv4', tries: 3, outcome: 'silent' }) as const
  const internet = (...servers: readonly string[]) =>
    ({ probe: 'internet', value: { asked: servers.map(resolver) } }) as const

  test.each([
    ['two dead resolvers in the own network prove nothing', ['10.1.1.1:53', '192.168.1.1:53'], []],
    ['two far resolvers that stay silent do', ['9.9.9.9:53', '[2620:fe::9]:53'], ['no-internet proven']],
  ])('without a vantage %s', (_, servers, obstacles) => {
    expect(summary(run(addresses(), listeners(TCP), internet(...servers))).obstacles).toEqual(obstacles)
  })

  test('a missing route is said of its family, and the other family is recalled', () => {
    const routes = [{ family: 'ipv6', gateway: 'fe80::1', interface: 'eth0', metric: 0, gatewayMac: null }] as const
    const evidence = run(addresses(null, { defaultRoutes: routes }), listeners(TCP))
    const { obstacles, notes } = diagnose(evidence, asked)
    expect(obstacles).toMatchObject([{ id: 'no-internet', text: { params: { family: 'ipv4' } } }])
    expect(notes.map(({ id }) => id)).toContain('note.no-vantage-of-family')
  })
})

test('a vantage that did not dial is said not to have, and why', () => {
  const refused = dial(TCP, 'not-dialled', { refusal: 'forbidden-address', arrival: NOT_SEEN })
  const { notes } = diagnose(run(...PUBLIC, listeners(TCP), refused), asked)
  expect(notes).toContainEqual({
    id: 'note.vantage-did-not-dial',
    params: { name: VANTAGE, refusal: 'forbidden-address' },
  })
})
