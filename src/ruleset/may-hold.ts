import type { Elements, Value } from './ruleset.ts'

/** Of a larger set it is not asked whether a few keys rule all elements out, for that means looking at each. */
const MOST_LOOKED_AT = 64

/** May a tuple be in a set, some of whose values are not known? False where the others rule every element out. */
export function mayHold({ columns, otherwise }: Elements, tuple: readonly (Value | undefined)[]): boolean {
  const size = columns[0]?.lows.length ?? 0
  if (otherwise !== null || size > MOST_LOOKED_AT) return true
  const holds = (index: number) =>
    columns.every(({ lows, highs }, key) => {
      const value = tuple[key]
      return value === undefined || (value >= lows[index]! && value <= highs[index]!)
    })
  return Array.from({ length: size }, (_, index) => index).some(holds)
}
