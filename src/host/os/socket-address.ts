import { type Address, type Endpoint, familyOf } from '../../model/endpoint.ts'
import { addressBytes, parseAddress } from '../../model/ip.ts'

/** Canonical text of what Node names an address: without zone, and IPv6 as RFC 5952 writes it. */
export function canonical(nodeAddress: string): Address {
  if (!nodeAddress.includes(':')) return nodeAddress
  if (!nodeAddress.includes('%') && !nodeAddress.includes('.')) return nodeAddress
  const bare = nodeAddress.split('%')[0]!
  return parseAddress(bare) ?? bare
}

/** Without its zone the kernel does not know on which link a link-local address is. */
export function zoned({ address, port }: Endpoint, interfaceName: string | undefined): Endpoint {
  const needsNone = interfaceName === undefined || familyOf(address) === 'ipv4'
  return { address: needsNone ? address : `${address}%${interfaceName}`, port }
}

/** RangeError unless `endpoint` is an IP address with a port from `lowestPort` (0 lets the system choose) to 65535. */
export function requireEndpoint(endpoint: Endpoint, lowestPort: 0 | 1): void {
  addressBytes(endpoint.address)
  const { port } = endpoint
  if (!Number.isInteger(port) || port < lowestPort || port > 65535) {
    throw new RangeError(`a port is ${lowestPort} to 65535, not ${port}`)
  }
}

export function udpType(address: Address): 'udp4' | 'udp6' {
  return familyOf(address) === 'ipv4' ? 'udp4' : 'udp6'
}
