import type { Host, UdpSocket } from '../host/host.ts'
import { type Endpoint, familyOf, sameEndpoint } from '../model/endpoint.ts'
import type { InconclusiveReason, MappingFact } from '../model/evidence.ts'
import type { StunBindingOptions } from '../vantage/stun-binding.ts'
import type { StunServer } from '../vantage/vantage.ts'
import { askStun, type Binding } from './ask-stun.ts'

/** The other places that the mapping test may ask, beside the first. */
export interface MappingPlaces {
  /** Another address where a STUN server answers: the server's own, or another vantage's. Null when there is none. */
  readonly other: Endpoint | null
  readonly alternatePort: number | null
}

/** Where the mapping test can go. An "other" address that is the first one again is none (some servers say so). */
export function mappingPlaces({ primary, other, alternatePort }: StunServer): MappingPlaces {
  const elsewhere = other !== null && other.address !== primary.address
  return {
    other: elsewhere ? { address: other.address, port: primary.port } : null,
    alternatePort: alternatePort === primary.port ? null : alternatePort,
  }
}

/**
 * Mapping behavior of the path from this host (RFC 5780 §4.3, terms of RFC 4787 §4.1).
 *
 * All questions leave from ONE socket: a second socket is a second flow and would prove nothing. `first` asks the
 * primary place; `finish` asks the others, which may only be spoken to once every dial-back and the filtering test
 * are over.
 */
export class MappingProbe {
  readonly #host: Host
  readonly #socket: UdpSocket
  readonly #server: Endpoint
  readonly #rttMs: number
  readonly first: Binding

  private constructor(host: Host, socket: UdpSocket, server: Endpoint, rttMs: number, first: Binding) {
    this.#host = host
    this.#socket = socket
    this.#server = server
    this.#rttMs = rttMs
    this.first = first
  }

  /** Throws `PeerwayError` where no socket can be opened. */
  static async start(host: Host, server: Endpoint, rttMs: number): Promise<MappingProbe> {
    const socket = await host.udp.open({ toward: server })
    return new MappingProbe(host, socket, server, rttMs, await askStun(host, socket, server, { rttMs }))
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  /** Does nothing translate? Then no other place needs to be asked. */
  get untranslated(): boolean {
    return this.first.outcome === 'answered' && sameEndpoint(this.first.mapped, this.local)
  }

  /** Asks the remaining places and closes the socket. */
  async finish(places: MappingPlaces): Promise<MappingFact> {
    try {
      return await this.#compare(places)
    } finally {
      await this.#socket.close()
    }
  }

  async #compare(places: MappingPlaces): Promise<MappingFact> {
    if (this.first.outcome !== 'answered') return this.#fact('unknown', this.first.outcome, [])
    const bindings = [{ server: this.#server, mapped: this.first.mapped }]
    if (this.untranslated) return this.#fact('none', null, bindings)

    if (places.other !== null) return this.#compareAddresses(places.other, places.alternatePort, bindings)
    if (places.alternatePort === null) return this.#fact('unknown', 'one-address', bindings)
    const second = await this.#ask({ address: this.#server.address, port: places.alternatePort }, bindings)
    if (second === undefined) return this.#fact('unknown', 'no-reply', bindings)
    // Two ports of one address: a difference proves dependence on the port, sameness leaves the address open.
    if (sameEndpoint(second, this.first.mapped)) return this.#fact('unknown', 'one-address', bindings)
    return this.#fact('address-and-port-dependent', null, bindings)
  }

  async #compareAddresses(
    other: Endpoint,
    alternatePort: number | null,
    bindings: MappingFact['bindings'][number][],
  ): Promise<MappingFact> {
    const first = bindings[0]!.mapped
    // A router on the way may have to find this address first, and repeats a lost ARP request after a second only.
    const second = await this.#ask(other, bindings, {})
    if (second === undefined) return this.#fact('unknown', 'no-reply', bindings)
    if (sameEndpoint(first, second)) return this.#fact('endpoint-independent', null, bindings)
    if (alternatePort === null) return this.#fact('unknown', 'one-port', bindings)

    const third = await this.#ask({ address: this.#server.address, port: alternatePort }, bindings)
    if (third === undefined) return this.#fact('unknown', 'no-reply', bindings)
    const behavior = sameEndpoint(first, third) ? 'address-dependent' : 'address-and-port-dependent'
    return this.#fact(behavior, null, bindings)
  }

  /** The mapped endpoint towards one more place, noted in `bindings`; undefined when it did not tell. */
  async #ask(
    server: Endpoint,
    bindings: MappingFact['bindings'][number][],
    options: StunBindingOptions = { rttMs: this.#rttMs },
  ): Promise<Endpoint | undefined> {
    const binding = await askStun(this.#host, this.#socket, server, options)
    if (binding.outcome !== 'answered') return undefined
    bindings.push({ server, mapped: binding.mapped })
    return binding.mapped
  }

  #fact(
    behavior: MappingFact['behavior'],
    reason: InconclusiveReason | null,
    bindings: MappingFact['bindings'],
  ): MappingFact {
    return { family: familyOf(this.#server.address), behavior, reason, local: this.local, bindings }
  }
}
