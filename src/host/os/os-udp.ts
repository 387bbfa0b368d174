import { createSocket, type Socket } from 'node:dgram'
import { type Endpoint, familyOf, formatEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { scopeOf } from '../../model/ip.ts'
import type { Udp, UdpOptions } from '../host.ts'
import { openBatchedUdp } from './batches/batched-udp.ts'
import { HopErrors } from './hop-errors.ts'
import { OsUdpSocket } from './os-udp-socket.ts'
import { canonical, requireEndpoint, udpType, zoned } from './socket-address.ts'
import { sourceTowards } from './source-towards.ts'
import { hostError } from './system-error.ts'

export const osUdp: Udp = {
  async open(options) {
    const local = await localEndpoint(options)
    if (options.connect !== undefined) requirePeer(options.connect, local)
    const batched = options.busy && options.connect === undefined ? openBatchedUdp(local) : undefined
    if (batched !== undefined) return batched
    const asksHops = options.hopErrors === true && options.connect !== undefined && familyOf(local.address) === 'ipv4'
    const hopErrors = asksHops ? HopErrors.open(local) : undefined
    const socket = createSocket({
      type: udpType(local.address),
      // An exact address never needs it; it keeps a later IPv4 bind of the same port possible all the same.
      ipv6Only: familyOf(local.address) === 'ipv6',
      // The default looks even literal addresses up asynchronously: a TTL set meanwhile would apply to the wrong datagram.
      lookup: (host, _options, callback) => callback(null, host, familyOf(host) === 'ipv4' ? 4 : 6),
    })
    try {
      await bind(socket, hopErrors ?? zoned(local, options.interface))
      if (options.connect !== undefined) await connect(socket, zoned(options.connect, options.interface))
    } catch (error) {
      socket.close()
      throw hostError(errorText('error.of.to-open', { at: formatEndpoint(local) }), error)
    }
    const { address, port } = socket.address()
    return new OsUdpSocket(socket, { address: canonical(address), port }, options, hopErrors)
  },
}

async function localEndpoint(options: UdpOptions): Promise<Endpoint> {
  if (options.local !== undefined) {
    requireEndpoint(options.local, 0)
    if (scopeOf(options.local.address) === 'unspecified') {
      throw new RangeError(
        'a UDP socket needs an exact address: on a wildcard the destination of what arrives is unknown',
      )
    }
    return options.local
  }
  requireEndpoint(options.toward, 0)
  const address = await sourceTowards(options.toward.address)
  if (address === undefined) {
    throw new PeerwayError('not-available', errorText('error.udp-no-route', { address: options.toward.address }))
  }
  const local = { address, port: options.port ?? 0 }
  requireEndpoint(local, 0)
  return local
}

function requirePeer(peer: Endpoint, local: Endpoint): void {
  requireEndpoint(peer, 1)
  if (familyOf(peer.address) !== familyOf(local.address)) {
    throw new RangeError(`a socket on ${local.address} cannot connect to ${peer.address}`)
  }
}

function bind(socket: Socket, to: Endpoint | { readonly fd: number }): Promise<void> {
  const where = 'fd' in to ? { fd: to.fd } : to
  return settled(socket, 'listening', () => socket.bind({ ...where, exclusive: true }))
}

function connect(socket: Socket, peer: Endpoint): Promise<void> {
  return settled(socket, 'connect', () => socket.connect(peer.port, peer.address))
}

/** The listeners stand before the call is made, for with a synchronous lookup the event fires inside it. */
function settled(socket: Socket, event: 'listening' | 'connect', start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      socket.off('error', done)
      socket.off(event, done)
      if (error instanceof Error) reject(error)
      else resolve()
    }
    socket.on('error', done)
    socket.on(event, done)
    start()
  })
}
