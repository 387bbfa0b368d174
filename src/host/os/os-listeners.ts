import type { ListeningSocket } from '../../model/evidence.ts'
import { byTurns } from '../by-turns.ts'
import type { Listeners } from '../host.ts'
import { dualStackSockets } from './dual-stack.ts'
import { addressesIn } from './namespace-addresses.ts'
import { type NetNamespace, namespaceOfProcess, netNamespaces } from './net-namespaces.ts'
import { onLinuxOnly } from './not-available.ts'
import { type PortProxy, PROXY_NAME, portProxies } from './port-proxies.ts'
import { readProc, rowsOf } from './proc.ts'
import { isFlow, isListening, type ProcSocket, parseProcNet, stateName } from './proc-net-sockets.ts'
import { type SocketOwner, socketOwners } from './socket-owners.ts'

export const osListeners: Listeners = {
  async list() {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.listing-sockets')
    const { namespaces, seen } = await netNamespaces()
    const held = await byTurns(namespaces, listeningIn)
    const owners = await socketOwners(new Set(held.flat().map(({ socket }) => socket.inode)))
    const sockets = held.flatMap((entries, index) =>
      entries.map(({ socket, dual }) => describe(socket, dual, namespaces[index]!, owners.get(socket.inode))),
    )
    const proxies = sockets.some(mayBeProxys) ? await portProxies() : []
    return { sockets: sockets.map((socket) => withProxy(socket, proxies)), namespacesSeen: seen }
  },

  async connections(port) {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.listing-connections')
    const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readProc(`/proc/net/${table}`)))
    return tables
      .flatMap((text) => parseProcNet('tcp', text, (socket) => socket.local.port === port && isFlow(socket)))
      .map(({ local, remote, state }) => ({ local, remote, state: stateName(state) }))
  },

  async datagramsRead() {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.counting-datagrams')
    const [snmp, snmp6] = await Promise.all(['snmp', 'snmp6'].map((table) => readProc(`/proc/net/${table}`)))
    return parseDatagramsRead(snmp!, snmp6!)
  },

  async around(pid) {
    if (process.platform !== 'linux') throw onLinuxOnly('error.of.looking-into-namespace')
    if (!Number.isSafeInteger(pid) || pid < 1) throw new RangeError(`not a process id: ${pid}`)
    const namespace = await namespaceOfProcess(pid)
    // Even an empty table has a headline.
    if ((await readProc(`${namespace.path}/net/tcp`)) === '') return undefined
    const [addresses, held] = await Promise.all([addressesIn(namespace), listeningIn(namespace)])
    const sockets = held.map(({ socket, dual }) => describe(socket, dual, namespace, undefined))
    return { namespace: namespace.name, addresses, sockets }
  },
}

/** Udp InDatagrams and Udp6InDatagrams (RFC 4113 udpInDatagrams); the kernel counts them when a program reads. */
export function parseDatagramsRead(snmp: string, snmp6: string): number {
  const [names = [], values = []] = rowsOf(snmp).filter(([keyword]) => keyword === 'Udp:')
  const ipv4 = Number(values[names.indexOf('InDatagrams')] ?? 0)
  const ipv6 = Number(rowsOf(snmp6).find(([name]) => name === 'Udp6InDatagrams')?.[1] ?? 0)
  return ipv4 + ipv6
}

interface Held {
  readonly socket: ProcSocket
  /** Does an IPv6 any-socket get IPv4 too? */
  readonly dual: boolean
}

async function listeningIn(namespace: NetNamespace): Promise<Held[]> {
  const sockets = (await Promise.all(TABLES.map((table) => socketsOf(namespace, table)))).flat()
  const dual = await dualStackSockets(namespace, sockets)
  return sockets.map((socket) => ({ socket, dual: dual.has(socket) }))
}

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const

async function socketsOf({ path }: NetNamespace, table: (typeof TABLES)[number]): Promise<ProcSocket[]> {
  return parseProcNet(table.startsWith('tcp') ? 'tcp' : 'udp', await readProc(`${path}/net/${table}`), isListening)
}

/** Who holds it may be hidden from us. */
function mayBeProxys({ namespace, process: holder }: ListeningSocket): boolean {
  return namespace === null && (holder === null || holder === PROXY_NAME)
}

function withProxy(socket: ListeningSocket, proxies: readonly PortProxy[]): ListeningSocket {
  if (!mayBeProxys(socket)) return socket
  const proxy = proxies.find(({ pid, transport, host }) => {
    const isSame = transport === socket.transport && host.port === socket.port && host.address === socket.address
    return isSame && (socket.pid === null || socket.pid === pid)
  })
  return proxy === undefined ? socket : { ...socket, process: PROXY_NAME, pid: proxy.pid, passesTo: proxy.to }
}

function describe(
  { transport, local, family }: ProcSocket,
  dual: boolean,
  { name, isGuest }: NetNamespace,
  owner: SocketOwner | undefined,
): ListeningSocket {
  const { address, port } = local
  const families = dual ? (['ipv4', 'ipv6'] as const) : ([family] as const)
  const holder = { process: owner?.process ?? null, pid: owner?.pid ?? null }
  return { transport, address, port, families, ...holder, namespace: name, ...(isGuest && { isGuest }) }
}
