import type { Behavior } from '../../model/nat.ts'
import type { Refresh, Timeouts } from '../conntrack/tracker.ts'

/**
 * How a mapping gets its port (RFC 4787 §4.2). `preserve`: the internal one where it is free, else the next that is;
 * `overload`: the internal one even where another host uses it; `contiguous`: the next after the last one given;
 * `random`; `exclusive-or`: the internal one with one bit turned, so that it is one to one and never preserved.
 */
export type PortChoice = 'preserve' | 'overload' | 'contiguous' | 'random' | 'exclusive-or'

/** All ways in which an IPv4 source NAT may behave, in the words of RFC 4787. */
export interface NatBehavior {
  readonly mapping: Behavior
  readonly filtering: Behavior
  readonly ports: PortChoice
  /** Even ports stay even, odd ones odd (§4.2.2). */
  readonly parity: boolean
  /** Low ports stay below 1024, high ones above (§4.2.1, REQ-3a). */
  readonly keepsRange: boolean
  /** `internal`: turned around with the sender's inside address, which §6 forbids. */
  readonly hairpinning: 'no' | 'internal' | 'external'
  /** Which packets keep a mapping alive (§4.3). */
  readonly refresh: Refresh
  /** Of several outside addresses: one host always gets the same (REQ-2), or any; or nobody gets any but the first. */
  readonly pooling: 'paired' | 'arbitrary' | 'none'
  /** With address-dependent filtering, what a sent packet opens: the mapping that it used, or every port of its host. */
  readonly remembers: 'mapping' | 'host'
  readonly timeouts: Timeouts
  /** Mappings and flows that fit. */
  readonly maxFlows: number
}
