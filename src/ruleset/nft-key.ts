import { type Domain, domainOfField, parseConstant } from './domain.ts'
import { type Json, list, member, only, text } from './json.ts'
import { PROTOCOLS } from './names.ts'
import type { BinaryOperator, Expression, FieldName, Value } from './ruleset.ts'

const MAX_DEPTH = 16

/** An expression that stands for something of the packet, and what its values are. */
export interface Key {
  readonly expression: Expression
  readonly domain: Domain
}

export const UNKNOWN_KEY: Key = { expression: { kind: 'unknown' }, domain: 'number' }

/** Reads what stands left of a comparison, or before a map: `{"payload": ...}`, `{"meta": ...}`, `{"&": [..., mask]}`. */
export function parseNftKey(json: Json, depth = 0): Key {
  const [kind, body] = only(json) ?? ['', undefined]
  if (depth > MAX_DEPTH) return UNKNOWN_KEY
  if (kind === 'payload') return payloadKey(body)
  if (kind === 'meta') return metaKey(text(member(body, 'key')) ?? '')
  if (kind === 'ct') return ctKey(text(member(body, 'key')) ?? '', text(member(body, 'dir')))
  if (kind === 'fib') return fibKey(body)
  if (kind === 'exthdr') return member(body, 'field') === undefined ? key('ip6.extension') : UNKNOWN_KEY
  if (OPERATORS.has(kind)) return binaryKey(kind as BinaryOperator, list(body) ?? [], depth)
  return UNKNOWN_KEY
}

const OPERATORS: ReadonlySet<string> = new Set<BinaryOperator>(['&', '|', '^', '<<', '>>'])

/** A constant, several of them or-ed (`["syn", "ack"]`), or a key. */
export function parseNftOperand(json: Json, domain: Domain, depth = 0): Expression {
  const value = parseNftBits(json, domain)
  return value === undefined ? parseNftKey(json, depth).expression : { kind: 'constant', value }
}

/** One constant, or the bitwise or of several; undefined for anything else. */
export function parseNftBits(json: Json, domain: Domain): Value | undefined {
  const [kind, body] = only(json) ?? ['', undefined]
  const parts = list(kind === '|' ? body : json)
  if (parts === undefined) return parseConstant(domain, json)
  const values = parts.map((part) => parseConstant(domain, part))
  if (parts.length === 0 || parts.length > 64 || !values.every((value) => typeof value === 'number')) return undefined
  return values.reduce((all, value) => (all | value) >>> 0, 0)
}

function binaryKey(op: BinaryOperator, operands: readonly Json[], depth: number): Key {
  const [first, ...rest] = operands
  if (rest.length === 0 || rest.length > 64) return UNKNOWN_KEY
  const left = parseNftKey(first, depth + 1)
  const expression = rest.reduce<Expression>(
    (so, operand) => ({ kind: 'binary', op, left: so, right: parseNftOperand(operand, left.domain, depth + 1) }),
    left.expression,
  )
  return { expression, domain: left.domain }
}

function key(field: FieldName, protocol: number | null = null, domain = domainOfField(field)): Key {
  return { expression: { kind: 'field', field, protocol }, domain }
}

const PORTED = ['tcp', 'udp', 'udplite', 'sctp', 'dccp']

const PAYLOADS: Readonly<Record<string, Key>> = {
  'ip saddr': key('ip.saddr'),
  'ip daddr': key('ip.daddr'),
  'ip protocol': key('ip.protocol'),
  'ip version': key('ip.version'),
  'ip ttl': key('ip.ttl'),
  'ip6 saddr': key('ip6.saddr'),
  'ip6 daddr': key('ip6.daddr'),
  'ip6 hoplimit': key('ip6.hoplimit'),
  'ether type': key('meta.protocol'),
  'tcp flags': key('tcp.flags', 6),
  'icmp type': key('icmp.type', 1, 'icmp-type'),
  'icmp code': key('icmp.code', 1, 'icmp-code'),
  'icmpv6 type': key('icmp.type', 58, 'icmpv6-type'),
  'icmpv6 code': key('icmp.code', 58, 'icmpv6-code'),
  'th sport': key('th.sport'),
  'th dport': key('th.dport'),
  ...Object.fromEntries(
    PORTED.flatMap((name) => [
      [`${name} sport`, key('th.sport', PROTOCOLS[name]!)],
      [`${name} dport`, key('th.dport', PROTOCOLS[name]!)],
    ]),
  ),
}

function payloadKey(body: Json): Key {
  return own(PAYLOADS, `${text(member(body, 'protocol'))} ${text(member(body, 'field'))}`)
}

const METAS: Readonly<Record<string, Key>> = {
  l4proto: key('meta.l4proto'),
  nfproto: key('meta.nfproto'),
  protocol: key('meta.protocol'),
  iifname: key('meta.iifname'),
  oifname: key('meta.oifname'),
  // By index in the kernel, by name in the listing.
  iif: key('meta.iifname'),
  oif: key('meta.oifname'),
  mark: key('meta.mark'),
  length: key('meta.length'),
  pkttype: key('meta.pkttype'),
}

function metaKey(name: string): Key {
  return own(METAS, name)
}

const CTS: Readonly<Record<string, Key>> = {
  state: key('ct.state'),
  status: key('ct.status'),
  direction: key('ct.direction'),
  mark: key('ct.mark'),
}

const CT_ORIGINALS: Readonly<Record<string, Key>> = {
  'ip saddr': key('ct.original.ip.saddr'),
  'ip daddr': key('ct.original.ip.daddr'),
  'ip6 saddr': key('ct.original.ip6.saddr'),
  'ip6 daddr': key('ct.original.ip6.daddr'),
  'proto-src': key('ct.original.sport'),
  'proto-dst': key('ct.original.dport'),
}

function ctKey(name: string, direction: string | undefined): Key {
  if (direction === undefined) return own(CTS, name)
  return direction === 'original' ? own(CT_ORIGINALS, name) : UNKNOWN_KEY
}

/** The type of an address by the routing tables alone, or whether its source is reached by where it came in. */
function fibKey(body: Json): Key {
  const flags = list(member(body, 'flags')) ?? []
  const isReversed = flags.includes('saddr') && flags.includes('iif') && !flags.includes('daddr')
  if (member(body, 'result') === 'oif' && isReversed) return key('fib.reverse-path')
  if (member(body, 'result') !== 'type' || flags.length !== 1) return UNKNOWN_KEY
  if (flags[0] === 'saddr') return key('fib.saddr.type')
  return flags[0] === 'daddr' ? key('fib.daddr.type') : UNKNOWN_KEY
}

function own(table: Readonly<Record<string, Key>>, name: string): Key {
  return Object.hasOwn(table, name) ? table[name]! : UNKNOWN_KEY
}
