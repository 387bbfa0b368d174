import type { Host } from '../host/host.ts'
import type { Address, Family, Transport } from '../model/endpoint.ts'
import type { ListenersFact, NodeAdminPort } from '../model/evidence.ts'
import type { DialTarget } from './dial-back.ts'
import { chooseHolder } from './dial-plan.ts'
import type { FamilyContext } from './family-context.ts'
import { type HeldPort, holdPort } from './held-port.ts'

/** Below the ports that kernels choose for outgoing connections (32768 and up), so that none of those is in the way. */
const LOWEST_FREE_PORT = 10_240
const FREE_PORTS = 32_768 - LOWEST_FREE_PORT
const MAX_TRIES = 8
const MOST_ADMIN_PORTS = 4

/**
 * Everything to be dialled in one family: the endpoints asked for, held by peerway where nobody answers on `address`;
 * with `all` also one held TCP and one held UDP port to compare with, one TCP port that nobody holds, and the node's ports
 * of administration.
 */
export async function openDialTargets(
  { host, family, listeners, listenerList, externalPorts, adminPorts }: FamilyContext,
  address: Address,
  which: 'all' | 'endpoints',
): Promise<readonly DialTarget[]> {
  const taken = new Set([...(listenerList?.sockets ?? []), ...listeners].map(({ port }) => port))
  // Nothing translates IPv6 ports.
  const outside = family === 'ipv4' ? externalPorts : []
  const dialPortOf = ({ transport, port }: ListenersFact) =>
    outside.find((one) => one.transport === transport && one.port === port)?.externalPort ?? port
  const endpoint = async (fact: ListenersFact) => {
    return { ...(await endpointTarget(host, address, fact)), dialPort: dialPortOf(fact) }
  }
  if (which === 'endpoints') return Promise.all(listeners.map(endpoint))
  const [endpoints, comparisons] = await Promise.all([
    Promise.all(listeners.map(endpoint)),
    Promise.all((['udp', 'tcp'] as const).map((transport) => holdAnyPort(host, { transport, family }, address, taken))),
  ])
  const port = freePort(host, taken)
  const key = { transport: 'tcp', family, port } as const
  const vacant: DialTarget = { key, dialPort: port, purpose: 'vacant', holder: 'nobody' }
  const held = comparisons.flatMap((one) => (one === undefined ? [] : [comparison(one)]))
  return [
    ...endpoints,
    ...held,
    vacant,
    ...adminPorts.slice(0, MOST_ADMIN_PORTS).map((one) => adminTarget(one, family)),
  ]
}

export async function closeDialTargets(targets: readonly DialTarget[]): Promise<void> {
  await Promise.all(targets.map(({ holder }) => (typeof holder === 'object' ? holder.close() : undefined)))
}

function comparison(held: HeldPort): DialTarget {
  return { key: held.key, dialPort: held.key.port, purpose: 'comparison', holder: held }
}

function adminTarget({ port }: NodeAdminPort, family: Family): DialTarget {
  return { key: { transport: 'tcp', family, port }, dialPort: port, purpose: 'admin', holder: 'node' }
}

async function endpointTarget(
  host: Host,
  address: Address,
  fact: ListenersFact,
): Promise<Omit<DialTarget, 'dialPort'>> {
  const { transport, port, family } = fact
  const key = { transport, port, family }
  if (chooseHolder(fact) === 'node') return { key, purpose: 'endpoint', holder: 'node' }
  const held = await holdPort(host, key, address)
  if (held === 'busy') return { key, purpose: 'endpoint', holder: 'node' }
  return { key, purpose: 'endpoint', holder: held === 'impossible' ? 'nobody' : held }
}

async function holdAnyPort(
  host: Host,
  { transport, family }: { readonly transport: Transport; readonly family: Family },
  address: Address,
  taken: Set<number>,
): Promise<HeldPort | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const held = await holdPort(host, { transport, family, port: freePort(host, taken) }, address)
    if (held === 'impossible') return undefined
    if (held !== 'busy') return held
  }
  return undefined
}

/** A random port that is not in `taken`; it is, afterwards. */
export function freePort(host: Host, taken: Set<number>): number {
  for (;;) {
    const [high, low] = host.random.bytes(2)
    const port = LOWEST_FREE_PORT + ((high! * 256 + low!) % FREE_PORTS)
    if (!taken.has(port)) return taken.add(port) && port
  }
}
