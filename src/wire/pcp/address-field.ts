import type { Address } from '../../model/endpoint.ts'
import { addressBytes, formatAddress } from '../../model/ip.ts'

/** PCP has 128 bits for every address; IPv4 stands in them as ::ffff:a.b.c.d (RFC 6887 §5). */
export const ADDRESS_FIELD_BYTES = 16

const MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/** "None" in either family: what stands where no address is suggested. */
export const NO_IPV4: Address = '0.0.0.0'
export const NO_IPV6: Address = '::'

/** The address in a field of 16 bytes: dotted quad where it is IPv4-mapped. */
export function readAddressField(field: Uint8Array): Address {
  const isMapped = MAPPED_PREFIX.every((byte, index) => field[index] === byte)
  return formatAddress(isMapped ? field.subarray(12, 16) : field.subarray(0, 16))
}

/** The 16 bytes of an address of either family. RangeError for anything that is none. */
export function addressField(address: Address): Uint8Array {
  const bytes = addressBytes(address)
  return bytes.length === 16 ? bytes : Uint8Array.from([...MAPPED_PREFIX, ...bytes])
}
