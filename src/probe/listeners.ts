import type { Host, ListenerList } from '../host/host.ts'
import type { Answer } from '../model/answer.ts'
import type { EndpointKey, Family, PortSpec } from '../model/endpoint.ts'
import type { ListenersFact, ListeningSocket } from '../model/evidence.ts'
import { isLoopback } from '../model/ip.ts'
import { attempt } from './attempt.ts'

/** Reads who listens on this host, once for all ports. Undefined where the system does not tell. */
export async function listListeners(host: Host): Promise<ListenerList | undefined> {
  return attempt(() => host.listeners.list(), undefined)
}

/** Who of `list` listens on one port, transport and family; `redirected`: whether rules of this host take the port away. */
export function listenersOf(key: EndpointKey, list: ListenerList | undefined, redirected: Answer): ListenersFact {
  const { transport, port, family } = key
  const sockets = list === undefined ? [] : socketsOf(key, list.sockets)
  const state = list === undefined ? 'unknown' : stateOf(sockets)
  return { transport, port, family, state, sockets, namespacesSeen: list?.namespacesSeen ?? 'own', redirected }
}

/** An IPv6 any-socket without IPV6_V6ONLY names both families, so it counts for IPv4 too. */
function socketsOf(key: EndpointKey, sockets: readonly ListeningSocket[]): readonly ListeningSocket[] {
  return sockets.filter(
    ({ transport, port, families }) =>
      transport === key.transport && port === key.port && families.includes(key.family),
  )
}

function stateOf(sockets: readonly ListeningSocket[]): ListenersFact['state'] {
  const own = sockets.filter(({ namespace }) => namespace === null)
  if (own.length === 0) return sockets.some(isInContainer) ? 'elsewhere-only' : 'none'
  return own.every(({ address }) => isLoopback(address)) ? 'loopback-only' : 'listening'
}

/**
 * A namespace is named after its container where it has one; a bare process that keeps a network to itself
 * (`name[pid]`) is no guest that this host's port would be passed on to.
 */
function isInContainer({ namespace, address, isGuest }: ListeningSocket): boolean {
  const isNamed = namespace !== null && !/\[\d+\]$/.test(namespace)
  return (isNamed || isGuest === true) && !isLoopback(address)
}

/** One key for each port and family, in the order of `ports`. */
export function endpointKeys(ports: readonly PortSpec[], families: readonly Family[]): readonly EndpointKey[] {
  return ports.flatMap(({ transport, port }) => families.map((family) => ({ transport, port, family })))
}
