import { byTurns } from '../host/by-turns.ts'
import type { ContainerEngine, EngineReply, Host, ProcessNetwork } from '../host/host.ts'
import type { Address, PortSpec } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import type {
  AddressesFact,
  Container,
  ContainerNetwork,
  ContainersFact,
  EngineFact,
  InsideSocket,
  PublishedPort,
} from '../model/evidence.ts'
import type { Decoded } from '../wire/bytes.ts'
import {
  type DockerErrorCode,
  decodeContainerInspection,
  decodeContainerList,
  decodeNetworkDrivers,
  type InspectedContainer,
  type ListedContainer,
  type ListedPort,
} from '../wire/docker/containers.ts'
import { attempt } from './attempt.ts'

/** An engine answers in milliseconds; one that does not is not waited for. */
const PATIENCE_MS = 2000
const PATIENCE_PER_ENGINE_MS = 3000
/** More would be asked about one after the other for longer than a check may last. */
const MOST_CONTAINERS = 256
const AT_ONCE = 8

/** What the engines said of all that runs. */
export type ContainerListing = ContainersFact

/**
 * Asks every engine of containers on this host for its running containers, and looks from outside at who listens in
 * those. Reads only, by one GET for each engine, one for its networks and one for each container; nothing leaves this host.
 */
export async function listContainers(host: Host, { addresses }: AddressesFact): Promise<ContainerListing> {
  const engines = await attempt(() => host.services.engines(), [])
  const own = new Set(addresses.map(({ address }) => address))
  const read = await Promise.all(engines.map((engine) => readEngine(host, engine, own)))
  return {
    engines: read.map(({ fact }) => fact),
    running: read.reduce((sum, one) => sum + one.running, 0),
    containers: read.flatMap((one) => one.containers),
  }
}

/** Of a listing only the containers that the ports have to do with: the rest is nobody's business. */
export function containersAbout(listing: ContainerListing, ports: readonly PortSpec[]): ContainersFact {
  return { ...listing, containers: listing.containers.flatMap((container) => aboutPorts(container, ports) ?? []) }
}

interface EngineReading {
  readonly fact: EngineFact
  readonly running: number
  readonly containers: readonly Container[]
}

async function readEngine(host: Host, engine: ContainerEngine, own: ReadonlySet<Address>): Promise<EngineReading> {
  const { socket } = engine
  const deadlineMs = host.clock.monotonicMs() + PATIENCE_PER_ENGINE_MS
  const timeoutMs = () => Math.min(PATIENCE_MS, deadlineMs - host.clock.monotonicMs())
  const ask = async <T>(path: string, decode: (body: string) => Decoded<T, DockerErrorCode>): Promise<T | string> =>
    timeoutMs() <= 0 ? 'timed-out' : valueIn(await engine.get(path, { timeoutMs: timeoutMs() }), decode)
  try {
    const [listed, drivers] = await Promise.all([
      ask('/containers/json', decodeContainerList),
      ask('/networks', decodeNetworkDrivers),
    ])
    if (typeof listed === 'string')
      return { fact: { socket, access: 'unreadable', detail: listed }, running: 0, containers: [] }
    const known = typeof drivers === 'string' ? new Map<string, string>() : drivers
    const inspect = async (one: ListedContainer): Promise<Container> => {
      const inspected = await ask(`/containers/${one.id}/json`, decodeContainerInspection)
      const { pid, networkMode } = typeof inspected === 'string' ? NOT_INSPECTED : inspected
      const mode = one.networkMode === '' ? (networkMode ?? '') : one.networkMode
      return describe(host, { ...one, networkMode: mode }, { socket, own, drivers: known, pid })
    }
    const containers = await byTurns(listed.slice(0, MOST_CONTAINERS), inspect, AT_ONCE)
    return { fact: { socket, access: 'read', detail: null }, running: listed.length, containers }
  } catch (error) {
    if (!(error instanceof PeerwayError)) throw error
    const access = error.code === 'not-permitted' ? 'not-permitted' : 'not-available'
    return { fact: { socket, access, detail: error.message, told: error.told }, running: 0, containers: [] }
  }
}

const NOT_INSPECTED: InspectedContainer = { pid: null, networkMode: null }

/** The value in an answer, or what was wrong with it. */
function valueIn<T>(reply: EngineReply, decode: (body: string) => Decoded<T, DockerErrorCode>): T | string {
  if (reply.outcome !== 'answered') return reply.outcome
  if (reply.status !== 200) return `status ${reply.status}`
  const decoded = decode(reply.body)
  return decoded.ok ? decoded.value : decoded.code
}

interface Around {
  readonly socket: string
  /** This host's addresses. */
  readonly own: ReadonlySet<Address>
  readonly drivers: ReadonlyMap<string, string>
  readonly pid: number | null
}

async function describe(host: Host, listed: ListedContainer, around: Around): Promise<Container> {
  const { name, image, networkMode, compose } = listed
  const networks = listed.networks.map(({ id, name: network, addresses }): ContainerNetwork => {
    return { name: network, driver: (id === null ? undefined : around.drivers.get(id)) ?? null, addresses }
  })
  const id = listed.id.slice(0, 12)
  return {
    id,
    name,
    image,
    engine: around.socket.includes('podman') ? 'podman' : 'docker',
    compose,
    networkMode,
    networks,
    isBehindHost: listed.networks.some(({ gateways }) => gateways.some((gateway) => around.own.has(gateway))),
    published: listed.published.flatMap(publishedPorts),
    pid: around.pid,
    // In the network of this host, or of another container, its sockets are not to be told from those of others.
    listening:
      around.pid === null || /^(host$|container:)/.test(networkMode)
        ? null
        : await listensInside(host, around.pid, { id, networks }),
  }
}

/** An engine that names no address means all of them. */
function publishedPorts({ transport, port, hostPort, hostAddress }: ListedPort): readonly PublishedPort[] {
  const on = hostAddress === null ? ['0.0.0.0', '::'] : [hostAddress]
  return on.map((address) => ({ transport, port, address, hostPort }))
}

/**
 * Who listens in the network of a container's first process. An engine's process ids may be another machine's than
 * `/proc` shows (peerway in a container itself): the namespace must bear the container's id, or one of its addresses.
 */
async function listensInside(
  host: Host,
  pid: number,
  { id, networks }: Pick<Container, 'id' | 'networks'>,
): Promise<readonly InsideSocket[] | null> {
  const network = await attempt<ProcessNetwork | undefined, undefined>(() => host.listeners.around(pid), undefined)
  if (network === undefined || network.namespace === null) return null
  const addresses = networks.flatMap((one) => one.addresses)
  if (network.namespace !== id && !addresses.some((address) => network.addresses.includes(address))) return null
  return network.sockets.map(({ transport, address, port, families }) => ({ transport, address, port, families }))
}

/** The container with what these ports have to do with it; undefined where that is nothing. */
function aboutPorts(container: Container, ports: readonly PortSpec[]): Container | undefined {
  const asked = new Set(ports.map(({ port }) => port))
  const published = container.published.filter(({ port, hostPort }) => asked.has(port) || asked.has(hostPort))
  const wanted = new Set([...asked, ...published.map(({ port }) => port)])
  const listening = container.listening?.filter(({ port }) => wanted.has(port)) ?? null
  const concerned = published.length > 0 || ports.some((spec) => listening?.some((socket) => isSame(socket, spec)))
  return concerned ? { ...container, published, listening } : undefined
}

function isSame(socket: InsideSocket, { transport, port }: PortSpec): boolean {
  return socket.transport === transport && socket.port === port
}
