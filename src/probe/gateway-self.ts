import type { Address } from '../model/endpoint.ts'
import { latin1 } from '../wire/latin1.ts'

/**
 * What tells a gateway from all others, as it said itself when it was asked from inside. Kept for comparing, and in no
 * report: such names often hold a hardware address.
 */
export interface GatewaySelf {
  readonly gateway: Address
  /** The unique name of its UPnP device; null where it has none that is one. */
  readonly udn: string | null
  /** Where that device describes itself. */
  readonly description: { readonly port: number; readonly path: string } | null
  /** Its NAT-PMP server's answer, and when it came. */
  readonly natPmp: NatPmpTold | null
}

export interface NatPmpTold {
  readonly externalAddress: Address
  readonly epochSeconds: number
  /** Monotonic. */
  readonly atMs: number
}

/** A UUID, as the UPnP Device Architecture 2.0 §1.1.4 wants it; some devices have none, or nothing but zeros. */
const UDN = /^uuid:(?=.*[1-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function uniqueName(udn: string): string | null {
  return UDN.test(udn) ? udn : null
}

/** Does the gateway's name stand in what somebody answered? `answer`: any bytes, untrusted. */
export function isSameByName({ udn }: GatewaySelf, answer: Uint8Array): boolean {
  return udn !== null && latin1(answer).toLowerCase().includes(udn.toLowerCase())
}

/** Whole seconds on both sides, a clock that need not be good, and the way of the answer. */
const EPOCH_SLACK_SECONDS = 3

/** Does its clock, which began when it started, show the same, and does it have the same address outside? */
export function isSameByEpoch({ natPmp }: GatewaySelf, told: NatPmpTold): boolean {
  if (natPmp === null || natPmp.externalAddress !== told.externalAddress) return false
  const expected = natPmp.epochSeconds + (told.atMs - natPmp.atMs) / 1000
  return Math.abs(told.epochSeconds - expected) <= EPOCH_SLACK_SECONDS
}
