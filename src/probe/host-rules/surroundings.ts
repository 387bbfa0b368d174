import type { Host } from '../../host/host.ts'
import type { Address } from '../../model/endpoint.ts'
import type { AddressesFact, LocalAddress } from '../../model/evidence.ts'
import { addressBytes, inPrefix, scopeOf } from '../../model/ip.ts'
import type { CompiledRuleset } from '../../ruleset/compile.ts'
import type { Fate } from '../../ruleset/fate.ts'
import type { AddressType, Connection, Packet, Route, WalkContext } from '../../ruleset/packet.ts'
import { walkPacket } from '../../ruleset/walk.ts'
import { attempt } from '../attempt.ts'

const MOST_ROUNDS = 8

export interface Walked {
  readonly fate: Fate
  /** A packet that came in, as routing saw it; undefined where it never got there, or is not known. */
  readonly routed: Packet | undefined
}

/** This host around its rules: addresses, routes and interfaces, as far as its kernel tells. Sends nothing. */
export class Surroundings {
  readonly #host: Host
  readonly #addresses: readonly LocalAddress[]
  readonly #own: ReadonlySet<Address>
  /** By destination; filled as walks ask. */
  readonly #routes = new Map<Address, Route>()

  constructor(host: Host, { addresses }: AddressesFact) {
    this.#host = host
    this.#addresses = addresses
    this.#own = new Set(addresses.map(({ address }) => address))
  }

  interfaceOf(address: Address): string | undefined {
    return this.#addresses.find((one) => one.address === address)?.interface
  }

  /** The interface by which the kernel sends to an address that a walk asked about. */
  outTowards(address: Address): string | undefined {
    const route = this.#routes.get(address)
    return typeof route === 'object' ? route.out : undefined
  }

  /** Follows a packet. Rules may send it where nobody thought of, so the kernel is asked for ways until none is missing. */
  async walk(rules: CompiledRuleset, packet: Packet, connection?: Connection): Promise<Walked> {
    for (let round = 0; ; round++) {
      const missing = new Set<Address>()
      const routed = new Map<string, Packet>()
      const context = this.#context(missing, routed, connection)
      const fate = walkPacket(rules, packet, context)
      if (missing.size === 0 || round === MOST_ROUNDS) return { fate, routed: routedIn(fate, [...routed.values()]) }
      for (const to of missing) this.#routes.set(to, await this.#ask(to))
    }
  }

  #context(missing: Set<Address>, routed: Map<string, Packet>, connection: Connection | undefined): WalkContext {
    const route = (to: Address): Route => {
      if (this.isOwn(to)) return 'local'
      const known = this.#routes.get(to)
      if (known === undefined) missing.add(to)
      return known ?? 'unknown'
    }
    return {
      route: (packet) => {
        if (packet.inInterface !== null) routed.set(`${packet.destination} ${packet.destinationPort}`, packet)
        // A mark may lead to another table of routes.
        return (packet.mark ?? 0) === 0 ? route(packet.destination) : 'unknown'
      },
      addressType: (address) => this.#typeOf(address),
      primaryAddress: (name, family) =>
        this.#addresses.find((one) => one.interface === name && one.family === family)?.address,
      passesReversePath: ({ source, inInterface }) => {
        const back = route(source)
        return typeof back === 'object' ? back.out === inInterface : undefined
      },
      ...(connection === undefined ? {} : { connection }),
    }
  }

  /** The kernel chooses a source of the interface by which it would send; the address of that interface's network, if any, must agree. */
  async #ask(to: Address): Promise<Route> {
    const source = await attempt(() => this.#host.network.sourceTowards(to), undefined)
    if (source === undefined) return 'unreachable'
    if (source === to) return 'local'
    const out = this.interfaceOf(source)
    const near = this.#network(to)
    if (out === undefined || (near !== undefined && near.interface !== out)) return 'unknown'
    return { out }
  }

  /** The narrowest network of this host that an address lies in. */
  #network(address: Address): LocalAddress | undefined {
    const around = this.#addresses.filter((one) => inPrefix(address, `${one.address}/${one.prefixLength}`))
    return around.toSorted((a, b) => b.prefixLength - a.prefixLength)[0]
  }

  isOwn(address: Address): boolean {
    return this.#own.has(address) || scopeOf(address) === 'loopback'
  }

  /** Undefined for what is neither this host's nor an ordinary address. */
  #typeOf(address: Address): AddressType | undefined {
    if (this.isOwn(address)) return 'local'
    const scope = scopeOf(address)
    if (scope === 'multicast') return 'multicast'
    const near = this.#network(address)
    if (near !== undefined && endsNetwork(address, near.prefixLength)) return undefined
    return ['global', 'private', 'shared'].includes(scope) ? 'unicast' : undefined
  }
}

/** A rule that redirects to this very host asks no routing. */
function routedIn(fate: Fate, asked: readonly Packet[]): Packet | undefined {
  if (asked.length === 0 && fate.kind === 'accept') return fate.packet ?? undefined
  return asked.length === 1 ? asked[0] : undefined
}

/** Is it the first or last address of its IPv4 network, which may be a broadcast address? */
function endsNetwork(address: Address, prefixLength: number): boolean {
  if (address.includes(':') || prefixLength >= 31) return false
  const last = 2 ** (32 - prefixLength) - 1
  const within = addressBytes(address).reduce((value, byte) => value * 256 + byte, 0) % (last + 1)
  return within === 0 || within === last
}
