import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { NetNamespace } from './net-namespaces.ts'
import type { ProcSocket } from './proc-net-sockets.ts'
import { runProgram } from './run-program.ts'
import { errnoOf } from './system-error.ts'

/**
 * Those IPv6 any-sockets of one namespace that get IPv4 packets too. /proc does not show IPV6_V6ONLY: `ss` is asked;
 * without it, whether IPv4 can still be bound (own namespace alone); else the kernel's default, dual, is taken.
 *
 * Nobody is asked about a socket beside an IPv4 any-socket of the same port, for that one gets the packets.
 */
export async function dualStackSockets(
  namespace: NetNamespace,
  sockets: readonly ProcSocket[],
): Promise<ReadonlySet<ProcSocket>> {
  const ipv4 = new Set(sockets.filter(({ local }) => local.address === '0.0.0.0').map(keyOf))
  const open = sockets.filter((socket) => socket.local.address === '::' && !ipv4.has(keyOf(socket)))
  if (open.length === 0) return new Set()
  const told = await askSs(namespace)
  if (told !== undefined) return new Set(open.filter(({ inode }) => told.get(inode) !== true))
  if (namespace.name !== null) return new Set(open)
  const taken = await Promise.all(open.map(ipv4Taken))
  return new Set(open.filter((_, index) => taken[index]))
}

function keyOf({ transport, local }: ProcSocket): string {
  return `${transport}/${local.port}`
}

/** By inode: is the socket for IPv6 alone? Undefined where `ss`, or `nsenter` for another namespace, cannot tell. */
async function askSs({ name, path }: NetNamespace): Promise<Map<string, boolean> | undefined> {
  const enter = name === null ? [] : ['nsenter', `--net=${path}/ns/net`]
  try {
    const { exitCode, stdout } = await runProgram([...enter, 'ss', '-lntuH6e'], { timeoutMs: 1000 })
    return exitCode === 0 ? parseSs(stdout) : undefined
  } catch {
    return undefined
  }
}

/** `tcp LISTEN 0 511 *:4001 *:* users:(...) ino:36131 sk:5 cgroup:/ v6only:0 <->` */
export function parseSs(text: string): Map<string, boolean> {
  const marked = text.matchAll(/\bino:(\d+)\b.*\bv6only:([01])\b/g)
  return new Map([...marked].map(([, inode, only]) => [inode!, only === '1']))
}

/** Binds the port on IPv4 for a moment. Ports that we may not bind count as taken, for that is the kernel's default. */
function ipv4Taken({ transport, local: { port } }: ProcSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const refused = (error: Error) => resolve(['EADDRINUSE', 'EACCES'].includes(errnoOf(error)))
    if (transport === 'tcp') {
      const server = createServer((socket) => socket.destroy()).once('error', refused)
      server.listen({ host: '0.0.0.0', port, exclusive: true }, () => server.close(() => resolve(false)))
    } else {
      const socket = createSocket('udp4').once('error', refused)
      socket.bind({ address: '0.0.0.0', port, exclusive: true }, () => socket.close(() => resolve(false)))
    }
  })
}
