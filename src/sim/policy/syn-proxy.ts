import type { AddressId } from '../address-book.ts'
import type { PacketState } from '../conntrack/tracker.ts'
import type { Interface } from '../interface.ts'
import type { Machine } from '../machine.ts'
import { ACK, Packet, RST, SYN, TCP } from '../packet.ts'
import type { Prng } from '../prng.ts'
import { note } from '../trace.ts'

/** A connection whose handshake was completed on behalf of the inside host. */
interface Proxied {
  readonly client: AddressId
  readonly clientPort: number
  readonly server: AddressId
  readonly serverPort: number
  /** Our own first number towards the client. */
  readonly initial: number
  readonly clientInitial: number
  /** The longest packet that the client takes. */
  readonly clientMtu: number
  /** `promised`: SYN-ACK sent. `asking`: the client is in, the server is asked. `joined`: numbers are translated. */
  state: 'promised' | 'asking' | 'joined'
  /** What must be added to the server's numbers for the client. */
  offset: number
}

const MOST_CONNECTIONS = 65_536
/** It cannot know what the server takes, and promises what is usual. */
const OWN_MTU = 1500

/**
 * Completes TCP handshakes itself and only then asks the inside host, as the kernel's SYNPROXY does: the client's window
 * is closed until the host has answered; then sequence numbers are translated between the two.
 */
export class SynProxy {
  readonly #machine: Machine
  readonly #isProxied: (packet: Packet, from: Interface) => boolean
  readonly #connections = new Map<string, Proxied>()
  readonly #random: Prng

  constructor(machine: Machine, isProxied: (packet: Packet, from: Interface) => boolean) {
    this.#machine = machine
    this.#isProxied = isProxied
    this.#random = machine.world.random(`syn-proxy/${machine.name}`)
  }

  /** False when the packet goes no further: the proxy has answered it, or used it up. Answers to the inside are let by. */
  passing(packet: Packet, from: Interface, state: PacketState): boolean {
    if (packet.protocol !== TCP) return true
    if (this.#isProxied(packet, from)) return this.#fromClient(packet, state)
    const known = this.#connections.get(
      key(packet.destination, packet.destinationPort, packet.source, packet.sourcePort),
    )
    return known === undefined || this.#fromServer(packet, known)
  }

  #fromClient(packet: Packet, state: PacketState): boolean {
    const { source, sourcePort, destination, destinationPort } = packet
    const name = key(source, sourcePort, destination, destinationPort)
    const known = this.#connections.get(name)
    if (packet.isSyn && known?.state !== 'promised') {
      this.#promise(packet, name)
      return false
    }
    if (known === undefined) return state === 'established'
    if (known.state === 'joined') {
      packet.acknowledgement -= known.offset
      if ((packet.flags & RST) !== 0) this.#connections.delete(name)
      return true
    }
    if (packet.isSyn) this.#answerSyn(packet, known)
    else if ((packet.flags & RST) !== 0) this.#connections.delete(name)
    else if (packet.acknowledgement === known.initial + 1) this.#askServer(packet, known)
    return false
  }

  #promise(syn: Packet, name: string): void {
    if (this.#connections.size >= MOST_CONNECTIONS) return
    const known: Proxied = {
      client: syn.source,
      clientPort: syn.sourcePort,
      server: syn.destination,
      serverPort: syn.destinationPort,
      initial: this.#random.next(),
      clientInitial: syn.sequence,
      clientMtu: syn.mtu,
      state: 'promised',
      offset: 0,
    }
    this.#connections.set(name, known)
    this.#answerSyn(syn, known)
  }

  #answerSyn(syn: Packet, known: Proxied): void {
    if (this.#machine.world.trace !== null) note(this.#machine, 'policy', syn, 'answered by the provider itself')
    const answer = this.#toClient(known, SYN | ACK, known.initial, known.clientInitial + 1, 0)
    answer.mtu = OWN_MTU
    this.#send(answer)
  }

  /** Each time the client says something, the server is asked again, for the question may have been lost. */
  #askServer(packet: Packet, known: Proxied): void {
    known.state = 'asking'
    const syn = this.#toServer(known, SYN, known.clientInitial, 0, packet.window)
    syn.mtu = known.clientMtu
    this.#send(syn)
  }

  #fromServer(packet: Packet, known: Proxied): boolean {
    const answersSyn = (packet.flags & (SYN | ACK)) === (SYN | ACK)
    if (known.state === 'asking' && answersSyn) {
      known.state = 'joined'
      known.offset = known.initial - packet.sequence
      this.#send(this.#toServer(known, ACK, known.clientInitial + 1, packet.sequence + 1, packet.window))
      this.#send(this.#toClient(known, ACK, known.initial + 1, known.clientInitial + 1, packet.window))
      return false
    }
    if (known.state === 'asking' && (packet.flags & RST) !== 0) {
      this.#send(this.#toClient(known, RST | ACK, known.initial + 1, known.clientInitial + 1, 0))
      this.#connections.delete(key(known.client, known.clientPort, known.server, known.serverPort))
      return false
    }
    packet.sequence += known.offset
    return true
  }

  #toClient(known: Proxied, flags: number, sequence: number, acknowledgement: number, window: number): Packet {
    const { client, clientPort, server, serverPort } = known
    return this.#segment([server, serverPort, client, clientPort], flags, sequence, acknowledgement, window)
  }

  #toServer(known: Proxied, flags: number, sequence: number, acknowledgement: number, window: number): Packet {
    const { client, clientPort, server, serverPort } = known
    return this.#segment([client, clientPort, server, serverPort], flags, sequence, acknowledgement, window)
  }

  #segment(
    [source, sourcePort, destination, destinationPort]: readonly [AddressId, number, AddressId, number],
    flags: number,
    sequence: number,
    acknowledgement: number,
    window: number,
  ): Packet {
    const isIpv6 = this.#machine.world.addresses.isIpv6(source)
    const packet = new Packet(TCP, source, sourcePort, destination, destinationPort, isIpv6)
    packet.flags = flags
    packet.sequence = sequence
    packet.acknowledgement = acknowledgement
    packet.window = window
    return packet
  }

  #send(packet: Packet): void {
    this.#machine.send(packet)
  }
}

function key(client: AddressId, clientPort: number, server: AddressId, serverPort: number): string {
  return `${client} ${clientPort} ${server} ${serverPort}`
}
