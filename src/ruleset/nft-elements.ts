import { addressValue, prefixSpan } from './address-value.ts'
import { type Domain, domainOfSetType, parseConstant } from './domain.ts'
import { integer, type Json, list, member, objectOf, only, text } from './json.ts'
import { parseNftKey } from './nft-key.ts'
import { parseNftVerdict } from './nft-verdict.ts'
import type { Datum, Elements, NamedSet, Value, Values } from './ruleset.ts'

/** What the elements of a set, or of a map, are made of. */
export interface Shape {
  readonly keys: readonly Domain[]
  /** Null for a set. `any` for an anonymous map, whose values tell by themselves what they are. */
  readonly data: readonly Domain[] | 'verdict' | 'any' | null
}

type Span = readonly [low: Value, high: Value]

/** What stands right of a comparison: one constant, a prefix, a range, `{"set": [...]}` or `"@name"`. */
export function parseNftValues(json: Json, shape: Shape): Values {
  const name = text(json)
  if (name?.startsWith('@')) return { kind: 'named', set: name.slice(1) }
  const [kind, body] = only(json) ?? ['', undefined]
  if (kind === 'set' && !Array.isArray(body)) return parseNftValues(body, shape)
  const elements = parseNftElements(kind === 'set' ? (list(body) ?? []) : [json], shape)
  return elements ?? { kind: 'unreadable' }
}

/** A `set` or `map` object of the listing. */
export function parseNftNamedSet(body: Json): NamedSet | undefined {
  const name = text(member(body, 'name'))
  if (name === undefined) return undefined
  const keys = domainsOf(member(body, 'type'))
  const data = dataDomains(member(body, 'map'))
  const readable = keys !== undefined && data !== undefined
  const elements = readable ? parseNftElements(list(member(body, 'elem')) ?? [], { keys, data }) : undefined
  return { name, elements: elements ?? null }
}

/** Undefined as soon as one element is not understood: a set is known whole or not at all. */
export function parseNftElements(members: readonly Json[], shape: Shape): Elements | undefined {
  const columns = shape.keys.map(() => ({ lows: [] as Value[], highs: [] as Value[] }))
  const data: Datum[] = []
  const conditional = new Set<number>()
  let otherwise: Datum | true | null = null
  for (const one of members) {
    const pair = shape.data === null ? [one, undefined] : (list(one) ?? [])
    if (pair.length !== 2) return undefined
    const [element, isConditional] = unwrapElement(pair[0])
    const datum = shape.data === null ? true : parseDatum(pair[1], shape.data)
    if (element === '*') {
      if (isConditional) return undefined
      otherwise = datum
      continue
    }
    const spans = spansOf(element, shape.keys)
    if (spans === undefined) return undefined
    if (isConditional) conditional.add(columns[0]!.lows.length)
    for (const [index, [low, high]] of spans.entries()) {
      columns[index]!.lows.push(low)
      columns[index]!.highs.push(high)
    }
    if (datum !== true) data.push(datum)
  }
  const kept = shape.data === null ? null : data
  return { kind: 'elements', columns, data: kept, otherwise, conditional: conditional.size === 0 ? null : conditional }
}

/** `{"elem": {"val": ..., "limit": ...}}`: a comment or a time changes nothing, a statement may. */
function unwrapElement(json: Json): readonly [Json, boolean] {
  const body = member(json, 'elem')
  if (body === undefined) return [json, false]
  const harmless = ['val', 'comment', 'timeout', 'expires', 'counter', 'last']
  return [member(body, 'val'), Object.keys(objectOf(body) ?? {}).some((key) => !harmless.includes(key))]
}

function spansOf(json: Json, domains: readonly Domain[]): readonly Span[] | undefined {
  if (domains.length === 1) {
    const span = spanOf(json, domains[0]!)
    return span === undefined ? undefined : [span]
  }
  const parts = list(member(json, 'concat'))
  if (parts?.length !== domains.length) return undefined
  const spans = parts.map((part, index) => spanOf(part, domains[index]!))
  return spans.every((span) => span !== undefined) ? spans : undefined
}

function spanOf(json: Json, domain: Domain): Span | undefined {
  if (typeof json !== 'object') return constantSpan(json, domain)
  const [kind, body] = only(json) ?? ['', undefined]
  if (kind === 'prefix') {
    const address = addressValue(text(member(body, 'addr')) ?? '')
    const span = address === undefined ? undefined : prefixSpan(address, integer(member(body, 'len')) ?? -1)
    return span !== undefined && typeof span[0] === (domain === 'ipv6' ? 'bigint' : 'number') ? span : undefined
  }
  if (kind !== 'range') return undefined
  const ends = (list(body) ?? []).map((end) => parseConstant(domain, end))
  const [low, high] = ends
  return ends.length === 2 && low !== undefined && high !== undefined && low <= high ? [low, high] : undefined
}

/** Interface names may end in a wildcard. */
export function constantSpan(json: Json, domain: Domain): Span | undefined {
  const value = parseConstant(domain, json)
  if (value === undefined) return undefined
  if (domain !== 'interface' || typeof value !== 'string' || !value.endsWith('*')) return [value, value]
  return wildcardSpan(value.slice(0, -1))
}

/** All names that begin so: no character of a name comes after U+FFFF. */
export function wildcardSpan(prefix: string): Span {
  return [prefix, `${prefix}\uffff`]
}

function parseDatum(json: Json, data: readonly Domain[] | 'verdict' | 'any'): Datum {
  const verdict = data === 'verdict' || data === 'any' ? parseNftVerdict(json) : undefined
  if (verdict !== undefined || data === 'verdict') return verdict ?? null
  const parts = list(member(json, 'concat')) ?? [json]
  const values = parts.map((part, index) => parseMapped(part, data === 'any' ? undefined : data[index]))
  return values.every((value) => value !== undefined) ? values : null
}

function parseMapped(json: Json, domain: Domain | undefined): Value | undefined {
  if (domain !== undefined) return parseConstant(domain, json)
  return typeof json === 'string' ? addressValue(json) : parseConstant('number', json)
}

function domainsOf(json: Json): readonly Domain[] | undefined {
  const typeOf = member(json, 'typeof')
  if (typeOf !== undefined) {
    const parts = list(member(typeOf, 'concat')) ?? [typeOf]
    const keys = parts.map((part) => parseNftKey(part))
    return keys.some((key) => key.expression.kind === 'unknown') ? undefined : keys.map((key) => key.domain)
  }
  const names = typeof json === 'string' ? json.split(' . ') : (list(json) ?? [])
  const domains = names.map((name) => domainOfSetType(text(name) ?? ''))
  return domains.length > 0 && domains.every((domain) => domain !== undefined) ? domains : undefined
}

function dataDomains(json: Json): Shape['data'] | undefined {
  if (json === undefined) return null
  return json === 'verdict' ? 'verdict' : domainsOf(json)
}
