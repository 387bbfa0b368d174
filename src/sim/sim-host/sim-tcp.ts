import type {
  Tcp,
  TcpConnectOptions,
  TcpConnectResult,
  TcpFailure,
  TcpListener,
  TcpListenOptions,
} from '../../host/host.ts'
import { familyOf, formatEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { scopeOf } from '../../model/ip.ts'
import { ANY } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import type { TcpEndpoint } from '../stack/tcp-endpoint.ts'
import type { Owner } from '../stack/udp-stack.ts'
import { requireEndpoint } from './arguments.ts'
import { SimTcpConnection } from './sim-tcp-connection.ts'

export function simTcp(machine: Machine, owner: Owner): Tcp {
  return {
    async connect(options) {
      requireEndpoint(options.to, 1)
      if (options.local !== undefined) requireEndpoint(options.local, 0)
      if (options.signal?.aborted) return { outcome: 'timed-out', afterMs: 0 }
      return connect(machine, owner, options)
    },
    async listen(options) {
      requireEndpoint(options.local, 0)
      return listen(machine, owner, options)
    },
  }
}

async function connect(machine: Machine, owner: Owner, options: TcpConnectOptions): Promise<TcpConnectResult> {
  const { addresses } = machine.world
  const remote = addresses.id(options.to.address)
  const fail = (outcome: TcpFailure): TcpConnectResult => ({ outcome, afterMs: 0 })
  if (options.local !== undefined && machine.routes.way(addresses.id(options.local.address)) !== 'local') {
    return fail('address-not-available')
  }
  const local = options.local === undefined ? machine.sourceTowards(remote) : addresses.id(options.local.address)
  if (local === 0) return fail('unreachable')
  const localPort = options.local?.port ?? 0
  const endpoint = machine.tcp.connect({ local, localPort, remote, remotePort: options.to.port, owner })
  return endpoint === 'in-use' ? fail('address-in-use') : attempt(machine, endpoint, options)
}

function attempt(machine: Machine, endpoint: TcpEndpoint, options: TcpConnectOptions): Promise<TcpConnectResult> {
  const { world } = machine
  const startedMs = world.nowMs
  return new Promise((resolve) => {
    const finish = (result: TcpConnectResult) => {
      timer.cancel()
      options.signal?.removeEventListener('abort', giveUp)
      if (result.outcome !== 'connected') {
        endpoint.onChange = () => {}
        endpoint.abandon()
      }
      world.resume(() => resolve(result))
    }
    const giveUp = () => finish({ outcome: 'timed-out', afterMs: world.nowMs - startedMs })
    const timer = world.timer(options.timeoutMs, giveUp)
    options.signal?.addEventListener('abort', giveUp)
    endpoint.onChange = () => {
      const elapsedMs = world.nowMs - startedMs
      if (endpoint.end !== null) finish({ outcome: FAILURES[endpoint.end], afterMs: elapsedMs })
      else if (endpoint.isOpen) {
        finish({ outcome: 'connected', connection: new SimTcpConnection(machine, endpoint), rttMs: elapsedMs })
      }
    }
    endpoint.open()
  })
}

const FAILURES = {
  refused: 'refused',
  reset: 'refused',
  unreachable: 'unreachable',
  'timed-out': 'timed-out',
  ended: 'reset',
  'given-up': 'timed-out',
} as const

function listen(machine: Machine, owner: Owner, options: TcpListenOptions): TcpListener {
  const { local, onConnection, maxConnections } = options
  const { world } = machine
  const isAny = scopeOf(local.address) === 'unspecified'
  const address = isAny ? ANY : world.addresses.id(local.address)
  if (!isAny && machine.routes.way(address) !== 'local') {
    throw new PeerwayError(
      'not-available',
      errorText('error.not-address-of', { address: local.address, name: machine.name }),
    )
  }
  let held = 0
  const listening = machine.tcp.listen({
    address,
    families: [familyOf(local.address)],
    port: local.port,
    owner,
    onConnection: (endpoint) => {
      if (held >= maxConnections) return endpoint.reset()
      held++
      const connection = new SimTcpConnection(machine, endpoint, () => held--)
      world.resume(() => onConnection(connection))
    },
  })
  if (listening === undefined)
    throw new PeerwayError('busy', errorText('error.in-use', { socket: `TCP ${formatEndpoint(local)}` }))
  const close = async () => machine.tcp.unlisten(listening)
  return { local: { address: local.address, port: listening.port }, close, [Symbol.asyncDispose]: close }
}
