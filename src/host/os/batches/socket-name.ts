import { type Endpoint, familyOf } from '../../../model/endpoint.ts'
import { addressBytes, formatAddress } from '../../../model/ip.ts'

export const AF_INET = 2
export const AF_INET6 = 10

/** A `sockaddr_in6`, the longer one of both. */
export const NAME_BYTES = 28

/** Writes `endpoint` as `sockaddr_in` or `sockaddr_in6` (little-endian) to `at`, and returns its length. */
export function writeName(into: Buffer, at: number, { address, port }: Endpoint): number {
  const isIpv4 = familyOf(address) === 'ipv4'
  into.fill(0, at, at + NAME_BYTES)
  into.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, at)
  into.writeUInt16BE(port, at + 2)
  into.set(addressBytes(address), at + (isIpv4 ? 4 : 8))
  return isIpv4 ? 16 : NAME_BYTES
}

export function readName(from: Buffer, at: number): Endpoint {
  const port = from.readUInt16BE(at + 2)
  if (from.readUInt16LE(at) === AF_INET6) return { address: formatAddress(from.subarray(at + 8, at + 24)), port }
  const address = `${from[at + 4]}.${from[at + 5]}.${from[at + 6]}.${from[at + 7]}`
  return { address, port }
}
