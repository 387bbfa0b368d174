import type { AddressId } from './address-book.ts'
import { type Packet, RST, TCP } from './packet.ts'

/** Limits how far the bytes of one TCP connection of a machine come, and counts the hops' word that they ended there. */
export class TtlLimit {
  readonly #localPort: number
  readonly #remote: AddressId
  readonly #remotePort: number
  readonly #ttl: number
  told = 0

  constructor(localPort: number, remote: AddressId, remotePort: number, ttl: number) {
    this.#localPort = localPort
    this.#remote = remote
    this.#remotePort = remotePort
    this.#ttl = ttl
  }

  apply(packet: Packet): void {
    const isOurs =
      packet.protocol === TCP &&
      packet.sourcePort === this.#localPort &&
      packet.destination === this.#remote &&
      packet.destinationPort === this.#remotePort
    if (isOurs && packet.payload.length > 0 && (packet.flags & RST) === 0) packet.ttl = this.#ttl
  }

  countTold({ icmp, quote }: Packet): void {
    const isOurs =
      quote?.protocol === TCP &&
      quote.sourcePort === this.#localPort &&
      quote.destination === this.#remote &&
      quote.destinationPort === this.#remotePort
    if (isOurs && icmp === 'time-exceeded') this.told++
  }
}
