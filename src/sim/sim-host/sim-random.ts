import type { Random } from '../../host/host.ts'
import type { Machine } from '../machine.ts'

/** Bytes from the world's seed, another stream for every machine. */
export function simRandom(machine: Machine): Random {
  const random = machine.world.random(`host/${machine.name}`)
  return {
    bytes(length) {
      if (!Number.isInteger(length) || length < 0 || length > 65536) {
        throw new RangeError(`0 to 65536 random bytes, not ${length}`)
      }
      return random.bytes(length)
    },
  }
}
