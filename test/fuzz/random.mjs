/**
 * A small seeded generator (mulberry32): the same seed, the same inputs, on every machine.
 *
 * @param {number} seed 32 bits
 * @returns {(limit: number) => number} an integer from 0 to `limit - 1`
 */
export function seededRandom(seed) {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/**
 * A seed for each codec, so that one codec alone repeats what it did among all.
 *
 * @param {number} seed
 * @param {string} name
 */
export function seedFor(seed, name) {
  let mixed = seed >>> 0
  for (const char of name) mixed = Math.imul(mixed ^ char.charCodeAt(0), 0x01000193) >>> 0
  return mixed
}
