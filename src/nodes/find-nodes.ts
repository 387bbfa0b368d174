import type { PortSpec } from '../model/endpoint.ts'
import type { Container, ListeningSocket, NodeFact } from '../model/evidence.ts'
import { isLoopback } from '../model/ip.ts'
import type { NodeKind, NodeSocket } from './node-kind.ts'
import { hostPortOf, isOnHost } from './place.ts'

/** A node that runs here, as far as that shows from outside of it. */
export interface FoundNode {
  readonly kind: NodeKind
  readonly foundBy: NodeFact['foundBy']
  readonly process: string | null
  readonly pid: number | null
  /** Null for one that runs on the host itself. */
  readonly container: Container | null
  /** Who listens, as it looks from where it lives. */
  readonly sockets: readonly NodeSocket[]
}

export interface AroundNodes {
  /** Every listening socket that the host shows, of containers too. */
  readonly sockets: readonly ListeningSocket[]
  readonly containers: readonly Container[]
}

/**
 * The nodes that run here, in the order of `kinds`: by the names of the programs that hold sockets, on this host and in
 * its containers, and by the images of containers. Pure.
 */
export function findNodes(kinds: readonly NodeKind[], around: AroundNodes): readonly FoundNode[] {
  return kinds.flatMap((kind) => {
    const onHost = processesOf(kind, around.sockets, null)
    const inContainers = around.containers.flatMap((container) => inContainer(kind, container, around.sockets))
    const [shared, apart] = [inContainers.filter(isShared), inContainers.filter((one) => !isShared(one))]
    // What a container in the host's own network runs are the host's processes: one of them, told twice.
    const named = onHost.map((one, index) => ({ ...one, container: shared[index]?.container ?? null }))
    const unseen = shared.slice(onHost.length)
    return [...named, ...apart, ...unseen].filter(({ sockets }) => kind.isNode?.(sockets) ?? true)
  })
}

/** The ports that the node's own sockets are open on to others than this host, as the host has them. */
export function portsOpen({ container, sockets }: FoundNode): readonly PortSpec[] {
  const open = sockets.filter(({ address }) => !isLoopback(address))
  return open.map((socket) => hostPortOf(container, socket))
}

function isShared({ container }: FoundNode): boolean {
  return container !== null && isOnHost(container)
}

/** One for each process of these names in one network, those with the ports as installed first. */
function processesOf(
  kind: NodeKind,
  sockets: readonly ListeningSocket[],
  namespace: string | null,
): readonly FoundNode[] {
  const held = sockets.filter((one) => one.namespace === namespace && isNamed(kind, one))
  const pids = [...new Set(held.map(({ pid }) => pid))]
  const found = pids.map((pid): FoundNode => {
    const own = held.filter((one) => one.pid === pid)
    return { kind, foundBy: 'process', process: own[0]!.process, pid, container: null, sockets: own.map(plain) }
  })
  return found.toSorted((a, b) => usualPorts(b) - usualPorts(a))
}

function isNamed({ processes }: NodeKind, { process: name }: ListeningSocket): boolean {
  return name !== null && processes.includes(name)
}

function usualPorts({ kind, sockets }: FoundNode): number {
  const usual = kind.ports ?? []
  return usual.filter(({ transport, port }) => sockets.some((one) => one.port === port && one.transport === transport))
    .length
}

function inContainer(kind: NodeKind, container: Container, sockets: readonly ListeningSocket[]): readonly FoundNode[] {
  const [process] = isOnHost(container) ? [] : processesOf(kind, sockets, container.id)
  if (process !== undefined) return [{ ...process, container }]
  if (kind.images?.test(imageName(container.image)) !== true) return []
  const { pid, listening } = container
  return [{ kind, foundBy: 'container', process: null, pid, container, sockets: (listening ?? []).map(plain) }]
}

/** `docker.io/ipfs/kubo:v0.42.0@sha256:...` is `ipfs/kubo`. */
export function imageName(image: string): string {
  const parts = image.replace(/@.*$/, '').split('/')
  const isRegistry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0]!)
  return (isRegistry ? parts.slice(1) : parts).join('/').replace(/:[^/:]*$/, '')
}

function plain({ transport, address, port, families }: NodeSocket): NodeSocket {
  return { transport, address, port, families }
}
