import type { Endpoint } from '../../model/endpoint.ts'
import { addressBytes } from '../../model/ip.ts'

/** RangeError unless the address is one and the port lies between `least` and 65535. */
export function requireEndpoint({ address, port }: Endpoint, least: 0 | 1): void {
  addressBytes(address)
  if (!Number.isInteger(port) || port < least || port > 65535) {
    throw new RangeError(`a port is ${least} to 65535, not ${port}`)
  }
}

export function requireTtl(ttl: number | undefined): void {
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 1 || ttl > 255)) {
    throw new RangeError(`a TTL is 1 to 255, not ${ttl}`)
  }
}
