import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import { PeerwayError } from '../model/error.ts'
import { discoverIgd } from './discover-igd.ts'
import { discoverNatPmp } from './discover-nat-pmp.ts'
import { discoverPcp } from './discover-pcp.ts'
import type { DiscoveryTarget } from './discovery.ts'
import type { IgdMapper } from './igd-mapper.ts'
import type { MapperProtocol, PortMapping } from './port-mapper.ts'

/** What a gateway tells of its memory, asked by one protocol. `has`: does it have the mapping asked about? */
export type Memory =
  | {
      readonly outcome: 'answered'
      /** Seconds since it last lost its state; null where the protocol has no such count. */
      readonly epochSeconds: number | null
      readonly externalAddress: Address | null
      readonly has: 'there' | 'gone' | 'unknown'
    }
  | { readonly outcome: 'silent' }

const SILENT = { outcome: 'silent' } as const

/**
 * Asks gateways, again and again, whether they still know what they granted, with one question each time, and maps nothing:
 * PCP and NAT-PMP for their epoch, UPnP for one mapping. A UPnP device is found once, and looked for again when it is gone.
 */
export class GatewayMemory {
  readonly #host: Host
  /** By gateway and our own address, of which a mapper speaks. */
  readonly #devices = new Map<string, IgdMapper>()
  /** UPnP devices that have shown an entry, so that one that is not shown any more is gone. */
  readonly #showing = new Set<Address>()

  constructor(host: Host) {
    this.#host = host
  }

  /** `mapping`: one of those that it granted. */
  async ask(target: DiscoveryTarget, protocol: MapperProtocol, mapping: PortMapping): Promise<Memory> {
    try {
      if (protocol === 'pcp') return epochOf(await discoverPcp(this.#host, target))
      if (protocol === 'nat-pmp') return epochOf(await discoverNatPmp(this.#host, target))
      return await this.#askIgd(target, mapping)
    } catch (error) {
      if (error instanceof PeerwayError) return SILENT
      throw error
    }
  }

  async #askIgd(target: DiscoveryTarget, mapping: PortMapping): Promise<Memory> {
    const { gateway, local } = target
    const key = `${gateway} ${local}`
    const device = this.#devices.get(key) ?? (await discoverIgd(this.#host, { ...target, gateways: [gateway] })).mapper
    if (device === null) return SILENT
    this.#devices.set(key, device)
    const answer = await device.has(mapping)
    if (answer === 'silent') {
      // After a restart it may listen on another port.
      this.#devices.delete(key)
      return SILENT
    }
    if (answer === 'there') this.#showing.add(gateway)
    const has = answer !== 'maybe-not' ? answer : this.#showing.has(gateway) ? 'gone' : 'unknown'
    return { outcome: 'answered', epochSeconds: null, externalAddress: null, has }
  }
}

function epochOf(discovered: Awaited<ReturnType<typeof discoverPcp>>): Memory {
  if (discovered.outcome !== 'speaks') return SILENT
  const { epochSeconds, externalAddress } = discovered
  return { outcome: 'answered', epochSeconds, externalAddress, has: 'unknown' }
}
