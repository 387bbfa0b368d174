import type { Value } from './ruleset.ts'

/**
 * Ranges that may overlap, found by a value inside them in O(log n + hits). A balanced tree laid over the ranges in the
 * order of their lower ends; `most` has, for each node, the highest upper end in its subtree.
 */
export class IntervalTree {
  readonly #lows: readonly Value[]
  readonly #highs: readonly Value[]
  readonly #order: Uint32Array
  readonly #most: Value[]

  /** `order`: indexes of the ranges to hold, ascending by `lows`. */
  constructor(lows: readonly Value[], highs: readonly Value[], order: Uint32Array) {
    this.#lows = lows
    this.#highs = highs
    this.#order = order
    this.#most = new Array<Value>(order.length)
    this.#fill(0, order.length)
  }

  /** The index of a range that holds `value` and that `accepts`; -1 without one. */
  find(value: Value, accepts: (index: number) => boolean): number {
    return this.#search(0, this.#order.length, value, accepts)
  }

  #fill(from: number, to: number): Value | undefined {
    if (from >= to) return undefined
    const middle = (from + to) >>> 1
    const [left, right] = [this.#fill(from, middle), this.#fill(middle + 1, to)]
    let most = this.#highs[this.#order[middle]!]!
    if (left !== undefined && left > most) most = left
    if (right !== undefined && right > most) most = right
    this.#most[middle] = most
    return most
  }

  #search(from: number, to: number, value: Value, accepts: (index: number) => boolean): number {
    if (from >= to) return -1
    const middle = (from + to) >>> 1
    if (this.#most[middle]! < value) return -1
    const left = this.#search(from, middle, value, accepts)
    if (left >= 0) return left
    const index = this.#order[middle]!
    if (this.#lows[index]! > value) return -1
    if (this.#highs[index]! >= value && accepts(index)) return index
    return this.#search(middle + 1, to, value, accepts)
  }
}
