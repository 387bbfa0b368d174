import { describe, expect, test } from 'vitest'
import type {
  Container,
  EngineFact,
  Evidence,
  FactOf,
  ProbeName,
  RuleFate,
  RulePlace,
} from '../../src/model/evidence.ts'
import { evidenceText } from '../../src/report/evidence-text.ts'
import { LANGUAGES, renderMessage } from '../../src/report/render-message.ts'

const V4 = { family: 'ipv4' } as const
const MAPPED = { address: '203.0.113.7', port: 40112 }
const LOCAL = { address: '192.168.1.20', port: 40112 }
const SERVER = { address: '198.51.100.9', port: 3478 }

const dial: FactOf<'dial-back'> = {
  ...V4,
  transport: 'tcp',
  port: 4001,
  purpose: 'endpoint',
  vantage: 'vantage.example',
  target: { address: '203.0.113.7', port: 4001 },
  source: { address: '198.51.100.10', port: 50123 },
  sourceClean: true,
  answersFrom: null,
  outcome: 'silent',
  refusal: null,
  attempts: 6,
  rttMs: null,
  holder: 'node',
  greeting: null,
  arrival: {
    wire: 'unknown',
    passed: 'unknown',
    how: 'none',
    source: null,
    anySourcePackets: null,
    strayPackets: null,
  },
}
const vantage: FactOf<'vantage'> = {
  ...V4,
  name: 'vantage.example',
  address: '198.51.100.9',
  port: 3478,
  origin: 'user',
  kind: 'unknown',
  control: 'timed-out',
  stun: 'silent',
  observed: null,
  local: null,
  rttMs: null,
  dialSources: [],
  canGrant: false,
}
const listeners: FactOf<'listeners'> = {
  ...V4,
  transport: 'tcp',
  port: 4001,
  state: 'none',
  sockets: [],
  namespacesSeen: 'own',
  redirected: 'unknown',
}
const outbound: FactOf<'outbound'> = {
  ...V4,
  transport: 'udp',
  port: 443,
  server: '198.51.100.9',
  listening: 'unknown',
  fromOthers: false,
  outcome: 'silent',
  arrived: 'unknown',
}
const ENGINE: EngineFact = { socket: '/run/docker.sock', access: 'read', detail: null }
const DENIED: EngineFact = {
  socket: '/run/podman/podman.sock',
  access: 'not-permitted',
  detail: 'cannot ask /run/podman/podman.sock: EACCES: run as root, or as a member of its group',
}
const CONTAINER: Container = {
  id: '812477fa3091',
  name: 'node',
  image: 'kubo:1',
  engine: 'docker',
  compose: null,
  networkMode: 'default',
  networks: [{ name: 'bridge', driver: 'bridge', addresses: ['172.17.0.2'] }],
  isBehindHost: true,
  published: [{ transport: 'tcp', port: 4001, address: '0.0.0.0', hostPort: 14_001 }],
  pid: 812,
  listening: [],
}
const RULE: RulePlace = {
  backend: 'nft',
  family: 'inet',
  table: 'filter',
  chain: 'input',
  hook: 'input',
  rule: 'tcp dport 4001 drop',
}
const LET_IN: RuleFate = { kind: 'accept', at: { ...RULE, rule: null }, expression: null }
const DROPPED: RuleFate = { kind: 'drop', at: RULE, expression: null }
const hostRules: FactOf<'host-rules'> = {
  ...V4,
  transport: 'tcp',
  port: 4001,
  inbound: LET_IN,
  picksStrangers: false,
  diallers: [],
  path: 'input',
  translatedTo: null,
  forwarding: null,
  answer: LET_IN,
  outbound: LET_IN,
}
const clientRules: FactOf<'client-rules'> = {
  interface: 'myst0',
  client: '10.182.0.2',
  isThere: true,
  outwards: LET_IN,
  back: LET_IN,
}
const arrival = (wire: 'yes' | 'no', passed: 'yes' | 'no') =>
  ({ wire, passed, how: 'counters', source: null, anySourcePackets: 0, strayPackets: 0 }) as const

function fact<P extends ProbeName>(probe: P, value: FactOf<P>): Evidence {
  return { id: 'e1', probe, atMs: 0, value } as unknown as Evidence
}

const SPEAKS = { outcome: 'speaks', externalAddress: null, epochSeconds: 7, model: null, detail: null } as const
const ADDRESSED = { ...SPEAKS, protocol: 'nat-pmp', externalAddress: '203.0.113.7' } as const

const NO_TABLE = { mappings: null, refusedLocations: [] }
const TABLE = {
  mappings: [
    { transport: 'tcp', externalPort: 4001, internal: { address: '192.168.1.20', port: 4001 }, description: 'peerway' },
  ],
  refusedLocations: [{ from: '192.168.1.9', url: 'http://192.168.1.9:80/a.xml', why: 'not-a-gateway' }],
} as const

const CONTROL = { ...V4, vantage: 'v', source: '198.51.100.9', target: '203.0.113.7' } as const
const SSDP_OPEN = { protocol: 'ssdp', transport: 'udp', port: 1900, sameAs: '192.168.1.1' } as const
const PASSED = { tries: 6, established: 6, arrived: 6, partly: 0, returned: 6, cutBack: 0, resets: 0 }
const EXCHANGE: FactOf<'protocol-exchange'> = {
  ...V4,
  transport: 'tcp',
  port: 4001,
  protocol: 'multistream',
  vantage: 'v',
  opener: 'host',
  purpose: 'comparison',
  ofNode: true,
  spoken: PASSED,
  answered: PASSED,
  neutral: PASSED,
  memory: null,
}
const ANSWER: FactOf<'protocol-answer'> = {
  ...V4,
  transport: 'tcp',
  port: 4001,
  protocol: 'quic',
  vantage: 'v',
  localBytes: 28,
  tries: 6,
  established: 6,
  answered: 6,
  resets: 0,
}
const ACCEPTED = { kind: 'accept', at: null, expression: null } as const

const FACTS: readonly Evidence[] = [
  fact('addresses', { addresses: [], defaultRoutes: [], source: { ipv4: '192.168.1.20', ipv6: null } }),
  ...(['listening', 'loopback-only', 'elsewhere-only', 'none', 'unknown'] as const).map((state) =>
    fact('listeners', { ...listeners, state }),
  ),
  fact('listeners', { ...listeners, namespacesSeen: 'all', redirected: 'yes' }),
  fact('containers', { engines: [], running: 0, containers: [] }),
  fact('containers', { engines: [ENGINE], running: 3, containers: [] }),
  fact('containers', { engines: [ENGINE, DENIED], running: 1, containers: [CONTAINER] }),
  fact('containers', { engines: [DENIED], running: 0, containers: [] }),
  fact('containers', {
    engines: [{ ...DENIED, access: 'unreadable', detail: 'timed-out' }],
    running: 0,
    containers: [],
  }),
  fact('rule-sources', {
    access: 'read',
    detail: null,
    atBoot: [
      { name: 'nftables', file: '/etc/nftables.conf', enabled: 'yes' },
      { name: 'ufw', file: '/etc/ufw/ufw.conf', enabled: 'no' },
    ],
  }),
  fact('rule-sources', { access: 'not-permitted', detail: 'reading the packet filter needs root', atBoot: [] }),
  fact('rule-sources', { access: 'not-available', detail: 'nft is not installed', atBoot: [] }),
  fact('rule-sources', { access: 'unreadable', detail: 'not-json at 0', atBoot: [] }),
  fact('host-rules', hostRules),
  fact('host-rules', {
    ...hostRules,
    path: 'forward',
    translatedTo: { address: '172.17.0.2', port: 4001 },
    forwarding: { setting: 'net.ipv4.ip_forward', on: 'no' },
  }),
  fact('host-rules', { ...hostRules, answer: DROPPED, outbound: { ...DROPPED, at: { ...RULE, rule: null } } }),
  fact('host-rules', { ...hostRules, inbound: DROPPED }),
  fact('host-rules', { ...hostRules, inbound: { ...DROPPED, at: { ...RULE, rule: null } } }),
  fact('host-rules', {
    ...hostRules,
    inbound: { kind: 'reject', at: { ...RULE, backend: 'legacy' }, expression: null },
  }),
  fact('host-rules', { ...hostRules, inbound: { kind: 'unroutable', at: null, expression: null } }),
  fact('host-rules', { ...hostRules, inbound: { kind: 'unknown', at: RULE, expression: 'limit rate 1/second' } }),
  fact('host-rules', { ...hostRules, inbound: { kind: 'unknown', at: null, expression: null }, path: null }),
  fact('client-rules', { ...clientRules, outwards: LET_IN, back: LET_IN }),
  fact('client-rules', { ...clientRules, outwards: DROPPED, back: DROPPED }),
  fact('client-rules', { ...clientRules, outwards: LET_IN, back: { ...DROPPED, kind: 'reject' } }),
  fact('client-rules', { ...clientRules, isThere: false, outwards: DROPPED, back: LET_IN }),
  fact('client-rules', { ...clientRules, outwards: { kind: 'unknown', at: RULE, expression: 'limit rate 1/second' } }),
  fact('client-rules', { ...clientRules, outwards: { kind: 'unroutable', at: null, expression: null } }),
  fact('vantage', { ...vantage, control: 'answered', observed: MAPPED, rttMs: 41.4 }),
  fact('vantage', { ...vantage, stun: 'answered', control: 'refused' }),
  fact('vantage', { ...vantage, stun: 'answered', control: 'not-asked' }),
  ...(
    [
      'refused',
      'reset',
      'timed-out',
      'unreachable',
      'not-permitted',
      'not-a-vantage',
      'violated-protocol',
      'name-not-found',
    ] as const
  ).map((control) => fact('vantage', { ...vantage, control })),
  ...(['error-answer', 'garbage', 'silent', 'send-not-permitted', 'not-asked'] as const).map((stun) =>
    fact('vantage', { ...vantage, control: 'not-asked', stun }),
  ),
  fact('external-address', { ...V4, server: SERVER, vantage: 'v', local: LOCAL, mapped: MAPPED, rttMs: 40 }),
  fact('external-address', { ...V4, server: SERVER, vantage: 'v', local: MAPPED, mapped: MAPPED, rttMs: 40 }),
  ...(['connected', 'answered', 'refused', 'unreachable', 'silent', 'not-dialled'] as const).map((outcome) =>
    fact('dial-back', { ...dial, outcome }),
  ),
  fact('dial-back', { ...dial, outcome: 'connected', rttMs: 80.2, greeting: 'multistream', sourceClean: false }),
  fact('dial-back', { ...dial, arrival: arrival('yes', 'no') }),
  fact('dial-back', { ...dial, arrival: arrival('yes', 'yes') }),
  fact('dial-back', { ...dial, arrival: arrival('no', 'no'), purpose: 'comparison' }),
  fact('dial-back', { ...dial, outcome: 'connected', purpose: 'vacant' }),
  fact('dial-back', { ...dial, outcome: 'not-dialled', refusal: 'too-many-requests', target: null, source: null }),
  ...(['none', 'endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const).map((behavior) =>
    fact('mapping', { ...V4, behavior, reason: null, local: LOCAL, bindings: [{ server: SERVER, mapped: MAPPED }] }),
  ),
  fact('mapping', { ...V4, behavior: 'unknown', reason: 'one-address', local: LOCAL, bindings: [] }),
  fact('mapping', { ...V4, behavior: 'unknown', reason: null, local: null, bindings: [] }),
  ...(['endpoint-independent', 'address-dependent', 'address-and-port-dependent', 'unknown'] as const).map((behavior) =>
    fact('filtering', { ...V4, behavior, reason: behavior === 'unknown' ? 'no-reply' : null, server: SERVER }),
  ),
  ...(['yes', 'no', 'unknown'] as const).flatMap((answer) => [
    fact('hairpinning', { ...V4, answer, mapped: MAPPED }),
    fact('port-preservation', { ...V4, answer, pairs: [{ localPort: 4001, mappedPort: 61234 }] }),
  ]),
  ...(['answered', 'refused', 'unreachable', 'silent', 'not-permitted'] as const).map((outcome) =>
    fact('outbound', { ...outbound, outcome }),
  ),
  fact('outbound', { ...outbound, listening: 'yes', arrived: 'no' }),
  fact('outbound', { ...outbound, listening: 'yes', arrived: 'yes' }),
  ...(['host', 'vantage'] as const).map((opener) => fact('protocol-exchange', { ...EXCHANGE, opener })),
  fact('protocol-exchange', { ...EXCHANGE, opener: 'host', spoken: { ...PASSED, resets: 6, arrived: 0 } }),
  fact('protocol-answer', { ...ANSWER, answered: 0 }),
  fact('protocol-answer', { ...ANSWER, answered: 2 }),
  ...(['host', 'vantage'] as const).flatMap((opener) => [
    fact('flow-rules', { ...V4, transport: 'tcp', port: 4001, opener, out: ACCEPTED, in: ACCEPTED }),
    fact('flow-rules', {
      ...V4,
      transport: 'tcp',
      port: 4001,
      opener,
      out: ACCEPTED,
      in: { kind: 'unknown', at: null, expression: '@ih,0,8 0x13' },
    }),
  ]),
  fact('path-mtu', {
    ...V4,
    vantage: 'v',
    sizes: [
      { bytes: 1280, outcome: 'returned' },
      { bytes: 1400, outcome: 'returned' },
      { bytes: 1492, outcome: 'lost' },
      { bytes: 1500, outcome: 'not-sent' },
    ],
  }),
  fact('path-mtu', { ...V4, vantage: 'v', sizes: [{ bytes: 1280, outcome: 'lost' }] }),
  fact('hops', {
    ...V4,
    toward: '198.51.100.9',
    hops: [
      { ttl: 1, answer: 'time-exceeded', address: '192.168.1.1', rttMs: 0.4 },
      { ttl: 2, answer: 'silent', address: null, rttMs: null },
    ],
  }),
  fact('inbound-hops', { ...V4, toward: '203.0.113.7', hops: [], routers: 3, vantage: 'v' }),
  fact('external-owner', { ...V4, toward: '203.0.113.7', hops: [] }),
  ...(['http', 'connected', 'refused', 'silent', 'unreachable'] as const).map((outcome) =>
    fact('router-page', { ...V4, address: '192.168.1.1', ttl: 1, port: 80, outcome }),
  ),
  fact('gateways', {
    gateways: [
      { ...V4, address: '192.168.1.1', answers: [{ ...SPEAKS, protocol: 'pcp' }, ADDRESSED], ...NO_TABLE },
      { family: 'ipv6', address: 'fe80::1', answers: [{ ...SPEAKS, protocol: 'pcp', outcome: 'closed' }], ...NO_TABLE },
    ],
  }),
  fact('gateways', { gateways: [{ ...V4, address: '192.168.1.1', answers: [ADDRESSED], ...TABLE }] }),
  fact('gateways', {
    gateways: [
      { ...V4, address: '192.168.1.1', answers: [{ ...SPEAKS, protocol: 'pcp', outcome: 'silent' }], ...NO_TABLE },
    ],
  }),
  fact('gateways', {
    gateways: [
      {
        ...V4,
        address: '192.168.1.1',
        answers: [{ ...SPEAKS, protocol: 'nat-pmp', hasNoExternal: true }],
        ...NO_TABLE,
      },
    ],
  }),
  fact('outer-gateways', {
    gateways: [
      {
        address: '192.168.178.1',
        ttl: 2,
        answers: [{ ...SPEAKS, protocol: 'pcp', seesAnotherAddress: true }, ADDRESSED],
      },
      { address: '10.0.0.1', ttl: 3, answers: [{ ...SPEAKS, protocol: 'pcp', outcome: 'silent' }] },
    ],
  }),
  fact('filter-hop', {
    ...V4,
    transport: 'udp',
    port: 4001,
    protocol: 'quic',
    vantage: 'v',
    hops: [
      { ttl: 1, spoken: 'passed', neutral: 'passed' },
      { ttl: 2, spoken: 'silent', neutral: 'passed' },
    ],
  }),
  fact('router-control', {
    ...CONTROL,
    answers: [SSDP_OPEN, { ...SSDP_OPEN, protocol: 'nat-pmp', port: 5351, sameAs: null }],
  }),
  fact('router-control', { ...CONTROL, answers: [SSDP_OPEN] }),
  fact('router-control', {
    ...CONTROL,
    answers: [{ ...SSDP_OPEN, protocol: 'upnp', transport: 'tcp', port: 5000, sameAs: null }],
  }),
  fact('internet', {
    asked: [
      { what: 'resolver', server: '192.168.1.1', ...V4, tries: 3, outcome: 'silent' },
      { what: 'stun-server', server: 'stun.example', ...V4, tries: 1, outcome: 'answered' },
    ],
  }),
]

describe.each(LANGUAGES)('evidence in %s', (language) => {
  test('is a whole sentence, whatever was seen', () => {
    const sentences = FACTS.map((evidence) => renderMessage(evidenceText(evidence), language))
    for (const sentence of sentences) {
      expect(sentence).toMatch(/^[^?{}[\]]+\.$/)
      expect(sentence).not.toMatch(/undefined|null|evidence\.| {2}/)
    }
  })

  test('says what was seen', async () => {
    const sentences = FACTS.map((evidence) => renderMessage(evidenceText(evidence), language))
    await expect(`${sentences.join('\n')}\n`).toMatchFileSnapshot(`./golden/evidence.${language}.golden.txt`)
  })
})
