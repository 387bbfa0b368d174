import { holePunching } from '../../src/diagnose/hole-punching.ts'
import type { Diagnosis, EndpointVerdict, NatSummary, PathStage, StageState } from '../../src/model/diagnosis.ts'
import type { EndpointName, Family, Transport } from '../../src/model/endpoint.ts'
import type { Evidence, FactOf } from '../../src/model/evidence.ts'
import { type Message, type MessageParams, message } from '../../src/model/message.ts'
import { OBSTACLE_STAGES, type Obstacle, type ObstacleId, type Stage } from '../../src/model/obstacle.ts'
import { planRepair } from '../../src/remedy/plan.ts'
import { prescribeContext } from '../../src/remedy/site.ts'

/** 2026-11-21T10:00:00Z */
export const AT_MS = 1_795_255_200_000

/** Diagnoses such as operators meet, as the golden files show them. Their remedies are those that `prescribe` gives. */
export const SAMPLES: Readonly<Record<string, Diagnosis>> = {
  reachable: sample({
    verdict: 'reachable',
    endpoints: [endpoint('udp', 'ipv4', 'yes', '203.0.113.7'), endpoint('tcp', 'ipv4', 'yes', '203.0.113.7')],
    path: way('ipv4', { router: ['pass', '192.168.1.1'], 'host-firewall': ['pass', null], process: ['pass', null] }),
    nat: { layers: 1, mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  }),

  'partly-reachable': sample({
    verdict: 'partly-reachable',
    endpoints: [
      { ...endpoint('udp', 'ipv4', 'yes', '203.0.113.7'), caveats: ['address-dependent-filter-not-excluded'] },
      endpoint('tcp', 'ipv4', 'no', '203.0.113.7'),
    ],
    path: way('ipv4', { router: ['block', '192.168.1.1'] }),
    nat: { layers: 1, mapping: 'endpoint-independent', filtering: 'address-dependent' },
    obstacles: [
      obstacle('router-source-nat', ['tcp/ipv4/4001'], {
        params: { address: '192.168.1.1', external: '203.0.113.7', internal: '192.168.1.20' },
        likely: message('settled-by.router-table', { address: '192.168.1.1', endpoints: 'tcp/ipv4/4001' }),
      }),
    ],
    notes: [message('note.not-root')],
  }),

  'home-nat': sample({
    verdict: 'unreachable',
    endpoints: [endpoint('udp', 'ipv4', 'no', '203.0.113.7'), endpoint('tcp', 'ipv4', 'no', '203.0.113.7')],
    path: way('ipv4', { router: ['block', '192.168.1.1'] }),
    nat: { layers: 1, mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
    obstacles: [
      obstacle('router-source-nat', ['udp/ipv4/4001', 'tcp/ipv4/4001'], {
        params: { address: '192.168.1.1', external: '203.0.113.7', internal: '192.168.1.20' },
      }),
    ],
  }),

  'double-nat': sample({
    verdict: 'unreachable',
    endpoints: [endpoint('udp', 'ipv4', 'no', '203.0.113.7')],
    path: [
      stage('ipv4', 'provider', 'pass'),
      stage('ipv4', 'carrier', 'absent'),
      stage('ipv4', 'router', 'block', '192.168.0.1', 2),
      stage('ipv4', 'router', 'block', '192.168.1.1', 1),
      stage('ipv4', 'host-firewall', 'unknown'),
      stage('ipv4', 'container', 'absent'),
      stage('ipv4', 'process', 'pass'),
    ],
    nat: { layers: 2, mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
    obstacles: [
      obstacle('double-nat', ['udp/ipv4/4001'], {
        params: { address: '192.168.0.1', external: '203.0.113.7' },
        layer: 2,
      }),
      obstacle('router-source-nat', ['udp/ipv4/4001'], {
        params: { address: '192.168.1.1', external: '203.0.113.7', internal: '192.168.1.20' },
      }),
    ],
  }),

  carrier: sample({
    verdict: 'unreachable',
    endpoints: [endpoint('udp', 'ipv4', 'no', '203.0.113.7'), endpoint('tcp', 'ipv4', 'no', '203.0.113.7')],
    path: [
      stage('ipv4', 'provider', 'pass'),
      stage('ipv4', 'carrier', 'block', '100.64.0.1'),
      stage('ipv4', 'router', 'unknown', '192.168.1.1', 1),
      stage('ipv4', 'host-firewall', 'unknown'),
      stage('ipv4', 'container', 'absent'),
      stage('ipv4', 'process', 'pass'),
    ],
    nat: { layers: 2, mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
    obstacles: [
      obstacle('carrier-nat', ['udp/ipv4/4001', 'tcp/ipv4/4001'], {
        params: { address: '100.64.0.1', external: '203.0.113.7' },
      }),
    ],
  }),

  'provider-block': sample({
    verdict: 'unreachable',
    endpoints: [endpoint('tcp', 'ipv4', 'no', '203.0.113.7')],
    path: [stage('ipv4', 'provider', 'block'), ...way('ipv4', {}).slice(1)],
    nat: { layers: 0, mapping: 'none', filtering: 'endpoint-independent' },
    obstacles: [obstacle('provider-blocks-inbound-port', ['tcp/ipv4/4001'], { params: { external: '203.0.113.7' } })],
  }),

  'no-vantage': sample({
    verdict: 'unknown',
    endpoints: [endpoint('udp', 'ipv4', 'unknown', '203.0.113.7'), endpoint('tcp', 'ipv4', 'unknown', null)],
    path: way('ipv4', { provider: ['unknown', null], router: ['unknown', '192.168.1.1'] }),
    nat: { layers: null, mapping: 'endpoint-independent', filtering: 'unknown' },
    notes: [message('note.no-vantage', { ports: '--port 4001' }), message('note.not-root')],
  }),

  'no-internet': sample({
    verdict: 'unreachable',
    endpoints: [endpoint('udp', 'ipv4', 'no', null), endpoint('tcp', 'ipv4', 'no', null)],
    path: [stage('ipv4', 'provider', 'block'), ...way('ipv4', {}).slice(1)],
    nat: { layers: null, mapping: 'unknown', filtering: 'unknown' },
    obstacles: [obstacle('no-internet', ['udp/ipv4/4001', 'tcp/ipv4/4001'], {})],
    notes: [message('note.vantage-silent', { name: '198.51.100.9:3478' })],
  }),

  'not-listening': sample({
    verdict: 'unreachable',
    endpoints: [endpoint('udp', 'ipv4', 'no', '203.0.113.7'), endpoint('tcp', 'ipv4', 'no', '203.0.113.7')],
    path: way('ipv4', { router: ['pass', '192.168.1.1'], process: ['block', null] }),
    nat: { layers: 1, mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
    obstacles: [obstacle('not-listening', ['udp/ipv4/4001', 'tcp/ipv4/4001'], {})],
  }),

  'ipv6-filter': sample({
    verdict: 'partly-reachable',
    endpoints: [endpoint('tcp', 'ipv4', 'yes', '203.0.113.7'), endpoint('tcp', 'ipv6', 'no', '2001:db8:1::20')],
    path: [
      ...way('ipv4', { router: ['pass', '192.168.1.1'], 'host-firewall': ['pass', null], process: ['pass', null] }),
      ...way('ipv6', { router: ['block', '2001:db8:1::1'] }),
    ],
    nat: { layers: 1, mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
    obstacles: [
      obstacle('router-filter-drops-inbound', ['tcp/ipv6/4001'], {
        params: { address: '2001:db8:1::1', internal: '2001:db8:1::20' },
      }),
    ],
  }),
}

// ---------------------------------------------------------------------------------------------- parts

type Facts = Partial<Record<Stage, readonly [StageState, string | null]>>

interface Sketch {
  readonly verdict: Diagnosis['verdict']
  readonly endpoints: readonly EndpointVerdict[]
  readonly path: readonly PathStage[]
  readonly nat: Pick<NatSummary, 'layers' | 'mapping' | 'filtering'>
  readonly obstacles?: readonly Obstacle[]
  readonly notes?: readonly Message[]
}

function sample({ obstacles = [], notes = [], nat, ...rest }: Sketch): Diagnosis {
  const external = rest.endpoints.flatMap((each) =>
    each.family === 'ipv4' && each.external ? [each.external.address] : [],
  )
  const families = new Set(rest.endpoints.map((each) => each.family))
  const summary: NatSummary = {
    ...nat,
    hairpinning: 'unknown',
    portPreservation: 'unknown',
    externalAddresses: [...new Set(external)],
    udpLifetimeSeconds: null,
  }
  const diagnosis = {
    ...rest,
    nat: summary,
    holePunching: holePunching(summary, obstacles),
    gateways: [],
    obstacles,
    warnings: [],
    node: { kind: 'ipfs', peers: 12, peersWanted: { min: 40, max: 50 } },
    notes,
    evidence: evidenceFor(families),
  }
  return { ...diagnosis, remedies: planRepair(diagnosis, prescribeContext(diagnosis.evidence)).remedies }
}

function endpoint(
  transport: Transport,
  family: Family,
  reachable: EndpointVerdict['reachable'],
  external: string | null,
): EndpointVerdict {
  const dialled = external === null ? null : { address: external, port: 4001 }
  return { transport, family, port: 4001, reachable, external: dialled, caveats: [], evidence: ['e4'] }
}

function stage(family: Family, name: Stage, state: StageState, address: string | null = null, layer?: number) {
  return { family, stage: name, layer: layer ?? null, address, state }
}

function way(family: Family, facts: Facts): PathStage[] {
  const defaults: Record<Stage, readonly [StageState, string | null]> = {
    provider: ['pass', null],
    carrier: ['absent', null],
    router: ['absent', null],
    'host-firewall': ['unknown', null],
    container: ['absent', null],
    process: ['unknown', null],
  }
  const stages = Object.entries({ ...defaults, ...facts }) as [Stage, readonly [StageState, string | null]][]
  return stages.map(([name, [state, address]]) =>
    stage(family, name, state, address, name === 'router' && state !== 'absent' ? 1 : undefined),
  )
}

function obstacle(
  id: ObstacleId,
  endpoints: readonly EndpointName[],
  options: { readonly params?: MessageParams; readonly likely?: Message; readonly layer?: number },
): Obstacle {
  const { params = {}, likely = null } = options
  return {
    id,
    stage: OBSTACLE_STAGES[id],
    layer: OBSTACLE_STAGES[id] === 'router' ? (options.layer ?? 1) : null,
    certainty: likely === null ? 'proven' : 'likely',
    endpoints,
    evidence: ['e3', 'e4'],
    text: message(`obstacle.${id}`, { ...params, endpoints: endpoints.join(', ') }),
    settledBy: likely,
  }
}

function evidenceFor(families: ReadonlySet<Family>): Evidence[] {
  const ipv6 = families.has('ipv6') ? '2001:db8:1::20' : null
  const addresses: FactOf<'addresses'> = {
    addresses: [{ interface: 'eth0', address: '192.168.1.20', family: 'ipv4', prefixLength: 24 }],
    defaultRoutes: [
      { family: 'ipv4', gateway: '192.168.1.1', interface: 'eth0', metric: 100, gatewayMac: null },
      ...(ipv6 === null
        ? []
        : [{ family: 'ipv6' as const, gateway: 'fe80::1', interface: 'eth0', metric: 100, gatewayMac: null }]),
    ],
    source: { ipv4: '192.168.1.20', ipv6 },
  }
  const listeners: FactOf<'listeners'> = {
    transport: 'tcp',
    family: 'ipv4',
    port: 4001,
    state: 'listening',
    sockets: [
      {
        transport: 'tcp',
        address: '::',
        port: 4001,
        families: ['ipv4', 'ipv6'],
        process: 'ipfs',
        pid: 812,
        namespace: null,
      },
    ],
    namespacesSeen: 'all',
    redirected: 'no',
  }
  const vantage: FactOf<'vantage'> = {
    name: '198.51.100.9:3478',
    family: 'ipv4',
    address: '198.51.100.9',
    port: 3478,
    origin: 'user',
    kind: 'peerway',
    control: 'answered',
    stun: 'answered',
    observed: { address: '203.0.113.7', port: 40112 },
    local: { address: '192.168.1.20', port: 40112 },
    rttMs: 41.3,
    dialSources: ['198.51.100.10'],
    canGrant: false,
  }
  const dial: FactOf<'dial-back'> = {
    transport: 'tcp',
    family: 'ipv4',
    port: 4001,
    purpose: 'endpoint',
    vantage: '198.51.100.9:3478',
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
    arrival: { wire: 'no', passed: 'no', how: 'counters', source: null, anySourcePackets: 0, strayPackets: 0 },
  }
  return [
    { id: 'e1', probe: 'addresses', atMs: AT_MS, value: addresses },
    { id: 'e2', probe: 'listeners', atMs: AT_MS + 12, value: listeners },
    { id: 'e3', probe: 'vantage', atMs: AT_MS + 45, value: vantage },
    { id: 'e4', probe: 'dial-back', atMs: AT_MS + 1234, value: dial },
  ]
}
