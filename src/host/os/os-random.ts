import { randomBytes } from 'node:crypto'
import type { Random } from '../host.ts'

export const osRandom: Random = {
  bytes(length) {
    if (!Number.isInteger(length) || length < 0 || length > 65536) {
      throw new RangeError(`0 to 65536 random bytes, not ${length}`)
    }
    return new Uint8Array(randomBytes(length))
  },
}
