import type { Datagram, Udp, UdpError, UdpOptions, UdpSent, UdpSocket } from '../../host/host.ts'
import { type Endpoint, familyOf, formatEndpoint, sameEndpoint } from '../../model/endpoint.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import { scopeOf } from '../../model/ip.ts'
import type { Machine } from '../machine.ts'
import type { IcmpKind } from '../packet.ts'
import type { Owner, UdpBinding } from '../stack/udp-stack.ts'
import { requireEndpoint, requireTtl } from './arguments.ts'
import { EventQueue } from './event-queue.ts'

const MOST_WAITING_EVENTS = 512

export function simUdp(machine: Machine, owner: Owner): Udp {
  return {
    async open(options) {
      const local = localEndpoint(machine, options)
      if (options.connect !== undefined) requirePeer(options.connect, local)
      return new SimUdpSocket(machine, owner, local, options)
    },
  }
}

function localEndpoint(machine: Machine, options: UdpOptions): Endpoint {
  const { addresses } = machine.world
  if (options.local !== undefined) {
    requireEndpoint(options.local, 0)
    if (scopeOf(options.local.address) === 'unspecified') {
      throw new RangeError('a UDP socket needs an exact address')
    }
    if (machine.routes.way(addresses.id(options.local.address)) !== 'local') {
      throw new PeerwayError(
        'not-available',
        errorText('error.not-address-of', { address: options.local.address, name: machine.name }),
      )
    }
    return options.local
  }
  requireEndpoint(options.toward, 0)
  const source = machine.sourceTowards(addresses.id(options.toward.address))
  if (source === 0) {
    throw new PeerwayError(
      'not-available',
      errorText('error.no-route-to', { name: machine.name, address: options.toward.address }),
    )
  }
  const local = { address: addresses.text(source), port: options.port ?? 0 }
  requireEndpoint(local, 0)
  return local
}

function requirePeer(peer: Endpoint, local: Endpoint): void {
  requireEndpoint(peer, 1)
  if (familyOf(peer.address) !== familyOf(local.address)) {
    throw new RangeError(`a socket on ${local.address} cannot connect to ${peer.address}`)
  }
}

class SimUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #machine: Machine
  readonly #peer: Endpoint | undefined
  readonly #binding: UdpBinding
  readonly #events: EventQueue<Datagram | UdpError>
  #closed = false

  constructor(machine: Machine, owner: Owner, local: Endpoint, { connect: peer, hopErrors = false }: UdpOptions) {
    const { world } = machine
    const isIpv6 = familyOf(local.address) === 'ipv6'
    this.#machine = machine
    this.#peer = peer
    this.#events = new EventQueue(world, MOST_WAITING_EVENTS)
    const binding = machine.udp.bind({
      address: world.addresses.id(local.address),
      port: local.port,
      ...(peer === undefined ? {} : { peer: { address: world.addresses.id(peer.address), port: peer.port } }),
      owner,
      onDatagram: ({ source, sourcePort, payload }) => {
        // As of a real host: whoever has no port cannot be answered.
        if (sourcePort === 0) return
        const from = { address: world.addresses.text(source), port: sourcePort }
        this.#events.push({ kind: 'datagram', from, data: payload, atMs: world.nowMs })
      },
      onError: (kind) => {
        const isHops = kind === 'time-exceeded' && hopErrors && !isIpv6
        const code = isHops ? 'ttl-exceeded' : errorCode(kind, isIpv6)
        if (code !== null) this.#events.push({ kind: 'error', code, atMs: world.nowMs })
      },
    })
    if (binding === undefined)
      throw new PeerwayError('busy', errorText('error.in-use', { socket: `UDP ${formatEndpoint(local)}` }))
    this.#binding = binding
    this.local = { address: local.address, port: binding.port }
  }

  send(data: Uint8Array, to: Endpoint, options: { readonly ttl?: number } = {}): Promise<UdpSent> {
    requireEndpoint(to, 1)
    requireTtl(options.ttl)
    if (this.#peer !== undefined && !sameEndpoint(this.#peer, to)) {
      throw new RangeError(`the socket is connected to ${this.#peer.address}, it cannot send to ${to.address}`)
    }
    if (this.#closed) return Promise.resolve('closed')
    const { udp, world } = this.#machine
    const target = { address: world.addresses.id(to.address), port: to.port }
    const sent = udp.send(this.#binding, this.#binding.address, data.slice(), target, options.ttl)
    return Promise.resolve(sent === 'stopped' ? 'not-permitted' : sent)
  }

  receive(timeoutMs: number): Promise<Datagram | UdpError | undefined> {
    return this.#events.next(timeoutMs)
  }

  onEvent(handler: (event: Datagram | UdpError) => void): void {
    this.#events.divert(handler)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#machine.udp.unbind(this.#binding)
    this.#events.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What Linux tells a connected socket: of most errors nothing, and of "prohibited" each family something else. */
function errorCode(kind: IcmpKind, isIpv6: boolean): UdpError['code'] | null {
  if (kind === 'port-unreachable') return 'refused'
  if (kind === 'admin-prohibited') return isIpv6 ? 'prohibited' : 'unreachable'
  return null
}
