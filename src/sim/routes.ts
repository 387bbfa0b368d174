import type { AddressId } from './address-book.ts'
import type { Interface } from './interface.ts'
import type { World } from './world.ts'

/** What routing says of a destination: this machine itself, an interface and the next machine there, or nothing. */
export type Way = 'local' | 'unreachable' | { readonly to: Interface; readonly nextHop: AddressId }

export interface RouteSpec {
  /** Null for the default route. */
  readonly prefix: string | null
  readonly isIpv6: boolean
  readonly via: AddressId
}

/** The routing table of a machine. What was looked up once is remembered, by address. */
export class Routes {
  readonly #world: World
  readonly #interfaces: Interface[] = []
  #specs: readonly RouteSpec[] = []
  readonly #known = new Map<AddressId, Way>()

  constructor(world: World) {
    this.#world = world
  }

  get specs(): readonly RouteSpec[] {
    return this.#specs
  }

  get interfaces(): readonly Interface[] {
    return this.#interfaces
  }

  attach(end: Interface): void {
    this.#interfaces.push(end)
    this.#known.clear()
  }

  replace(specs: readonly RouteSpec[]): void {
    this.#specs = specs
    this.#known.clear()
  }

  /** An interface has other addresses now. */
  forget(): void {
    this.#known.clear()
  }

  way(destination: AddressId): Way {
    const known = this.#known.get(destination)
    if (known !== undefined) return known
    const way = this.#find(destination)
    this.#known.set(destination, way)
    return way
  }

  #find(destination: AddressId): Way {
    const { addresses } = this.#world
    if (addresses.isLoopback(destination)) return 'local'
    if (this.#interfaces.some((end) => end.addresses.includes(destination))) return 'local'
    const near = this.#neighbours(destination)
    if (near !== undefined) return { to: near, nextHop: destination }
    const isIpv6 = addresses.isIpv6(destination)
    const matching = this.#specs.filter(
      (spec) => spec.isIpv6 === isIpv6 && (spec.prefix === null || addresses.isIn(destination, spec.prefix)),
    )
    const best = matching.reduce<RouteSpec | undefined>(
      (longest, spec) => (longest === undefined || lengthOf(spec) > lengthOf(longest) ? spec : longest),
      undefined,
    )
    const to = best === undefined ? undefined : this.#neighbours(best.via)
    return to === undefined ? 'unreachable' : { to, nextHop: best!.via }
  }

  /** The interface on whose network an address is, by the prefixes of that network. */
  #neighbours(address: AddressId): Interface | undefined {
    const { addresses } = this.#world
    const isIpv6 = addresses.isIpv6(address)
    return this.#interfaces.find(
      (end) => end.address(isIpv6) !== 0 && end.segment.prefixes.some((prefix) => addresses.isIn(address, prefix)),
    )
  }
}

function lengthOf({ prefix }: RouteSpec): number {
  return prefix === null ? -1 : Number(prefix.split('/')[1])
}
