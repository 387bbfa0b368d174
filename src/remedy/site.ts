import type { Answer } from '../model/answer.ts'
import type { Diagnosis, EndpointVerdict } from '../model/diagnosis.ts'
import { type Address, type EndpointKey, type EndpointName, familyOf } from '../model/endpoint.ts'
import type { DialBackFact, Evidence, GatewayProtocol, NodeFact } from '../model/evidence.ts'
import type { Obstacle, ObstacleId } from '../model/obstacle.ts'
import { isNodeKind, NODE_KINDS } from '../nodes/kinds.ts'
import type { NodeKind } from '../nodes/node-kind.ts'

/** This host's addresses towards the Internet and its gateways; null where there is none, or it is not known. */
export interface PrescribeContext {
  readonly source: { readonly ipv4: Address | null; readonly ipv6: Address | null }
  readonly gateway: { readonly ipv4: Address | null; readonly ipv6: Address | null }
  /** By which protocols those gateways let themselves be asked to open ports; null where they were not asked. */
  readonly protocols: {
    readonly ipv4: readonly GatewayProtocol[] | null
    readonly ipv6: readonly GatewayProtocol[] | null
  }
  /** What routers say that they are, by their address. */
  readonly models?: ReadonlyMap<Address, string> | undefined
  /** Ports that peerway held and that a stranger got in to, in this very run. */
  readonly seenOpen?: readonly EndpointKey[] | undefined
  /** The flags by which the kind of node was named. */
  readonly nodeFlags?: readonly string[] | undefined
  /** The kind that was named, or found; null where neither is so. */
  readonly kind?: NodeKind | null | undefined
  /** The node that runs here; null where none was found or named. */
  readonly found: NodeFact | null
}

/** What the user said of the node. */
export interface AskedNode {
  /** `--node ipfs` */
  readonly flags: readonly string[]
  readonly kind: NodeKind | null
}

const NOT_ASKED: AskedNode = { flags: [], kind: null }

/** What the steps of a remedy are written from: the obstacles that it clears, the endpoints, the operator's addresses. */
export interface Site extends PrescribeContext {
  readonly obstacles: readonly Obstacle[]
  readonly endpoints: readonly EndpointKey[]
  /** What the diagnosis says of every endpoint asked for. */
  readonly measured: readonly EndpointVerdict[]
  /** `endpoints` as the catalogue takes them: `udp/ipv4/4001, tcp/ipv4/4001`. */
  readonly names: string
  /** The command line that measures again. */
  readonly command: string
  /** Does a router of the customer stand on the IPv4 path? */
  readonly behindRouter: boolean
  /** Does hole punching work with most peers? */
  readonly punching: Answer
}

/** The context as the probes saw it. */
export function prescribeContext(evidence: readonly Evidence[], node: AskedNode = NOT_ASKED): PrescribeContext {
  const fact = evidence.find((each) => each.probe === 'addresses')?.value
  const asked = evidence.find((each) => each.probe === 'gateways')?.value.gateways ?? []
  const gateway = (family: string) => fact?.defaultRoutes.find((route) => route.family === family)?.gateway ?? null
  const protocols = (family: string) => {
    const answers = asked.find(({ address }) => address === gateway(family))?.answers
    return answers?.filter(({ outcome }) => outcome === 'speaks').map(({ protocol }) => protocol) ?? null
  }
  const found = evidence.find((each) => each.probe === 'node')?.value ?? null
  return {
    source: fact?.source ?? { ipv4: null, ipv6: null },
    gateway: { ipv4: gateway('ipv4'), ipv6: gateway('ipv6') },
    protocols: { ipv4: protocols('ipv4'), ipv6: protocols('ipv6') },
    models: modelsIn(evidence),
    nodeFlags: node.flags,
    kind: node.kind ?? (found !== null && isNodeKind(found.kind) ? NODE_KINDS[found.kind] : null),
    seenOpen: evidence.flatMap((each) => (each.probe === 'dial-back' && isSeenOpen(each.value) ? [each.value] : [])),
    found,
  }
}

function modelsIn(evidence: readonly Evidence[]): ReadonlyMap<Address, string> {
  const models = new Map<Address, string>()
  for (const { probe, value } of evidence) {
    if (probe !== 'gateways' && probe !== 'outer-gateways') continue
    for (const { address, answers } of value.gateways) {
      const model = answers.find((answer) => answer.model !== null)?.model
      if (model != null) models.set(address, model)
    }
  }
  return models
}

/** Our own nonce came back: that is no box on the way that answers for everybody. */
function isSeenOpen({ purpose, greeting }: DialBackFact): boolean {
  return purpose === 'comparison' && greeting === 'nonce'
}

export function siteOf(
  diagnosis: Omit<Diagnosis, 'remedies'>,
  context: PrescribeContext,
  obstacles: readonly Obstacle[],
): Site {
  const names = [...new Set(obstacles.flatMap((obstacle) => obstacle.endpoints))]
  return {
    ...context,
    obstacles,
    endpoints: names.map(parseName),
    measured: diagnosis.endpoints,
    names: names.join(', '),
    command: checkCommand(diagnosis, context.nodeFlags),
    behindRouter: diagnosis.path.some(
      ({ family, stage, state }) => family === 'ipv4' && stage === 'router' && state !== 'absent',
    ),
    punching: diagnosis.holePunching?.withMost ?? 'unknown',
  }
}

/** This host's address in the family of the endpoints, where strangers' packets shall end. */
export function internalOf(site: Site): Address | null {
  return site.source[site.endpoints[0]?.family ?? 'ipv4']
}

export function faces(site: Site, id: ObstacleId): boolean {
  return site.obstacles.some((obstacle) => obstacle.id === id)
}

/** The address that the obstacle's own sentence names; null where it names none. */
export function addressIn(site: Site, id: ObstacleId): Address | null {
  const address = site.obstacles.find((obstacle) => obstacle.id === id)?.text.params.address
  return typeof address === 'string' && address !== '' ? address : null
}

/** A page's address for a browser: IPv6 stands in brackets. */
export function pageHost(address: Address | null): string | null {
  if (address === null) return null
  return familyOf(address) === 'ipv6' ? `[${address}]` : address
}

/** Each port and transport once, whatever the families: `4001/udp`. */
export function portsOf(site: Site): readonly string[] {
  return [...new Set(site.endpoints.map(({ port, transport }) => `${port}/${transport}`))]
}

function checkCommand(diagnosis: Omit<Diagnosis, 'remedies'>, nodeFlags: readonly string[] = []): string {
  const keys = [...new Set(diagnosis.endpoints.map(({ transport, port }) => `${transport}/${port}`))]
  const both = (port: string) => keys.includes(`udp/${port}`) && keys.includes(`tcp/${port}`)
  const ports = keys.map((key) => (both(key.slice(4)) ? key.slice(4) : key))
  const facts = diagnosis.evidence.flatMap((each) => (each.probe === 'vantage' ? [each.value] : []))
  const vantages = facts.filter((fact) => fact.origin === 'user').map((fact) => fact.name)
  const flags = (flag: string, values: readonly string[]) => [...new Set(values)].map((value) => ` --${flag} ${value}`)
  const isDeep = diagnosis.evidence.some((each) => each.probe === 'protocol-exchange' && !each.value.ofNode)
  return [
    'peerway check',
    ...nodeFlags.map((flag) => ` ${flag}`),
    ...flags('port', ports),
    ...flags('vantage', vantages),
    ...(isDeep ? [' --deep'] : []),
  ].join('')
}

export function parseName(name: EndpointName): EndpointKey {
  const [transport, family, port] = name.split('/') as [EndpointKey['transport'], EndpointKey['family'], string]
  return { transport, family, port: Number(port) }
}
