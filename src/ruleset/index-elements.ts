import { IntervalTree } from './interval-tree.ts'
import type { Column, Elements, Value } from './ruleset.ts'

/** Finds the element that holds a tuple of values: its index, or -1. Never scans: a hash or a tree answers. */
export type Find = (values: readonly Value[]) => number

export function indexElements(elements: Elements): Find {
  const { columns } = elements
  const size = columns[0]?.lows.length ?? 0
  if (size === 0) return () => -1
  if (columns.length === 1) return indexColumn(columns[0]!, size)
  return indexTuples(columns, size)
}

function indexColumn(column: Column, size: number): Find {
  const [low, high] = [column.lows[0]!, column.highs[0]!]
  if (size === 1) return ([value]) => (value! >= low && value! <= high ? 0 : -1)
  const order = sortedByLow(column.lows)
  const lows = packed(order, column.lows)
  const highs = packed(order, column.highs)
  for (let i = 1; i < size; i++) {
    if (lows[i]! <= highs[i - 1]!) {
      const tree = new IntervalTree(column.lows, column.highs, order)
      return ([value]) => tree.find(value!, () => true)
    }
  }
  return ([value]) => {
    const at = lastAtMost(lows, value!)
    return at >= 0 && value! <= highs[at]! ? order[at]! : -1
  }
}

/**
 * Elements alike in which of their keys are single values share a table that is hashed by those; the first of their
 * ranges stands in an interval tree, the others are compared.
 */
function indexTuples(columns: readonly Column[], size: number): Find {
  const groups = new Map<string, Map<string, number[]>>()
  for (let i = 0; i < size; i++) {
    const exact = columns.map(({ lows, highs }) => (lows[i] === highs[i] ? '1' : '0')).join('')
    const group = groups.get(exact) ?? new Map<string, number[]>()
    groups.set(exact, group)
    const hash = hashOf(exact, (k) => columns[k]!.lows[i]!)
    const members = group.get(hash)
    if (members === undefined) group.set(hash, [i])
    else members.push(i)
  }
  const finds = [...groups].map(([exact, group]) => findInGroup(exact, group, columns))
  return (values) => {
    for (const find of finds) {
      const found = find(values)
      if (found >= 0) return found
    }
    return -1
  }
}

function findInGroup(exact: string, group: ReadonlyMap<string, number[]>, columns: readonly Column[]): Find {
  const ranged = [...exact].flatMap((flag, k) => (flag === '0' ? [k] : []))
  const first = ranged[0]
  if (first === undefined) return (values) => group.get(hashOf(exact, (k) => values[k]!))?.[0] ?? -1
  const { lows, highs } = columns[first]!
  const trees = new Map(
    [...group].map(([hash, members]) => [hash, new IntervalTree(lows, highs, byLow(members, lows))]),
  )
  const inside = (values: readonly Value[], i: number) =>
    ranged.every((k) => values[k]! >= columns[k]!.lows[i]! && values[k]! <= columns[k]!.highs[i]!)
  return (values) => {
    const tree = trees.get(hashOf(exact, (k) => values[k]!))
    return tree === undefined ? -1 : tree.find(values[first]!, (i) => inside(values, i))
  }
}

function hashOf(exact: string, value: (k: number) => Value): string {
  let hash = ''
  for (let k = 0; k < exact.length; k++) if (exact[k] === '1') hash += `${value(k)}\n`
  return hash
}

function sortedByLow(lows: readonly Value[]): Uint32Array {
  return byLow(Uint32Array.from(lows.keys()), lows)
}

function byLow(members: ArrayLike<number>, lows: readonly Value[]): Uint32Array {
  return Uint32Array.from(members).sort((a, b) => compare(lows[a]!, lows[b]!))
}

function compare(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Numbers take 8 bytes each this way. */
function packed(order: Uint32Array, values: readonly Value[]): ArrayLike<Value> {
  const isNumeric = values.every((value) => typeof value === 'number')
  if (isNumeric) return Float64Array.from(order, (i) => values[i] as number)
  return Array.from(order, (i) => values[i]!)
}

/** Index of the last of the ascending `lows` that is not above `value`, or -1. */
function lastAtMost(lows: ArrayLike<Value>, value: Value): number {
  let [from, to] = [0, lows.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (lows[middle]! <= value) from = middle + 1
    else to = middle
  }
  return from - 1
}
