import type { Answer } from '../model/answer.ts'
import { type Endpoint, type EndpointKey, familyOf } from '../model/endpoint.ts'
import type {
  Container,
  HostRulesFact,
  InsideSocket,
  ListenersFact,
  ListeningSocket,
  PublishedPort,
} from '../model/evidence.ts'
import { isLoopback } from '../model/ip.ts'

/** What a container has to do with one endpoint. */
export type ContainerPart =
  /** What strangers send to the endpoint is taken to `port` of the container, by a rule or by Docker's proxy. */
  | {
      readonly role: 'serves'
      readonly container: Container
      readonly port: number
      readonly through: 'rule' | 'proxy'
      readonly inside: InsideState
      /** A socket on that port, where there is one. */
      readonly socket: InsideSocket | undefined
    }
  /** A program in it listens on the port, and nothing on this host takes strangers there. */
  | { readonly role: 'unpublished'; readonly container: Container; readonly published: PublishedPort | undefined }
  /** A program in it listens on the port, at an address of the container's own in the network outside (macvlan, ipvlan). */
  | { readonly role: 'apart'; readonly container: Container }

export type InsideState = 'listening' | 'loopback-only' | 'none' | 'unknown'

export interface PartQuestion {
  readonly key: EndpointKey
  readonly listeners: ListenersFact | undefined
  readonly rules: HostRulesFact | undefined
  /** Does a rule of this host take the port elsewhere? */
  readonly redirected: Answer
}

/** Programs that complete a handshake for a container before anybody in it was asked, and then pass on what comes. */
const PROXIES = new Set([
  'docker-proxy',
  'rootlesskit',
  'rootlessport',
  'slirp4netns',
  'pasta',
  'pasta.avx2',
  // The kernel keeps 15 letters: com.docker.backend.
  'com.docker.back',
])

/** Programs that hold a published port so that nobody else takes it, and never speak: a rule takes it to the container. */
const HOLDERS = new Set(['dockerd', 'conmon'])

export function isProxy({ process, passesTo }: ListeningSocket): boolean {
  return passesTo !== undefined || (process !== null && PROXIES.has(process))
}

export function isHolder({ process }: ListeningSocket): boolean {
  return process !== null && HOLDERS.has(process)
}

/** Undefined where no container that the engines told of has a part in it. */
export function containerPart(containers: readonly Container[], question: PartQuestion): ContainerPart | undefined {
  const { key, listeners, rules, redirected } = question
  const to = rules?.translatedTo ?? undefined
  if (to !== undefined) return servedAt(containers, to, key, 'rule')
  const own = socketsForStrangers(listeners).filter((socket) => !isHolder(socket))
  if (own.some((socket) => !isProxy(socket))) return undefined
  const passesTo = own.flatMap((socket) => socket.passesTo ?? [])[0]
  if (redirected !== 'yes' && passesTo !== undefined) return servedAt(containers, passesTo, key, 'proxy')
  if (redirected === 'yes') return publishedFor(containers, key, 'rule')
  if (own.length > 0) return publishedFor(containers, key, 'proxy')
  const byUnseenRule = redirected === 'unknown' ? publishedFor(containers, key, 'rule') : undefined
  return byUnseenRule ?? leftAlone(containers, key)
}

function servedAt(
  containers: readonly Container[],
  { address, port }: Endpoint,
  key: EndpointKey,
  through: 'rule' | 'proxy',
): ContainerPart | undefined {
  const container = containers.find(
    ({ networks, isBehindHost }) => isBehindHost && networks.some(({ addresses }) => addresses.includes(address)),
  )
  // A proxy speaks the family of the container's address, whichever its own caller speaks.
  return container && serves(container, { ...key, port, family: familyOf(address) }, through)
}

/** The engine's word alone: where rules cannot be read, and where the proxy does not say whom it serves. */
function publishedFor(
  containers: readonly Container[],
  key: EndpointKey,
  through: 'rule' | 'proxy',
): ContainerPart | undefined {
  // A rule of this host leads to what is behind it, and to nothing of an engine that lives in another network.
  for (const container of containers.filter(({ isBehindHost }) => isBehindHost || through === 'proxy')) {
    const port = container.published.find(
      ({ transport, hostPort, address }) =>
        transport === key.transport &&
        hostPort === key.port &&
        familyOf(address) === key.family &&
        !isLoopback(address),
    )?.port
    if (port !== undefined) return serves(container, { ...key, port }, through)
  }
  return undefined
}

function serves(container: Container, key: EndpointKey, through: 'rule' | 'proxy'): ContainerPart {
  const sockets = container.listening?.filter(
    ({ transport, port, families }) =>
      transport === key.transport && port === key.port && families.includes(key.family),
  )
  const open = sockets?.find(({ address }) => !isLoopback(address))
  const inside = sockets === undefined ? 'unknown' : open ? 'listening' : sockets.length > 0 ? 'loopback-only' : 'none'
  return { role: 'serves', container, port: key.port, through, inside, socket: open ?? sockets?.[0] }
}

/** Nothing on this host takes the port: does a container hold it all the same? */
function leftAlone(containers: readonly Container[], key: EndpointKey): ContainerPart | undefined {
  const holders = containers.filter(({ listening }) =>
    listening?.some(
      ({ transport, port, address }) => transport === key.transport && port === key.port && !isLoopback(address),
    ),
  )
  const apart = holders.find(hasOwnAddress)
  if (apart !== undefined) return { role: 'apart', container: apart }
  const container = holders.find(({ isBehindHost }) => isBehindHost)
  if (container === undefined) return undefined
  const sameInside = container.published.filter(
    ({ transport, port }) => transport === key.transport && port === key.port,
  )
  const published = sameInside.find(({ address }) => familyOf(address) === key.family) ?? sameInside[0]
  return { role: 'unpublished', container, published }
}

/** A network of unknown kind that does not go out through this host may be one, and then nothing of this host is in its way. */
function hasOwnAddress({ networks, isBehindHost }: Container): boolean {
  return networks.some(
    ({ driver }) => driver === 'macvlan' || driver === 'ipvlan' || (driver === null && !isBehindHost),
  )
}

/** This host's own sockets that listen at more than loopback addresses. */
export function socketsForStrangers(fact: ListenersFact | undefined): readonly ListeningSocket[] {
  return fact?.sockets.filter(({ namespace, address }) => namespace === null && !isLoopback(address)) ?? []
}
