import { FIELDS, type Loaded } from './fields.ts'
import type { Flight } from './flight.ts'
import { type Find, indexElements } from './index-elements.ts'
import { mayHold } from './may-hold.ts'
import type { BinaryOperator, Datum, Elements, Expression, Value, Values } from './ruleset.ts'

export type Load = (f: Flight) => Loaded

/** Named sets of one table, indexed when first asked for. */
export type SetLookup = (name: string) => IndexedSet | null

export interface IndexedSet {
  readonly elements: Elements
  readonly find: Find
}

export function compileExpression(expression: Expression, sets: SetLookup): Load {
  switch (expression.kind) {
    case 'constant':
      return () => expression.value
    case 'field':
      return compileField(FIELDS[expression.field], expression.protocol)
    case 'binary':
      return compileBinary(
        OPERATORS[expression.op],
        compileExpression(expression.left, sets),
        compileExpression(expression.right, sets),
      )
    case 'lookup':
      return compileLookup(compileMembership(expression.keys, expression.values, sets))
    case 'unknown':
      return () => undefined
  }
}

function compileField(load: Load, protocol: number | null): Load {
  return protocol === null ? load : (f) => (f.protocol === protocol ? load(f) : null)
}

/** Numbers are the kernel's 32-bit words; IPv6 addresses are bigints on both sides. */
const OPERATORS: Readonly<Record<BinaryOperator, (a: number | bigint, b: number | bigint) => Value>> = {
  '&': (a, b) => (typeof a === 'bigint' ? a & BigInt(b) : (a & Number(b)) >>> 0),
  '|': (a, b) => (typeof a === 'bigint' ? a | BigInt(b) : (a | Number(b)) >>> 0),
  '^': (a, b) => (typeof a === 'bigint' ? a ^ BigInt(b) : (a ^ Number(b)) >>> 0),
  '<<': (a, b) => (typeof a === 'bigint' ? a << BigInt(b) : (a << Number(b)) >>> 0),
  '>>': (a, b) => (typeof a === 'bigint' ? a >> BigInt(b) : a >>> Number(b)),
}

function compileBinary(operate: (typeof OPERATORS)['&'], left: Load, right: Load): Load {
  return (f) => {
    const [a, b] = [left(f), right(f)]
    if (a === null || b === null) return null
    if (a === undefined || b === undefined || typeof a === 'string' || typeof b === 'string') return undefined
    return operate(a, b)
  }
}

function compileLookup(membership: Membership): Load {
  return (f) => {
    const found = membership(f)
    if (found === null || found === undefined) return found
    const datum = found.datum
    return Array.isArray(datum) ? (datum[0] as Value) : undefined
  }
}

/** The element that a packet's keys fall on. Null: none, or a key is absent; `datum` is null for what was not read. */
export type Membership = (f: Flight) => { readonly datum: Datum | true } | null | undefined

export function compileMembership(keys: readonly Expression[], values: Values, sets: SetLookup): Membership {
  const loads = keys.map((key) => compileExpression(key, sets))
  const locate = compileLocate(values, sets)
  return (f) => {
    const tuple: (Value | undefined)[] = []
    let isUnknown = false
    for (const load of loads) {
      const value = load(f)
      if (value === null) return null
      isUnknown ||= value === undefined
      tuple.push(value)
    }
    return isUnknown ? locate.partly(f, tuple) : locate.wholly(f, tuple as Value[])
  }
}

interface Locate {
  wholly(f: Flight, tuple: readonly Value[]): ReturnType<Membership>
  /** With keys that are not known: null where the others alone rule every element out, else undefined. */
  partly(f: Flight, tuple: readonly (Value | undefined)[]): null | undefined
}

const UNREADABLE: Locate = { wholly: () => undefined, partly: () => undefined }

function compileLocate(values: Values, sets: SetLookup): Locate {
  if (values.kind === 'unreadable') return UNREADABLE
  const name = values.kind === 'named' ? values.set : null
  const set = values.kind === 'named' ? sets(values.set) : { elements: values, find: indexElements(values) }
  if (set === null) return UNREADABLE
  const { elements, find } = set
  const isTouched = (f: Flight) => name !== null && f.touched.has(name)
  return {
    wholly(f, tuple) {
      if (isTouched(f)) return undefined
      const index = find(tuple)
      if (index < 0) return elements.otherwise === null ? null : { datum: elements.otherwise }
      if (elements.conditional?.has(index)) return undefined
      return { datum: elements.data === null ? true : elements.data[index]! }
    },
    partly(f, tuple) {
      return isTouched(f) || mayHold(elements, tuple) ? undefined : null
    },
  }
}
