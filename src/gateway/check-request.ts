import { scopeOf } from '../model/ip.ts'
import type { MappingRequest } from './port-mapper.ts'

/** RangeError for a request that no gateway could be asked. */
export function checkRequest({ internal, suggestedPort, lifetimeSeconds }: MappingRequest): void {
  const scope = scopeOf(internal.address)
  if (scope === 'unspecified' || scope === 'loopback') throw new RangeError(`${internal.address} is no host's own`)
  for (const port of [internal.port, suggestedPort]) {
    if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError(`a port is 1 to 65535, not ${port}`)
  }
  checkLifetime(lifetimeSeconds)
}

/** RangeError for a lifetime that none is: 0 would delete. */
export function checkLifetime(lifetimeSeconds: number): void {
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > 0xffff_ffff) {
    throw new RangeError(`a lifetime is 1 to 2^32 - 1 seconds, not ${lifetimeSeconds}`)
  }
}
