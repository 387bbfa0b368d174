import { type Endpoint, formatEndpoint } from '../../src/model/endpoint.ts'
import type { Behavior } from '../../src/model/nat.ts'

export interface NatOptions {
  /** `none`: the host has a public address, and only the filter stands before it. */
  readonly mapping: Behavior | 'none'
  readonly filtering: Behavior
  readonly hairpinning?: boolean
  readonly preservesPorts?: boolean
}

interface Mapping {
  readonly inside: Endpoint
  readonly outside: Endpoint
  readonly sentTo: Set<string>
}

export const INSIDE = '192.168.1.2'
export const OUTSIDE = '203.0.113.7'

/** A translator and filter by the words of RFC 4787: the smallest thing that shows each behavior to a probe. */
export class FakeNat {
  readonly options: NatOptions
  readonly #mappings = new Map<string, Mapping>()
  #nextPort = 50_001

  constructor(options: NatOptions) {
    this.options = options
  }

  /** The source under which a packet leaves. */
  outbound(from: Endpoint, to: Endpoint): Endpoint {
    const key = `${formatEndpoint(from)} ${part(this.options.mapping, to)}`
    let mapping = this.#mappings.get(key)
    if (mapping === undefined) {
      mapping = { inside: from, outside: this.#outsideOf(from), sentTo: new Set() }
      this.#mappings.set(key, mapping)
    }
    mapping.sentTo.add(part(this.options.filtering, to))
    return mapping.outside
  }

  /** The inside endpoint that gets a packet from `from`; undefined when the filter stops it. */
  inbound(from: Endpoint, to: Endpoint): Endpoint | undefined {
    const mapping = [...this.#mappings.values()].find(
      ({ outside, sentTo }) =>
        formatEndpoint(outside) === formatEndpoint(to) && sentTo.has(part(this.options.filtering, from)),
    )
    return mapping?.inside
  }

  #outsideOf(from: Endpoint): Endpoint {
    if (this.options.mapping === 'none') return from
    return { address: OUTSIDE, port: this.options.preservesPorts ? from.port : this.#nextPort++ }
  }
}

/** What of the far end a behavior looks at. */
function part(behavior: Behavior | 'none', { address, port }: Endpoint): string {
  if (behavior === 'address-dependent') return address
  return behavior === 'address-and-port-dependent' ? `${address} ${port}` : ''
}
