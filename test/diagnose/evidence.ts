import type { Address, Family, PortSpec } from '../../src/model/endpoint.ts'
import type {
  AddressesFact,
  Container,
  DialBackFact,
  Evidence,
  FactOf,
  Hop,
  HostRulesFact,
  ProbeName,
  RuleFate,
  VantageFact,
} from '../../src/model/evidence.ts'

export type Unnumbered = { [P in ProbeName]: { readonly probe: P; readonly value: FactOf<P> } }[ProbeName]

/** Evidence numbered in the order given, as a run would. */
export function run(...facts: readonly Unnumbered[]): readonly Evidence[] {
  return facts.map((fact, index) => ({ ...fact, id: `e${index + 1}`, atMs: 1_700_000_000_000 + index }) as Evidence)
}

export const HOME = '192.168.1.10'
export const EXTERNAL = '203.0.113.7'
export const VANTAGE = '198.51.100.10'
export const CLEAN = '198.51.100.11'
export const TCP: PortSpec = { transport: 'tcp', port: 4001 }
export const UDP: PortSpec = { transport: 'udp', port: 4001 }

export function addresses(source: Address | null = HOME, options: Partial<AddressesFact> = {}): Unnumbered {
  const value: AddressesFact = {
    addresses: source === null ? [] : [{ interface: 'eth0', address: source, family: 'ipv4', prefixLength: 24 }],
    defaultRoutes: [{ family: 'ipv4', gateway: '192.168.1.1', interface: 'eth0', metric: 0, gatewayMac: null }],
    source: { ipv4: source, ipv6: null },
    ...options,
  }
  return { probe: 'addresses', value }
}

export function listeners(port: PortSpec, options: Partial<FactOf<'listeners'>> = {}): Unnumbered {
  const value: FactOf<'listeners'> = {
    ...port,
    family: 'ipv4',
    state: 'listening',
    sockets: [],
    namespacesSeen: 'all',
    redirected: 'no',
    ...options,
  }
  return { probe: 'listeners', value }
}

export function vantage(observed: Address | null = EXTERNAL, options: Partial<VantageFact> = {}): Unnumbered {
  const value: VantageFact = {
    name: VANTAGE,
    family: 'ipv4',
    address: VANTAGE,
    port: 3478,
    origin: 'user',
    kind: 'peerway',
    control: 'answered',
    stun: 'answered',
    observed: observed === null ? null : { address: observed, port: 50_000 },
    local: null,
    rttMs: 20,
    dialSources: [CLEAN],
    canGrant: false,
    ...options,
  }
  return { probe: 'vantage', value }
}

export function mapped(external: Address = EXTERNAL, local: Address = HOME, family: Family = 'ipv4'): Unnumbered {
  const value: FactOf<'external-address'> = {
    family,
    server: { address: VANTAGE, port: 3478 },
    vantage: VANTAGE,
    local: { address: local, port: 40_000 },
    mapped: { address: external, port: 40_000 },
    rttMs: 20,
  }
  return { probe: 'external-address', value }
}

export const SEEN = {
  wire: 'yes',
  passed: 'yes',
  how: 'counters',
  source: null,
  anySourcePackets: 1,
  strayPackets: 0,
} as const
export const NEVER_CAME = {
  wire: 'no',
  passed: 'no',
  how: 'counters',
  source: null,
  anySourcePackets: 0,
  strayPackets: 0,
} as const
export const EATEN = {
  wire: 'yes',
  passed: 'no',
  how: 'counters',
  source: null,
  anySourcePackets: 6,
  strayPackets: 0,
} as const
export const NOT_SEEN = {
  wire: 'unknown',
  passed: 'unknown',
  how: 'none',
  source: null,
  anySourcePackets: null,
  strayPackets: null,
} as const

export function dial(
  port: PortSpec,
  outcome: DialBackFact['outcome'],
  options: Partial<DialBackFact> = {},
): Unnumbered {
  const inside = outcome === 'connected' || outcome === 'answered'
  const value: DialBackFact = {
    ...port,
    family: 'ipv4',
    purpose: 'endpoint',
    vantage: VANTAGE,
    target: { address: EXTERNAL, port: port.port },
    source: { address: CLEAN, port: 33_000 },
    sourceClean: true,
    answersFrom: null,
    outcome,
    refusal: null,
    attempts: inside ? 1 : 6,
    rttMs: inside ? 20 : null,
    holder: 'node',
    greeting: null,
    arrival: inside ? SEEN : NEVER_CAME,
    ...options,
  }
  return { probe: 'dial-back', value }
}

/** UDP to a port that the vantage had opened. */
export function outbound(port: number, arrived: 'yes' | 'no'): Unnumbered {
  const value: FactOf<'outbound'> = {
    transport: 'udp',
    port,
    family: 'ipv4',
    server: VANTAGE,
    listening: 'yes',
    outcome: arrived === 'yes' ? 'answered' : 'silent',
    arrived,
    fromOthers: false,
  }
  return { probe: 'outbound', value }
}

/** The three dials beside those asked for: ports that peerway holds, and a port that nobody holds. */
export function neighbours(
  outcome: 'in' | 'silent' | 'refused',
  vacant: DialBackFact['outcome'] = 'silent',
): Unnumbered[] {
  const held = { purpose: 'comparison', holder: 'peerway' } as const
  const nonce = outcome === 'in' ? ({ greeting: 'nonce' } as const) : {}
  const tcp = outcome === 'in' ? 'connected' : outcome
  const udp = outcome === 'in' ? 'answered' : outcome
  return [
    dial({ transport: 'tcp', port: 20_001 }, tcp, { ...held, ...nonce }),
    dial({ transport: 'udp', port: 20_002 }, udp, { ...held, ...nonce }),
    dial({ transport: 'tcp', port: 20_003 }, vacant, { purpose: 'vacant', holder: 'nobody', arrival: NEVER_CAME }),
  ]
}

/** `192.168.1.1 0.4`, `-` for a silent hop; the last may be the target's own reply, marked `=`. */
export function hops(...lines: readonly string[]): Unnumbered {
  return { probe: 'hops', value: { family: 'ipv4', toward: VANTAGE, hops: lines.map(hop) } }
}

export function owner(...lines: readonly string[]): Unnumbered {
  return { probe: 'external-owner', value: { family: 'ipv4', toward: EXTERNAL, hops: lines.map(hop) } }
}

/** The vantage's echo requests, as many routers away from this host. */
export function inbound(routers: number | null, ...lines: readonly string[]): Unnumbered {
  const value = { family: 'ipv4', toward: EXTERNAL, hops: lines.map(hop), routers, vantage: VANTAGE } as const
  return { probe: 'inbound-hops', value }
}

function hop(line: string, index: number): Hop {
  const [address, rtt] = line.replace('=', '').split(' ')
  if (line === '-') return { ttl: index + 1, answer: 'silent', address: null, rttMs: null }
  return {
    ttl: index + 1,
    answer: line.startsWith('=') ? 'echo-reply' : 'time-exceeded',
    address: address!,
    rttMs: rtt === undefined ? null : Number(rtt),
  }
}

const FILTER = { backend: 'nft', family: 'inet', table: 'filter' } as const

/** A rule that drops packets at this hook. */
export function dropped(hook: 'prerouting' | 'input' | 'forward' | 'output', rule = 'tcp dport 4001 drop'): RuleFate {
  return { kind: 'drop', at: { ...FILTER, chain: hook, hook, rule }, expression: null }
}

export const LET_IN: RuleFate = { kind: 'accept', at: null, expression: null }

/** What this host's rules do: by default they let everything through. */
export function rules(port: PortSpec, options: Partial<HostRulesFact> = {}): Unnumbered {
  const value: HostRulesFact = {
    ...port,
    family: 'ipv4',
    inbound: LET_IN,
    picksStrangers: false,
    diallers: [],
    path: 'input',
    translatedTo: null,
    forwarding: null,
    answer: LET_IN,
    outbound: LET_IN,
    ...options,
  }
  return { probe: 'host-rules', value }
}

/** A container that publishes nothing and listens on TCP 4001 inside; behind this host. */
export function container(options: Partial<Container> = {}): Container {
  return {
    id: '812477fa3091',
    name: 'node',
    image: 'kubo:1',
    engine: 'docker',
    compose: null,
    networkMode: 'default',
    networks: [{ name: 'bridge', driver: 'bridge', addresses: ['172.17.0.2'] }],
    isBehindHost: true,
    published: [],
    pid: 812,
    listening: [{ transport: 'tcp', address: '0.0.0.0', port: 4001, families: ['ipv4'] }],
    ...options,
  }
}

export function containers(...found: readonly Container[]): Unnumbered {
  const engines = [{ socket: '/run/docker.sock', access: 'read', detail: null }] as const
  return { probe: 'containers', value: { engines, running: found.length, containers: found } }
}
