import type { AddressId } from './address-book.ts'
import { type Packet, type Protocol, TCP } from './packet.ts'

/** What is counted: packets to a port, from some sources, and those that open a flow from anybody. */
export interface Metered {
  readonly protocol: Protocol
  readonly isIpv6: boolean
  readonly port: number
  readonly sources: ReadonlySet<AddressId>
  /** Ports of this protocol and family that some watch names: who opens a flow to another one has strayed. */
  readonly watchedPorts: ReadonlySet<number>
}

/** Counts what of one watch arrives at a machine, and what of it passes the machine's own filters. */
export class ArrivalMeter {
  readonly #metered: Metered
  wire = 0
  passed = 0
  anySourceOpening = 0
  strayOpening = 0

  constructor(metered: Metered) {
    this.#metered = metered
  }

  countWire(packet: Packet): void {
    if (packet.isSyn && this.#isStray(packet)) this.strayOpening++
    if (!this.#isMeant(packet)) return
    if (this.#metered.sources.has(packet.source)) this.wire++
    if (packet.protocol !== TCP || packet.isSyn) this.anySourceOpening++
  }

  /** By the ends that it arrived with, whatever the machine's own rules made of them since. */
  countPassed(packet: Packet): void {
    const came = packet.flow !== null && !packet.isReply ? packet.flow.original : packet
    const isMeant = came.destinationPort === this.#metered.port && this.#isOfKind(packet)
    if (isMeant && this.#metered.sources.has(came.source)) this.passed++
  }

  #isStray(packet: Packet): boolean {
    const { protocol, isIpv6, sources, watchedPorts } = this.#metered
    if (packet.protocol !== TCP || protocol !== TCP || packet.isIpv6 !== isIpv6) return false
    return sources.has(packet.source) && !watchedPorts.has(packet.destinationPort)
  }

  #isMeant(packet: Packet): boolean {
    return packet.destinationPort === this.#metered.port && this.#isOfKind(packet)
  }

  #isOfKind({ protocol, isIpv6 }: Packet): boolean {
    return protocol === this.#metered.protocol && isIpv6 === this.#metered.isIpv6
  }
}
