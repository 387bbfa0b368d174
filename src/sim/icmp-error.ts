import type { AddressId } from './address-book.ts'
import type { Machine } from './machine.ts'
import { ACK, FIN, ICMP, type IcmpKind, Packet, RST, SYN, TCP } from './packet.ts'

type ErrorKind = Exclude<IcmpKind, 'echo-request' | 'echo-reply'>

/** An ICMP error about `packet`, to its sender, as it was when it came in. */
export function errorAbout(packet: Packet, kind: ErrorKind, from: AddressId, mtu = 0): Packet {
  const flow = packet.flow
  const came =
    flow === null || flow.reply === null ? (flow?.original ?? packet) : packet.isReply ? flow.reply : flow.original
  const error = new Packet(ICMP, from, 0, came.source, 0, packet.isIpv6)
  error.icmp = kind
  error.quote = {
    protocol: packet.protocol,
    source: came.source,
    sourcePort: came.sourcePort,
    destination: came.destination,
    destinationPort: came.destinationPort,
  }
  error.mtu = mtu
  return error
}

/** Sends an ICMP error about a packet, unless that is one itself (RFC 1122 §3.2.2), or too many were sent there. */
export function answerError(machine: Machine, packet: Packet, kind: ErrorKind, from: AddressId, mtu = 0): void {
  if (packet.isIcmpError || from === 0) return
  const error = errorAbout(packet, kind, from, mtu)
  if (isRationed(machine, error)) return
  machine.send(error)
}

function isRationed({ errorRation, world, routes }: Machine, { destination, isIpv6 }: Packet): boolean {
  if (errorRation === null || isIpv6 || routes.way(destination) === 'local') return false
  return !errorRation.take(destination, world.nowMs)
}

/** Sends a reset as if from where a TCP packet was to go (RFC 9293 §3.10.7.1). Nothing for a reset. */
export function answerReset(machine: Machine, packet: Packet): void {
  if (packet.protocol !== TCP || (packet.flags & RST) !== 0) return
  const flow = packet.flow
  const came = flow === null ? packet : packet.isReply && flow.reply !== null ? flow.reply : flow.original
  const { source, sourcePort, destination, destinationPort } = came
  const reset = new Packet(TCP, destination, destinationPort, source, sourcePort, packet.isIpv6)
  // It belongs to the connection of what it answers, even where that is none yet (nf_ct_attach).
  reset.flow = flow
  reset.isReply = !packet.isReply
  const length = packet.payload.length + ((packet.flags & SYN) !== 0 ? 1 : 0) + ((packet.flags & FIN) !== 0 ? 1 : 0)
  if ((packet.flags & ACK) !== 0) {
    reset.flags = RST
    reset.sequence = packet.acknowledgement
  } else {
    reset.flags = RST | ACK
    reset.acknowledgement = packet.sequence + length
  }
  machine.send(reset)
}
