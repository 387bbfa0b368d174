import type { Interface } from './interface.ts'
import type { Packet } from './packet.ts'

/**
 * What stands in a machine on the way of packets: translation, filters, a host's own firewall. Its hooks are netfilter's.
 * Each may change the packet, and answers whether it goes on; one that stops it says so to the sender and to the trace
 * itself.
 */
export interface Guard {
  /** Came in; before routing. */
  arriving(packet: Packet, from: Interface): boolean
  /** Is for this machine itself. */
  entering(packet: Packet, from: Interface): boolean
  /** Goes through to another interface. */
  passing(packet: Packet, from: Interface, to: Interface): boolean
  /** Goes out. `from` is null for a packet of this machine's own. */
  leaving(packet: Packet, from: Interface | null, to: Interface): boolean
  /** Goes from this machine to itself: leaves by the loopback interface, and comes back by it. Left out: nothing stops it. */
  returning?(packet: Packet, side: 'out' | 'in'): boolean
}
