import { viewOf } from '../bytes.ts'

/**
 * Offset of the first attribute of `type` in an encoded message, or undefined. For the seals, which cover the bytes
 * before them. Any bytes are taken; a cut attribute ends the walk.
 */
export function findAttribute(message: Uint8Array, type: number): number | undefined {
  const view = viewOf(message)
  for (let offset = 20; offset + 4 <= message.length; ) {
    if (view.getUint16(offset) === type) return offset
    offset += 4 + ((view.getUint16(offset + 2) + 3) & ~3)
  }
  return undefined
}

/** A copy of the message's first `end` bytes, whose length field says that the body goes on to `claimedEnd`. */
export function prefixClaiming(message: Uint8Array, end: number, claimedEnd: number): Uint8Array {
  const prefix = message.slice(0, end)
  viewOf(prefix).setUint16(2, claimedEnd - 20)
  return prefix
}
