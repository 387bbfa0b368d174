/** No UDP payload is longer. */
const MAX_BYTES = 65_507

/** Values that lengths and counts break on. */
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffc, 0xffff]

/** @typedef {(limit: number) => number} Random */

/** @type {readonly ((bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array)[]} */
const MUTATIONS = [
  function flip(bytes, random) {
    if (bytes.length > 0) bytes[random(bytes.length)] ^= 1 << random(8)
    return bytes
  },
  function overwrite(bytes, random) {
    if (bytes.length > 0) bytes[random(bytes.length)] = random(256)
    return bytes
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random(bytes.length + 1))
  },
  function remove(bytes, random) {
    const from = random(bytes.length + 1)
    const to = from + random(Math.min(32, bytes.length - from) + 1)
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)])
  },
  function insert(bytes, random) {
    const at = random(bytes.length + 1)
    const inserted = Uint8Array.from({ length: 1 + random(16) }, () => random(256))
    return joined(bytes.subarray(0, at), inserted, bytes.subarray(at))
  },
  function splice(bytes, random, other) {
    return joined(bytes.subarray(0, random(bytes.length + 1)), other.subarray(random(other.length + 1)))
  },
  function lengthField(bytes, random) {
    if (bytes.length < 2) return bytes
    const at = random(bytes.length - 1)
    // Often the length that would be right if the field stood here, so that what lies behind it is reached.
    const value = random(3) === 0 ? Math.max(0, bytes.length - 20) : INTERESTING[random(INTERESTING.length)]
    bytes[at] = value >> 8
    bytes[at + 1] = value & 0xff
    return bytes
  },
  function headerLength(bytes) {
    if (bytes.length < 20) return bytes
    bytes[2] = (bytes.length - 20) >> 8
    bytes[3] = (bytes.length - 20) & 0xff
    return bytes
  },
]

/**
 * A changed copy of `bytes`: one to four mutations, one after the other. `other` is what splices take their end from.
 *
 * @param {Uint8Array} bytes
 * @param {Uint8Array} other
 * @param {Random} random
 */
export function mutate(bytes, other, random) {
  let changed = bytes.slice()
  for (let count = 1 + random(4); count > 0; count--) {
    changed = MUTATIONS[random(MUTATIONS.length)](changed, random, other)
  }
  return changed.length > MAX_BYTES ? changed.subarray(0, MAX_BYTES) : changed
}

/** @param {...Uint8Array} parts */
function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
