import { putUint16, uint16At } from '../bytes.ts'

/**
 * Offset of the first attribute of `type` in an encoded message, or undefined. For the seals, which cover the bytes
 * before them. Any bytes are taken; a cut attribute ends the walk.
 */
export function findAttribute(message: Uint8Array, type: number): number | undefined {
  for (let offset = 20; offset + 4 <= message.length; ) {
    if (uint16At(message, offset) === type) return offset
    offset += 4 + ((uint16At(message, offset + 2) + 3) & ~3)
  }
  return undefined
}

/** A copy of the message's first `end` bytes, whose length field says that the body goes on to `claimedEnd`. */
export function prefixClaiming(message: Uint8Array, end: number, claimedEnd: number): Uint8Array {
  const prefix = message.slice(0, end)
  putUint16(prefix, 2, claimedEnd - 20)
  return prefix
}
