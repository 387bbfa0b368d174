import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { type Endpoint, familyOf, formatEndpoint, sameEndpoint } from '../../model/endpoint.ts'
import { errorText } from '../../model/error.ts'
import type { Tcp, TcpConnectOptions, TcpConnectResult, TcpFailure, TcpListener, TcpListenOptions } from '../host.ts'
import { OsTcpConnection, SOCKET_OPTIONS } from './os-tcp-connection.ts'
import { canonical, requireEndpoint, zoned } from './socket-address.ts'
import { errnoOf, hostError, syscallOf } from './system-error.ts'

export const osTcp: Tcp = {
  async connect(options) {
    requireEndpoint(options.to, 1)
    if (options.local !== undefined) requireEndpoint(options.local, 0)
    if (options.signal?.aborted) return { outcome: 'timed-out', afterMs: 0 }
    return attempt(options)
  },

  async listen(options) {
    requireEndpoint(options.local, 0)
    const server = createServer({ ...SOCKET_OPTIONS })
    try {
      await listening(server, options.local)
    } catch (error) {
      server.close()
      throw hostError(errorText('error.of.to-listen', { at: formatEndpoint(options.local) }), error)
    }
    return listenerOf(server, options)
  },
}

function attempt(options: TcpConnectOptions): Promise<TcpConnectResult> {
  const startMs = performance.now()
  const socket = connect(connectOptions(options))
  return new Promise((resolve) => {
    const finish = (result: TcpConnectResult) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
      socket.off('connect', onConnect)
      if (result.outcome !== 'connected') socket.destroy()
      resolve(result)
    }
    const fail = (outcome: TcpFailure) => finish({ outcome, afterMs: performance.now() - startMs })
    const giveUp = () => fail('timed-out')
    const onConnect = () => {
      const rttMs = performance.now() - startMs
      const connection = adopt(socket)
      if (connection === undefined) return fail('reset')
      // An ephemeral port that is dialled on the own host may be chosen as source too: TCP then connects to itself.
      if (sameEndpoint(connection.local, connection.remote)) return fail('refused')
      finish({ outcome: 'connected', connection, rttMs })
    }
    const timer = setTimeout(giveUp, options.timeoutMs)
    options.signal?.addEventListener('abort', giveUp)
    socket.on('connect', onConnect)
    // It stays for the whole life of the socket: without a listener a late error would end the process.
    socket.on('error', (error) => fail(failureOf(error, options)))
  })
}

function connectOptions({ to, local, interface: name }: TcpConnectOptions): NetConnectOpts {
  return {
    ...SOCKET_OPTIONS,
    host: zoned(to, name).address,
    port: to.port,
    family: familyOf(to.address) === 'ipv4' ? 4 : 6,
    autoSelectFamily: false,
    ...(local === undefined ? {} : { localAddress: local.address }),
    ...(local === undefined || local.port === 0 ? {} : { localPort: local.port }),
  }
}

const FAILURES: Readonly<Record<string, TcpFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timed-out',
  EPERM: 'not-permitted',
  // From connect: IPv6 "administratively prohibited", or a prohibiting route.
  EACCES: process.platform === 'linux' ? 'unreachable' : 'not-permitted',
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
}

function failureOf(error: Error, { local }: TcpConnectOptions): TcpFailure {
  const errno = errnoOf(error)
  const binding = syscallOf(error) === 'bind'
  if (binding) return errno === 'EACCES' ? 'not-permitted' : (FAILURES[errno] ?? 'address-not-available')
  // The address is bound by now, so it is the pair of endpoints that is still in use.
  if (errno === 'EADDRNOTAVAIL' && local !== undefined && local.port !== 0) return 'address-in-use'
  return FAILURES[errno] ?? 'unreachable'
}

function listening(server: Server, local: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const ipv6Only = familyOf(local.address) === 'ipv6'
    server.listen({ host: local.address, port: local.port, ipv6Only, exclusive: true }, () => {
      server.off('error', reject)
      // Accepting can fail for want of descriptors; the connection is then lost, and the listener lives on.
      server.on('error', () => {})
      resolve()
    })
  })
}

function listenerOf(server: Server, { local, onConnection, maxConnections }: TcpListenOptions): TcpListener {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : local.port
  let held = 0
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {})
    if (held >= maxConnections) return void socket.resetAndDestroy()
    const connection = adopt(socket)
    if (connection === undefined) return void socket.destroy()
    held += 1
    socket.on('close', () => {
      held -= 1
    })
    onConnection(connection)
  })
  // The descriptor is closed inside `close()`; its callback would also wait for connections, which live on.
  const close = async () => void server.close()
  return { local: { address: local.address, port }, close, [Symbol.asyncDispose]: close }
}

/** Undefined when the peer was quicker and the connection is gone. */
function adopt(socket: Socket): OsTcpConnection | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (localAddress === undefined || localPort === undefined) return undefined
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  const local = { address: canonical(localAddress), port: localPort }
  return new OsTcpConnection(socket, local, { address: canonical(remoteAddress), port: remotePort })
}
