import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexElements } from '../../src/ruleset/index-elements.ts'
import type { Elements, Value } from '../../src/ruleset/ruleset.ts'
import { PROPERTY_RUNS } from '../wire/property.ts'

/** Ranges of small numbers, so that they touch, repeat and overlap; half of them single values. */
const range = fc.tuple(fc.nat(30), fc.oneof(fc.constant(0), fc.nat(8))).map(([low, more]) => [low, low + more] as const)

function elementsOf(tuples: readonly (readonly (readonly [Value, Value])[])[], keys: number): Elements {
  const columns = Array.from({ length: keys }, (_, k) => ({
    lows: tuples.map((tuple) => tuple[k]![0]),
    highs: tuples.map((tuple) => tuple[k]![1]),
  }))
  return { kind: 'elements', columns, data: null, otherwise: null, conditional: null }
}

describe('an index of elements', () => {
  test.each([1, 2, 3])('of %i keys finds what a scan finds', (keys) => {
    const tuple = fc.array(range, { minLength: keys, maxLength: keys })
    const wanted = fc.array(fc.nat(40), { minLength: keys, maxLength: keys })
    fc.assert(
      fc.property(
        fc.array(tuple, { maxLength: 20 }),
        wanted,
        fc.constantFrom<(n: number) => Value>(Number, BigInt),
        (tuples, values, as) => {
          const typed = tuples.map((one) => one.map(([low, high]) => [as(low), as(high)] as const))
          const found = indexElements(elementsOf(typed, keys))(values.map(as))
          const holds = (one: (typeof tuples)[number]) =>
            one.every(([low, high], k) => values[k]! >= low && values[k]! <= high)
          expect(found >= 0).toBe(tuples.some(holds))
          if (found >= 0) expect(holds(tuples[found]!)).toBe(true)
        },
      ),
      PROPERTY_RUNS,
    )
  })

  test('knows names by their beginning', () => {
    const find = indexElements(elementsOf([[['eth', 'eth\uffff']], [['wlan0', 'wlan0']]], 1))
    expect(['eth0', 'eth', 'et', 'wlan0', 'wlan01'].map((name) => find([name]))).toEqual([0, 0, -1, 1, -1])
  })
})
