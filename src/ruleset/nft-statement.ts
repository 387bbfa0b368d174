import { addressValue } from './address-value.ts'
import type { Domain } from './domain.ts'
import { type Json, list, member, only, text } from './json.ts'
import { NFPROTO, PROTOCOLS } from './names.ts'
import { constantSpan, parseNftValues } from './nft-elements.ts'
import { type Key, parseNftBits, parseNftKey, parseNftOperand } from './nft-key.ts'
import { nftText } from './nft-text.ts'
import { parseNftVerdict } from './nft-verdict.ts'
import { icmpRejection } from './rejection.ts'
import type { Action, Expression, FieldName, Span, Statement, TableFamily, Translation, Value } from './ruleset.ts'

/**
 * The statements of one rule. In an inet table nft (seen in 1.0.6) leaves out `meta nfproto` before a TCP reset when it
 * lists the rule, whatever else the rule asks of the family, so it is not known whether the rule means both: the rule's
 * program tells (`withFamilies`).
 */
export function parseNftRule(expressions: readonly Json[], family: TableFamily): readonly Statement[] {
  const statements = expressions.flatMap(parseNftStatements)
  if (family !== 'inet') return statements
  return statements.flatMap((one) =>
    one.kind === 'reject' && one.rejection.kind === 'tcp-reset' ? [FAMILY_DOUBT, one] : [one],
  )
}

export const FAMILY_DOUBT: Statement = { kind: 'maybe', text: 'a family that nft does not list' }

/**
 * One statement of nft's JSON as the steps that it takes; none when it changes nothing for the packet. What nobody knows
 * is `opaque`.
 */
function parseNftStatements(json: Json): readonly Statement[] {
  const statement = parseStatement(json)
  if (statement === null) return []
  const implied = statement.kind === 'reject' ? impliedBy(json) : null
  return implied === null ? [statement] : [implied, statement]
}

/** A rejection of one protocol asks for it first; nft keeps quiet about that when it lists the rule. */
function impliedBy(json: Json): Statement | null {
  const type = text(member(member(json, 'reject'), 'type'))
  if (type === 'tcp reset') return impliedMatch('meta.l4proto', PROTOCOLS.tcp!, 'meta l4proto tcp')
  if (type === 'icmp') return familyMatch(NFPROTO.ipv4)
  return type === 'icmpv6' ? familyMatch(NFPROTO.ipv6) : null
}

/** The condition that nft writes as `meta nfproto`; `family` is one of `NFPROTO`. */
export function familyMatch(family: number): Statement {
  return impliedMatch('meta.nfproto', family, `meta nfproto ${family === NFPROTO.ipv4 ? 'ipv4' : 'ipv6'}`)
}

function impliedMatch(field: FieldName, value: number, words: string): Statement {
  const keys = [{ kind: 'field' as const, field, protocol: null }]
  return { text: words, kind: 'match', keys, values: oneSpan(value, value), negated: false }
}

function parseStatement(json: Json): Statement | null {
  const [kind, body] = only(json) ?? ['', undefined]
  if (HARMLESS.has(kind)) return null
  const verdict = parseNftVerdict(json)
  const read = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind] : undefined
  if (verdict !== undefined) return { text: nftText(json), kind: 'verdict', verdict }
  const action: Action | null = read === undefined ? { kind: 'opaque' } : read(body)
  return action === null ? null : { text: nftText(json), ...action }
}

/** `dup` sends a copy elsewhere, `flow` speeds up what was accepted; neither changes the fate of this packet. */
const HARMLESS: ReadonlySet<string> = new Set([
  'counter',
  'log',
  'last',
  'dup',
  'flow',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'continue',
])

const STATEMENTS: Readonly<Record<string, (body: Json) => Action | null>> = {
  match: parseMatch,
  vmap: (body) => {
    const keys = parseKeys(member(body, 'key'))
    const values = parseNftValues(member(body, 'data'), { keys: keys.map((key) => key.domain), data: 'verdict' })
    return { kind: 'choose', keys: keys.map((key) => key.expression), values }
  },
  reject: parseReject,
  mangle: parseMangle,
  notrack: () => ({ kind: 'untrack' }),
  set: parseSetStatement,
  map: parseSetStatement,
  limit: () => ({ kind: 'maybe' }),
  quota: () => ({ kind: 'maybe' }),
  'ct count': () => ({ kind: 'maybe' }),
  meter: () => ({ kind: 'maybe' }),
  dnat: (body) => parseTranslation('dnat', body),
  snat: (body) => parseTranslation('snat', body),
  masquerade: (body) => parseTranslation('masquerade', body),
  redirect: (body) => parseTranslation('redirect', body),
  // A match of iptables may fail; a target may do anything.
  xt: (body) => ({ kind: member(body, 'type') === 'match' ? 'maybe' : 'opaque' }),
}

const BIT_DOMAINS: ReadonlySet<Domain> = new Set<Domain>(['ct-state', 'ct-status', 'tcp-flags'])

function parseKeys(json: Json): readonly Key[] {
  return (list(member(json, 'concat')) ?? [json]).map((part) => parseNftKey(part))
}

function parseMatch(body: Json): Action {
  const keys = parseKeys(member(body, 'left'))
  const [op, right] = [text(member(body, 'op')), member(body, 'right')]
  if (keys.some((key) => key.expression.kind === 'unknown')) return { kind: 'maybe' }
  const first = keys[0]!
  if (keys.length === 1 && BIT_DOMAINS.has(first.domain) && (op === 'in' || op === '!')) {
    const mask = parseNftBits(right, first.domain)
    if (typeof mask === 'number') return { kind: 'match-bits', key: first.expression, mask, any: op === 'in' }
  }
  const expressions = keys.map((key) => key.expression)
  const values = op === '==' || op === '!=' || op === 'in' ? rightSide(right, keys) : ordered(op, right, first.domain)
  if (values.kind === 'unreadable') return { kind: 'maybe' }
  return { kind: 'match', keys: expressions, values, negated: op === '!=' }
}

function rightSide(right: Json, keys: readonly Key[]) {
  const domains = keys.map((key) => key.domain)
  const bits = domains.length === 1 && typeof right === 'object' ? parseNftBits(right, domains[0]!) : undefined
  return bits === undefined ? parseNftValues(right, { keys: domains, data: null }) : oneSpan(bits, bits)
}

function oneSpan(low: Value, high: Value) {
  const columns = [{ lows: [low], highs: [high] }]
  return { kind: 'elements' as const, columns, data: null, otherwise: null, conditional: null }
}

function ordered(op: string | undefined, right: Json, domain: Domain) {
  const value = parseNftBits(right, domain)
  const [least, most] = typeof value === 'bigint' ? [0n, (1n << 128n) - 1n] : [0, Number.MAX_SAFE_INTEGER]
  const one = typeof value === 'bigint' ? 1n : 1
  if (value === undefined || typeof value === 'string') return { kind: 'unreadable' as const }
  if (op === '<') return oneSpan(least, sum(value, -one))
  if (op === '<=') return oneSpan(least, value)
  if (op === '>') return oneSpan(sum(value, one), most)
  return op === '>=' ? oneSpan(value, most) : { kind: 'unreadable' as const }
}

function sum(a: number | bigint, b: number | bigint): Value {
  return typeof a === 'bigint' ? a + BigInt(b) : a + Number(b)
}

function parseReject(body: Json): Action {
  const [type, name] = [text(member(body, 'type')), text(member(body, 'expr'))]
  if (type === 'tcp reset') return { kind: 'reject', rejection: { kind: 'tcp-reset' } }
  if (type === undefined) return { kind: 'reject', rejection: icmpRejection('icmpx', 'port-unreachable') }
  const known = type === 'icmp' || type === 'icmpv6' || type === 'icmpx'
  return { kind: 'reject', rejection: known ? icmpRejection(type, name ?? 'port-unreachable') : { kind: 'unknown' } }
}

/** What is assigned elsewhere (priority, tracing, DSCP, options of TCP) is nothing that a rule of ours asks for. */
function parseMangle(body: Json): Action | null {
  const target = parseNftKey(member(body, 'key'))
  if (target.expression.kind !== 'field') return unreadTarget(member(body, 'key'))
  const { field } = target.expression
  return { kind: 'assign', field, value: parseValue(member(body, 'value'), target.domain) }
}

const HARMLESS_TARGETS: ReadonlySet<string> = new Set([
  'nftrace',
  'priority',
  'dscp',
  'ecn',
  'event',
  'label',
  'secmark',
  'tcp option',
])

function unreadTarget(json: Json): Action | null {
  const [kind, body] = only(json) ?? ['', undefined]
  const name = kind === 'tcp option' ? kind : (text(member(body, 'key')) ?? text(member(body, 'field')) ?? '')
  return HARMLESS_TARGETS.has(name) ? null : { kind: 'opaque' }
}

function parseValue(json: Json, domain: Domain): Expression {
  return parseMapLookup(json) ?? parseNftOperand(json, domain)
}

function parseMapLookup(json: Json): Expression | undefined {
  const body = member(json, 'map')
  if (body === undefined) return undefined
  const keys = parseKeys(member(body, 'key'))
  const values = parseNftValues(member(body, 'data'), { keys: keys.map((key) => key.domain), data: 'any' })
  return { kind: 'lookup', keys: keys.map((key) => key.expression), values }
}

/** With a limit or another statement inside, it may fail as a condition. */
function parseSetStatement(body: Json): Action {
  if (member(body, 'stmt') !== undefined) return { kind: 'maybe' }
  return { kind: 'touch', set: (text(member(body, 'set')) ?? text(member(body, 'map')) ?? '').replace(/^@/, '') }
}

function parseTranslation(kind: Translation['kind'], body: Json): Action {
  const flags = [member(body, 'flags'), member(body, 'type_flags')].flat()
  const family = member(body, 'family')
  const translation: Translation = {
    kind,
    family: family === 'ip' ? 'ipv4' : family === 'ip6' ? 'ipv6' : null,
    address: parseTarget(member(body, 'addr'), 'address'),
    port: parseTarget(member(body, 'port'), 'port'),
    unpredictable: flags.some((flag) => flag !== undefined && flag !== 'persistent' && flag !== 'interval'),
  }
  return { kind: 'translate', translation }
}

function parseTarget(json: Json, what: 'address' | 'port'): Expression | Span | null {
  if (json === undefined) return null
  const lookup = parseMapLookup(json)
  if (lookup !== undefined) return lookup
  const prefix = member(json, 'prefix')
  if (prefix !== undefined) return { kind: 'unknown' }
  const range = list(member(json, 'range'))
  const ends = (range ?? [json]).map((end) => targetValue(end, what))
  const [low, high] = [ends[0], ends.at(-1)]
  return low === undefined || high === undefined ? { kind: 'unknown' } : { kind: 'span', low, high }
}

function targetValue(json: Json, what: 'address' | 'port'): Value | undefined {
  if (what === 'port') return constantSpan(json, 'number')?.[0]
  return typeof json === 'string' ? addressValue(json) : undefined
}
