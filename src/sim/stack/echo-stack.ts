import type { AddressId } from '../address-book.ts'
import type { Machine } from '../machine.ts'
import { ICMP, Packet } from '../packet.ts'
import type { Prng } from '../prng.ts'

export type EchoAnswer = (packet: Packet) => void

/** ICMP echo of a machine: answers requests, and sends them. Every request has an identifier of its own. */
export class EchoStack {
  readonly #machine: Machine
  #asked: Map<number, EchoAnswer> | null = null
  #random: Prng | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** Sends one request; `answer` gets the reply or the error, until the returned function is called. */
  ask(to: AddressId, ttl: number, answer: EchoAnswer): () => void {
    const machine = this.#machine
    this.#asked ??= new Map()
    this.#random ??= machine.world.random(`echo/${machine.name}`)
    let identifier = 0
    do identifier = 1 + this.#random.below(65_535)
    while (this.#asked.has(identifier))
    const request = new Packet(
      ICMP,
      machine.sourceTowards(to),
      identifier,
      to,
      identifier,
      machine.world.addresses.isIpv6(to),
    )
    request.icmp = 'echo-request'
    request.ttl = ttl
    this.#asked.set(identifier, answer)
    machine.send(request)
    return () => void this.#asked!.delete(identifier)
  }

  deliver(packet: Packet): void {
    if (packet.icmp === 'echo-reply') this.#asked?.get(packet.sourcePort)?.(packet)
    if (packet.icmp !== 'echo-request') return
    const { source, destination, sourcePort, isIpv6 } = packet
    const reply = new Packet(ICMP, destination, sourcePort, source, sourcePort, isIpv6)
    reply.icmp = 'echo-reply'
    this.#machine.send(reply)
  }

  hear(error: Packet): void {
    this.#asked?.get(error.quote!.sourcePort)?.(error)
  }
}
