import type { UdpSent } from '../host.ts'

/** Events that wait for who reads a socket; see `UdpSocket.receive`. */
export const MOST_WAITING_EVENTS = 512

export function requireTtl(ttl: number | undefined): void {
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 1 || ttl > 255)) {
    throw new RangeError(`a TTL is 1 to 255, not ${ttl}`)
  }
}

/** What a refused `send` means, by the system's name of the error. */
export const SENT: Readonly<Record<string, UdpSent>> = {
  // Linux: a filter on the way out. Elsewhere the same is said with EACCES, which Linux uses for prohibiting routes.
  EPERM: 'not-permitted',
  EACCES: process.platform === 'linux' ? 'unreachable' : 'not-permitted',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ECONNREFUSED: 'unreachable',
  EINVAL: 'unreachable', // a loopback source towards another host
  EMSGSIZE: 'too-big',
  ERR_SOCKET_DGRAM_NOT_RUNNING: 'closed',
  ECANCELED: 'closed',
}
