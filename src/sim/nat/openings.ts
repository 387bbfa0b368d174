import type { Transport } from '../../model/endpoint.ts'
import type { AddressId } from '../address-book.ts'

/**
 * What a host inside asked the router to let in (PCP, NAT-PMP, UPnP). `forward`: a port of the outside address leads
 * to `internal`. `pinhole`: nothing is translated, and strangers may open flows to `internal` itself.
 */
export interface Opening {
  readonly kind: 'forward' | 'pinhole'
  readonly transport: Transport
  /** Of a pinhole the port of `internal`. */
  readonly externalPort: number
  readonly internal: { readonly address: AddressId; readonly port: number }
  /** Null: until somebody deletes it, or the power goes. */
  readonly expiresAtMs: number | null
  readonly by: 'pcp' | 'nat-pmp' | 'upnp'
  /** What proves whose it is, or names it: PCP's nonce, an IGD pinhole's id; '' where there is none. */
  readonly token: string
  readonly description: string
}

/** More than any home has: what a router's table holds. */
const MOST_OPENINGS = 256

/** The openings of one router, whoever asked for them. Those that have ended go when they are met. */
export class Openings {
  readonly #nowMs: () => number
  #all: readonly Opening[] = []

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Those that have not ended, in the order in which they were made. */
  all(): readonly Opening[] {
    const nowMs = this.#nowMs()
    if (this.#all.some((each) => hasEnded(each, nowMs))) {
      this.#all = this.#all.filter((each) => !hasEnded(each, nowMs))
    }
    return this.#all
  }

  forward(transport: Transport, externalPort: number): Opening | undefined {
    return this.all().find(
      (each) => each.kind === 'forward' && each.transport === transport && each.externalPort === externalPort,
    )
  }

  pinhole(transport: Transport, address: AddressId, port: number): Opening | undefined {
    return this.all().find(
      ({ kind, internal, ...each }) =>
        kind === 'pinhole' && each.transport === transport && internal.address === address && internal.port === port,
    )
  }

  /** Adds one, in the place of what held its port before. False when the table is full. */
  put(opening: Opening): boolean {
    const rest = this.all().filter((each) => !inSamePlace(each, opening))
    if (rest.length >= MOST_OPENINGS) return false
    this.#all = [...rest, opening]
    return true
  }

  delete(opening: Opening): void {
    this.#all = this.#all.filter((each) => each !== opening)
  }

  clear(): void {
    this.#all = []
  }
}

function hasEnded({ expiresAtMs }: Opening, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs
}

function inSamePlace(a: Opening, b: Opening): boolean {
  const sameAddress = a.kind === 'forward' || a.internal.address === b.internal.address
  return a.kind === b.kind && a.transport === b.transport && a.externalPort === b.externalPort && sameAddress
}
