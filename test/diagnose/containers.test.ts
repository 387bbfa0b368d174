import { describe, expect, test } from 'vitest'
import { diagnose } from '../../src/diagnose/diagnose.ts'
import type { Evidence, ListeningSocket, PublishedPort } from '../../src/model/evidence.ts'
import {
  addresses,
  container,
  containers,
  dial,
  EXTERNAL,
  listeners,
  mapped,
  NOT_SEEN,
  neighbours,
  rules,
  run,
  SEEN,
  TCP,
  UDP,
  type Unnumbered,
  vantage,
} from './evidence.ts'

const PUBLIC = [addresses(EXTERNAL), vantage(), mapped(EXTERNAL, EXTERNAL)]
const GUEST = { address: '172.17.0.2', port: 4001 }

function socket(options: Partial<ListeningSocket>): ListeningSocket {
  const held = {
    transport: 'tcp',
    address: '0.0.0.0',
    port: 4001,
    families: ['ipv4'],
    process: null,
    pid: null,
  } as const
  return { ...held, namespace: null, ...options }
}
const PROXY = socket({ process: 'docker-proxy', pid: 9, passesTo: GUEST })
const INSIDE = socket({ namespace: '812477fa3091', isGuest: true })
const on = (address: string, hostPort = 4001): PublishedPort => ({ transport: 'tcp', port: 4001, address, hostPort })

const held = (...sockets: ListeningSocket[]) => listeners(TCP, { sockets })
const taken = (...sockets: ListeningSocket[]) => listeners(TCP, { sockets, redirected: 'yes' })
const insideAlone = listeners(TCP, { state: 'elsewhere-only', sockets: [INSIDE] })
const refused = dial(TCP, 'refused', { arrival: SEEN })
const translated = rules(TCP, { path: 'forward', translatedTo: GUEST })
const empty = { listening: [] }
const asleep = { listening: [{ transport: 'tcp', address: '127.0.0.1', port: 4001, families: ['ipv4'] }] } as const

function summary(evidence: readonly Evidence[], port = TCP) {
  const { endpoints, obstacles, path } = diagnose(evidence, [port])
  const stage = path.find((one) => one.stage === 'container')
  return [
    endpoints[0]!.reachable,
    stage!.state,
    ...obstacles.map(({ id, certainty }) => (certainty === 'proven' ? id : `${id} ${certainty}`)),
  ].join(' ')
}

const ROWS: readonly [string, readonly Unnumbered[], string][] = [
  [
    'published by a rule, and the node was reached',
    [taken(PROXY, INSIDE), translated, containers(container({ published: [on('0.0.0.0')] })), dial(TCP, 'connected')],
    'yes pass',
  ],
  [
    'published by a rule, and nothing listens inside, though the proxy listens outside',
    [taken(PROXY), translated, containers(container({ ...empty, published: [on('0.0.0.0')] })), refused],
    'no unknown not-listening',
  ],
  [
    'published, and listening on loopback inside',
    [taken(PROXY), translated, containers(container({ ...asleep, published: [on('0.0.0.0')] })), refused],
    'no unknown listening-on-loopback',
  ],
  [
    'published by the proxy: its handshake alone is not the node',
    [held(PROXY), rules(TCP), containers(container({ published: [on('0.0.0.0')] })), dial(TCP, 'connected')],
    'unknown unknown',
  ],
  [
    'published by the proxy, and the node greeted',
    [
      held(PROXY),
      rules(TCP),
      containers(container({ published: [on('0.0.0.0')] })),
      dial(TCP, 'connected', { greeting: 'multistream' }),
    ],
    'yes pass',
  ],
  [
    'published by the proxy, and nothing listens inside',
    [held(PROXY), rules(TCP), containers(container({ ...empty, published: [on('0.0.0.0')] })), dial(TCP, 'connected')],
    'no unknown not-listening',
  ],
  [
    'the proxy’s handshake, where no engine may be asked',
    [held(PROXY), rules(TCP), dial(TCP, 'connected')],
    'unknown absent',
  ],
  [
    'listens inside, and nothing is published',
    [insideAlone, rules(TCP), containers(container()), refused],
    'no block port-not-published',
  ],
  [
    'published under another number',
    [insideAlone, rules(TCP), containers(container({ published: [on('0.0.0.0', 14_001)] })), refused],
    'no block port-not-published',
  ],
  [
    'published on loopback alone',
    [
      listeners(TCP, { state: 'loopback-only', sockets: [{ ...PROXY, address: '127.0.0.1' }, INSIDE] }),
      rules(TCP),
      containers(container({ published: [on('127.0.0.1')] })),
      dial(TCP, 'connected', { holder: 'peerway', greeting: 'nonce' }),
    ],
    'no block port-not-published',
  ],
  [
    'published in name only, the engine itself holds the port',
    [
      held(socket({ process: 'dockerd', pid: 3 }), INSIDE),
      rules(TCP),
      containers(container({ published: [on('0.0.0.0')] })),
      dial(TCP, 'connected'),
    ],
    'no block port-not-published',
  ],
  [
    'the engine holds a port for a container in which nothing listens',
    [
      held(socket({ process: 'dockerd', pid: 3 })),
      rules(TCP),
      containers(container({ ...empty, published: [on('0.0.0.0')] })),
      dial(TCP, 'connected'),
    ],
    'no absent not-listening',
  ],
  [
    'nothing published, as far as can be seen without root',
    [
      listeners(TCP, { state: 'none', namespacesSeen: 'own', redirected: 'unknown' }),
      containers(container()),
      dial(TCP, 'refused', { arrival: NOT_SEEN }),
    ],
    'no unknown provider-blocks-inbound-port likely host-firewall-drops-inbound likely port-not-published likely',
  ],
  [
    'published, and nothing listens inside, as far as can be seen without root',
    [
      listeners(TCP, { sockets: [PROXY], namespacesSeen: 'own', redirected: 'unknown' }),
      containers(container({ ...empty, published: [on('0.0.0.0')] })),
      dial(TCP, 'connected', { arrival: { ...SEEN, how: 'connection-table' } }),
    ],
    'unknown unknown',
  ],
  [
    'in the host’s own network it is an ordinary program',
    [
      held(socket({ process: 'ipfs', pid: 812 })),
      rules(TCP),
      containers(container({ networkMode: 'host', networks: [], isBehindHost: false, listening: null })),
      dial(TCP, 'connected'),
    ],
    'yes absent',
  ],
  [
    'with an address of its own in the network outside: no claim',
    [
      listeners(TCP, { state: 'elsewhere-only', sockets: [{ ...INSIDE, isGuest: false }] }),
      rules(TCP),
      containers(container({ networks: [{ name: 'lan', driver: 'macvlan', addresses: ['203.0.113.77'] }] })),
      refused,
    ],
    'unknown unknown',
  ],
  [
    'in a network that the engine does not tell the kind of, and that does not go out through this host: no claim',
    [
      listeners(TCP, { state: 'elsewhere-only', sockets: [{ ...INSIDE, isGuest: false }] }),
      rules(TCP),
      containers(
        container({ networks: [{ name: 'lan', driver: null, addresses: ['203.0.113.77'] }], isBehindHost: false }),
      ),
      refused,
    ],
    'unknown unknown',
  ],
  [
    'of an engine whose containers are not behind this host: no claim',
    [
      listeners(TCP, { state: 'none' }),
      rules(TCP),
      containers(container({ isBehindHost: false })),
      dial(TCP, 'refused', { holder: 'nobody', arrival: SEEN }),
    ],
    'no absent not-listening',
  ],
  [
    'an ordinary program holds the port beside it',
    [held(socket({ process: 'ipfs', pid: 4 }), INSIDE), rules(TCP), containers(container()), dial(TCP, 'connected')],
    'yes absent',
  ],
  [
    'not published, and the host’s own programs are shut off: that would not stop it once it is',
    [
      insideAlone,
      rules(TCP, {
        inbound: {
          kind: 'drop',
          at: { backend: 'nft', family: 'inet', table: 'f', chain: 'in', hook: 'input', rule: 'drop' },
          expression: null,
        },
      }),
      containers(container()),
      dial(TCP, 'silent', { arrival: { ...SEEN, passed: 'no' } }),
    ],
    'no block port-not-published',
  ],
]

describe('a container', () => {
  test.each(ROWS)('%s', (_name, facts, expected) => {
    expect(summary(run(...PUBLIC, ...facts, ...neighbours('in', 'refused')))).toBe(expected)
  })

  test('over UDP, arrival at a proxy is no arrival at a node that stays silent', () => {
    const udp = { ...PROXY, transport: 'udp' } as const
    const inside = [{ transport: 'udp', address: '0.0.0.0', port: 4001, families: ['ipv4'] }] as const
    const evidence = run(
      ...PUBLIC,
      listeners(UDP, { sockets: [udp] }),
      rules(UDP),
      containers(container({ listening: inside, published: [{ ...on('0.0.0.0'), transport: 'udp' }] })),
      dial(UDP, 'silent', { arrival: SEEN }),
      ...neighbours('in', 'refused'),
    )
    expect(summary(evidence, UDP)).toBe('unknown unknown')
  })

  test.each([
    ['unpublished: nobody is there to answer, and silence is no way in', [container()], 'no block port-not-published'],
    ['of no engine, and no guest of this host: it cannot be told', [], 'unknown unknown'],
  ] as const)('over UDP, arrival where the node listens in another network alone, %s', (_name, found, expected) => {
    const inside = [{ transport: 'udp', address: '0.0.0.0', port: 4001, families: ['ipv4'] }] as const
    const evidence = run(
      ...PUBLIC,
      listeners(UDP, { state: 'elsewhere-only', sockets: [{ ...INSIDE, transport: 'udp', isGuest: false }] }),
      rules(UDP),
      containers(...found.map((one) => ({ ...one, listening: inside }))),
      dial(UDP, 'silent', { arrival: SEEN }),
      ...neighbours('in', 'refused'),
    )
    expect(summary(evidence, UDP)).toBe(expected)
  })

  test('two of them are two obstacles, each named', () => {
    const other = container({
      id: 'ffffffffffff',
      name: 'other',
      listening: [{ transport: 'udp', address: '0.0.0.0', port: 4001, families: ['ipv4'] }],
    })
    const evidence = run(
      ...PUBLIC,
      insideAlone,
      listeners(UDP, { state: 'elsewhere-only', sockets: [{ ...INSIDE, transport: 'udp' }] }),
      containers(container(), other),
    )
    const { obstacles } = diagnose(evidence, [TCP, UDP])
    expect(obstacles.map(({ text, endpoints }) => [text.params.container, endpoints.join()])).toEqual([
      ['node', 'tcp/ipv4/4001'],
      ['other', 'udp/ipv4/4001'],
    ])
  })

  test.each([
    [
      'that only a proxy answered for',
      [held(PROXY), rules(TCP), containers(container({ published: [on('0.0.0.0')] })), dial(TCP, 'connected')],
      'note.proxy-answers',
    ],
    [
      'of a container with an address of its own',
      [
        listeners(TCP, { state: 'elsewhere-only', sockets: [INSIDE] }),
        rules(TCP),
        containers(container({ networks: [{ name: 'lan', driver: 'ipvlan', addresses: ['203.0.113.77'] }] })),
        refused,
      ],
      'note.container-own-address',
    ],
  ] as const)('the operator is told of a port %s', (_name, facts, note) => {
    const { notes } = diagnose(run(...PUBLIC, ...facts, ...neighbours('in', 'refused')), [TCP])
    expect(notes.map(({ id }) => id)).toContain(note)
  })
})
