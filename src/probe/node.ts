import type { Host } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import { type Address, familyOf, type PortSpec } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type {
  AddressesFact,
  NodeAddressesFact,
  NodeAdminPort,
  NodeFact,
  NodeOpinion,
  NodePeersFact,
} from '../model/evidence.ts'
import { inPrefix, isLoopback, prefixOf, scopeOf } from '../model/ip.ts'
import { type AroundNodes, type FoundNode, findNodes, portsOpen } from '../nodes/find-nodes.ts'
import { ALL_KINDS } from '../nodes/kinds.ts'
import { type AdminPort, type NodeKind, type NodeTold, type PeersTold, told } from '../nodes/node-kind.ts'
import { hostPortOf, isOnHost, NodePlace } from '../nodes/place.ts'

/** What is known of the node on this host. */
export interface NodeFinding {
  readonly kind: NodeKind
  readonly node: NodeFact
  readonly addresses: NodeAddressesFact | null
  readonly peers: readonly NodePeersFact[]
  readonly opinions: readonly NodeOpinion[]
}

export interface NodeQuestion {
  /** The kind that the user names; null: whatever runs here. */
  readonly kind: NodeKind | null
  /** Ports that the user names; empty: those of the node. */
  readonly ports: readonly PortSpec[]
  readonly around: AroundNodes
  readonly addresses: AddressesFact
}

/** More sockets than this that nobody knows the program of are no sign of a node. */
const MOST_ASKED_BLINDLY = 4

/**
 * Finds the node that runs here and asks it about itself. Speaks to this host and its containers alone, and reads only.
 * Undefined where none is found and none was named.
 */
export async function probeNode(host: Host, question: NodeQuestion): Promise<NodeFinding | undefined> {
  const { kind, ports, around } = question
  const kinds = kind === null ? ALL_KINDS : [kind]
  const all = findNodes(kinds, around)
  const holders = ports.length === 0 ? all : all.filter((one) => holdsOneOf(one, ports))
  // Several may run here: whoever holds a port asked for is meant.
  const concerned = kind === null || holders.length > 0 ? holders : all
  const [found, ...rest] = concerned
  const others = [...new Set(rest.map((one) => (one.kind === found?.kind ? withPorts(one) : one.kind.name)))]
  if (found !== undefined) {
    const answer = await ask(host, found)
    const forwarding = answer.clients === null || isApart(found) ? undefined : await readForwarding(host)
    const finding = describe(question, found, answer, others)
    return forwarding === undefined
      ? finding
      : { ...finding, node: { ...finding.node, forwarding: { ...forwarding, ...answer.clients! } } }
  }
  const answering = await answeringNode(host, kinds, question)
  if (answering !== undefined) return describe(question, answering.found, answering.told, [])
  if (kind === null) return undefined
  const unseen: FoundNode = { kind, foundBy: 'option', process: null, pid: null, container: null, sockets: [] }
  return describe(question, unseen, told(kind.known ?? {}), [])
}

function holdsOneOf(found: FoundNode, ports: readonly PortSpec[]): boolean {
  return portsOpen(found).some((open) => ports.some((one) => isSame(one, open)))
}

const MOST_PORTS_TOLD = 4

/** `ipfs (tcp/4002, udp/4002)`: a second one of a kind is told by where it listens. */
function withPorts(found: FoundNode): string {
  const ports = [...new Set(portsOpen(found).map(({ transport, port }) => `${transport}/${port}`))]
  const told = ports.toSorted().slice(0, MOST_PORTS_TOLD).join(', ')
  return told === '' ? found.kind.name : `${found.kind.name} (${told})`
}

function isSame(a: PortSpec, b: PortSpec): boolean {
  return a.port === b.port && a.transport === b.transport
}

function ask(host: Host, { kind, pid, container, sockets }: FoundNode): Promise<NodeTold> {
  return kind.ask(new NodePlace({ host, pid, container, sockets }))
}

/** Without root the programs of other users have no names: then whoever listens where a kind is administered is asked whether it is one. */
async function answeringNode(
  host: Host,
  kinds: readonly NodeKind[],
  { ports, kind, around }: NodeQuestion,
): Promise<{ readonly found: FoundNode; readonly told: NodeTold } | undefined> {
  const nameless = around.sockets.filter(({ namespace, process }) => namespace === null && process === null)
  const holds = (port: number) => nameless.some((one) => one.transport === 'tcp' && one.port === port)
  const isAbout = (spec: PortSpec) => nameless.some((one) => isSame(one, spec))
  const likely = kinds.filter(
    (one) =>
      one.adminPorts.some(({ port }) => holds(port)) &&
      (kind !== null || ports.length === 0 ? (one.ports ?? []).some(isAbout) : ports.some(isAbout)),
  )
  const asked = await Promise.all(
    likely.slice(0, MOST_ASKED_BLINDLY).map(async (one) => {
      const usual = [...one.adminPorts.map(({ port }) => port), ...(one.ports ?? []).map(({ port }) => port)]
      const sockets = nameless.filter(({ port }) => usual.includes(port))
      const found = { kind: one, foundBy: 'answer', process: null, pid: null, container: null, sockets } as const
      return { found, told: await ask(host, found) }
    }),
  )
  return asked.find((one) => one.told.access === 'answered')
}

function describe(
  { addresses, ports }: NodeQuestion,
  found: FoundNode,
  answer: NodeTold,
  others: readonly string[],
): NodeFinding {
  const { kind, foundBy, process, container } = found
  const named = nodePorts(found, answer)
  const reachable = ports.length > 0 ? ports : named.ports
  return {
    node: {
      kind: kind.name,
      foundBy,
      process,
      container: container?.name ?? null,
      version: answer.version,
      asked: answer.asked,
      access: answer.access,
      ports: named.ports,
      portsFrom: named.from,
      ...(answer.onDemand !== null && { onDemand: answer.onDemand, unpublished: unpublished(found, named.ports) }),
      adminPorts: adminPortsOf(found, answer).filter(({ port }) => !reachable.some((one) => isSame(one, tcpOf(port)))),
      others,
    },
    kind,
    addresses: answer.addresses,
    peers: answer.peers.map((one) => peersFact(one, addresses)),
    opinions: answer.opinions,
  }
}

function tcpOf(port: number): PortSpec {
  return { transport: 'tcp', port }
}

/** What it says itself; else what it listens on, where that is as installed or leaves no doubt; else as installed. */
function nodePorts(
  found: FoundNode,
  answer: NodeTold,
): { readonly ports: readonly PortSpec[]; readonly from: NodeFact['portsFrom'] } {
  const { container, kind } = found
  if (answer.ports !== null) return { ports: answer.ports.map((one) => hostPortOf(container, one)), from: 'node' }
  const usual = (kind.ports ?? []).map((one) => hostPortOf(container, one))
  const open = portsOpen(found)
  const seen = usual.filter((spec) => open.some((one) => isSame(one, spec)))
  if (seen.length > 0) return { ports: seen, from: 'sockets' }
  return usual.length > 0 ? { ports: usual, from: 'defaults' } : { ports: [], from: 'none' }
}

function isApart({ container }: FoundNode): boolean {
  return container !== null && !isOnHost(container)
}

const FORWARDING = 'net.ipv4.ip_forward'

async function readForwarding(host: Host): Promise<{ readonly setting: string; readonly on: Answer }> {
  try {
    const value = await host.sysctl.read(FORWARDING)
    return { setting: FORWARDING, on: value === undefined ? 'unknown' : value === '0' ? 'no' : 'yes' }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    return { setting: FORWARDING, on: 'unknown' }
  }
}

function unpublished({ container }: FoundNode, ports: readonly PortSpec[]): readonly PortSpec[] {
  if (container === null || isOnHost(container)) return []
  const isPublished = (spec: PortSpec) =>
    container.published.some((one) => one.hostPort === spec.port && one.transport === spec.transport)
  return ports.filter((spec) => !isPublished(spec))
}

/** Those that others than this host's own programs may reach. */
function adminPortsOf({ kind, container, sockets }: FoundNode, answer: NodeTold): readonly NodeAdminPort[] {
  const known = new Map([...kind.adminPorts, ...answer.adminPorts].map((one) => [one.port, one]))
  const isApart = container !== null && !isOnHost(container)
  return [...known.values()].flatMap(({ port, service }: AdminPort): readonly NodeAdminPort[] => {
    const open = isApart
      ? container.published.filter((one) => one.transport === 'tcp' && one.port === port)
      : sockets.filter((one) => one.transport === 'tcp' && one.port === port)
    const boundTo = [...new Set(open.map(({ address }) => address))].filter((address) => !isLoopback(address))
    const hostPort = isApart ? hostPortOf(container, tcpOf(port)).port : port
    return boundTo.length === 0 ? [] : [{ port: hostPort, service, boundTo, isPublished: isApart }]
  })
}

function peersFact({ inboundFrom, ...known }: PeersTold, addresses: AddressesFact): NodePeersFact {
  const { part, peers, inbound, wanted, outboundQuota, from } = known
  if (inboundFrom === null) return { part, peers, inbound, fromOutside: null, wanted, outboundQuota, from }
  const outside = inboundFrom.filter(({ address }) => isOutside(address, addresses))
  const fromOutside = (['tcp', 'udp'] as const).flatMap((transport) =>
    (['ipv4', 'ipv6'] as const).flatMap((family) => {
      const here = outside.filter((one) => one.transport === transport && familyOf(one.address) === family)
      return here.length === 0 ? [] : [{ transport, family, peers: here.length }]
    }),
  )
  return { part, peers, inbound, fromOutside, wanted, outboundQuota, from }
}

/** An address of the Internet that is none of this host's networks. */
function isOutside(address: Address, { addresses }: AddressesFact): boolean {
  const isNear = addresses.some((own) => inPrefix(address, prefixOf(own.address, own.prefixLength)))
  return scopeOf(address) === 'global' && !isNear
}
