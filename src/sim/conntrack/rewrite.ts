import { ICMP, type Packet } from '../packet.ts'

/** Gives a packet of a known flow the destination that it has behind this machine. */
export function rewriteDestination(packet: Packet): void {
  const to = packet.flow!.mirror(packet.isReply)
  packet.destination = to.source
  packet.destinationPort = to.sourcePort
  // The identifier of an echo is one field.
  if (packet.protocol === ICMP) packet.sourcePort = to.sourcePort
}

/** Gives a packet of a known flow the source that it has behind this machine. */
export function rewriteSource(packet: Packet): void {
  const to = packet.flow!.mirror(packet.isReply)
  packet.source = to.destination
  packet.sourcePort = to.destinationPort
  if (packet.protocol === ICMP) packet.destinationPort = to.destinationPort
}

/**
 * Translates an ICMP error about a packet of `packet.flow` (RFC 5508 REQ-4, RFC 4787 REQ-12): what it quotes becomes what the
 * sender of that packet sent, and the error goes to that sender.
 */
export function rewriteError(packet: Packet): void {
  // The error travels as an answer does; what was sent is the other direction, as it came in here.
  const sent = packet.flow!.mirror(packet.isReply)
  packet.quote = {
    protocol: sent.protocol,
    source: sent.source,
    sourcePort: sent.sourcePort,
    destination: sent.destination,
    destinationPort: sent.destinationPort,
  }
  packet.destination = sent.source
}

/** Where the answers of a flow leave with another source, so does an error that travels with them. */
export function rewriteErrorSource(packet: Packet): void {
  const flow = packet.flow!
  const came = packet.isReply ? flow.reply! : flow.original
  const { destination } = flow.mirror(packet.isReply)
  if (destination !== came.source) packet.source = destination
}
