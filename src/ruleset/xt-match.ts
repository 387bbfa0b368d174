import { addressValue, prefixSpan } from './address-value.ts'
import { type Domain, domainOfField, parseConstant, parseInteger } from './domain.ts'
import type { Option } from './iptables-words.ts'
import * as names from './names.ts'
import { numberOf } from './names.ts'
import { wildcardSpan } from './nft-elements.ts'
import type { Action, Expression, FieldName, Value } from './ruleset.ts'

type Span = readonly [low: Value, high: Value]

/** What a match module needs to know of its rule: the family of its table, and the protocol that `-p` asks for. */
export interface RuleScope {
  readonly family: 'ip' | 'ip6'
  readonly protocol: number | null
}

type ReadOption = (option: Option, scope: RuleScope) => Action | null

/** Options that can be judged, by module; null for what always matches. What is not here is a `maybe`. */
export const XT_MATCHES: Readonly<Record<string, Readonly<Record<string, ReadOption>>>> = {
  '': {
    '-s': (option, scope) => address('saddr', option, scope),
    '-d': (option, scope) => address('daddr', option, scope),
    '-i': (option) => interfaceName('meta.iifname', option),
    '-o': (option) => interfaceName('meta.oifname', option),
    '-p': protocol,
    '-f': (option) => never('ip.fragmented', option.negated),
  },
  tcp: { ...ports(), '--tcp-flags': tcpFlags, '--syn': tcpFlags },
  udp: ports(),
  udplite: ports(),
  sctp: ports(),
  dccp: ports(),
  multiport: {
    '--dports': (option, scope) => portList(['th.dport'], option, scope),
    '--sports': (option, scope) => portList(['th.sport'], option, scope),
  },
  comment: { '--comment': () => null },
  conntrack: {
    '--ctstate': ctState,
    '--ctstatus': ctStatus,
    '--ctdir': (option) => inField('ct.direction', lowerCase(option)),
    '--ctorigsrc': (option, scope) => prefix(`ct.original.${scope.family}.saddr`, option, scope),
    '--ctorigdst': (option, scope) => prefix(`ct.original.${scope.family}.daddr`, option, scope),
    '--ctorigdstport': (option) => portRange('ct.original.dport', null, option),
    '--ctorigsrcport': (option) => portRange('ct.original.sport', null, option),
  },
  state: { '--state': ctState },
  mark: { '--mark': (option) => marked('meta.mark', option) },
  connmark: { '--mark': (option) => marked('ct.mark', option) },
  icmp: { '--icmp-type': (option) => icmp(1, option) },
  icmp6: { '--icmpv6-type': (option) => icmp(58, option) },
  addrtype: {
    '--dst-type': (option) => addressType('fib.daddr.type', option),
    '--src-type': (option) => addressType('fib.saddr.type', option),
  },
  iprange: {
    '--src-range': (option, scope) => addressRange('saddr', option, scope),
    '--dst-range': (option, scope) => addressRange('daddr', option, scope),
  },
  pkttype: { '--pkt-type': (option) => inField('meta.pkttype', lowerCase(option)) },
  ttl: {
    '--ttl-eq': (option) => numeric('ip.ttl', option, (n) => [n, n]),
    ...beyond('ip.ttl', '--ttl-lt', '--ttl-gt'),
  },
  hl: {
    '--hl-eq': (option) => numeric('ip6.hoplimit', option, (n) => [n, n]),
    ...beyond('ip6.hoplimit', '--hl-lt', '--hl-gt'),
  },
  length: { '--length': (option) => portRange('meta.length', null, option) },
  // Without the header the match fails, negated or not.
  rt: { '--rt-type': () => never('ip6.extension', false) },
  // Noting a sender matches always; only looking one up may fail.
  recent: {
    '--set': (option) => (option.negated ? MAYBE : null),
    '--name': () => null,
    '--mask': () => null,
    '--rsource': () => null,
    '--rdest': () => null,
  },
}

const MAYBE: Action = { kind: 'maybe' }

/** A condition on what no packet of a walk has. Negated it holds. */
function never(field: FieldName, negated: boolean): Action {
  return inSpans(fieldOf(field), [[1, 1]], negated)
}

function fieldOf(field: FieldName, protocol: number | null = null): Expression {
  return { kind: 'field', field, protocol }
}

function inSpans(key: Expression, spans: readonly (Span | undefined)[], negated: boolean): Action {
  if (spans.length === 0 || !spans.every((span) => span !== undefined)) return MAYBE
  const column = { lows: spans.map(([low]) => low), highs: spans.map(([, high]) => high) }
  const values = { kind: 'elements' as const, columns: [column], data: null, otherwise: null, conditional: null }
  return { kind: 'match', keys: [key], values, negated }
}

function inField(field: FieldName, option: Option): Action {
  const value = parseConstant(domainOfField(field), option.words[0])
  return inSpans(fieldOf(field), [value === undefined ? undefined : [value, value]], option.negated)
}

function lowerCase(option: Option): Option {
  return { ...option, words: option.words.map((word) => word.toLowerCase()) }
}

function address(end: 'saddr' | 'daddr', option: Option, scope: RuleScope): Action {
  return prefix(`${scope.family}.${end}`, option, scope)
}

/** `10.0.0.0/8`, `fd00::/8`, or an address and a mask of any form. */
function prefix(field: FieldName, option: Option, scope: RuleScope): Action {
  const [text, length] = (option.words[0] ?? '').split('/')
  const value = addressValue(text ?? '')
  if (value === undefined || typeof value !== (scope.family === 'ip' ? 'number' : 'bigint')) return MAYBE
  const bits = length === undefined ? (scope.family === 'ip' ? 32 : 128) : parseInteger(length)
  if (bits !== undefined) return inSpans(fieldOf(field), [prefixSpan(value, bits)], option.negated)
  const mask = addressValue(length!)
  if (mask === undefined || typeof mask !== typeof value) return MAYBE
  const masked = { kind: 'binary', op: '&', left: fieldOf(field), right: { kind: 'constant', value: mask } } as const
  return inSpans(masked, [[value, value]], option.negated)
}

function addressRange(end: 'saddr' | 'daddr', option: Option, scope: RuleScope): Action {
  const domain: Domain = scope.family === 'ip' ? 'ipv4' : 'ipv6'
  const [low, high] = (option.words[0] ?? '').split('-').map((text) => parseConstant(domain, text))
  const span = low !== undefined && high !== undefined ? ([low, high] as const) : undefined
  return inSpans(fieldOf(`${scope.family}.${end}`), [span], option.negated)
}

function interfaceName(field: FieldName, option: Option): Action {
  const name = option.words[0] ?? ''
  const span = name.endsWith('+') ? wildcardSpan(name.slice(0, -1)) : ([name, name] as const)
  return inSpans(fieldOf(field), [span], option.negated)
}

export function protocolNumber(name: string): number | undefined {
  return parseInteger(name) ?? numberOf(names.PROTOCOLS, name)
}

function protocol(option: Option): Action | null {
  const number = protocolNumber(option.words[0] ?? '')
  if (number === 0) return null
  return inSpans(fieldOf('meta.l4proto'), [number === undefined ? undefined : [number, number]], option.negated)
}

function ports(): Readonly<Record<string, ReadOption>> {
  return {
    '--dport': (option, scope) => portRange('th.dport', scope.protocol, option),
    '--sport': (option, scope) => portRange('th.sport', scope.protocol, option),
  }
}

/** `80`, `80:90`, `:90`, `80:`. */
function portSpan(text: string): Span | undefined {
  const [first, last] = text.includes(':') ? text.split(':') : [text, text]
  const low = first === '' ? 0 : parseInteger(first!)
  const high = last === '' ? 65535 : parseInteger(last!)
  return low === undefined || high === undefined ? undefined : [low, high]
}

function portRange(field: FieldName, guard: number | null, option: Option): Action {
  return inSpans(fieldOf(field, guard), [portSpan(option.words[0] ?? '')], option.negated)
}

function portList(fields: readonly FieldName[], option: Option, scope: RuleScope): Action {
  const spans = (option.words[0] ?? '').split(',').map(portSpan)
  return inSpans(fieldOf(fields[0]!, scope.protocol), spans, option.negated)
}

function bits(table: Readonly<Record<string, number>>, list: string): number | undefined {
  if (list === 'NONE') return 0
  const parts = list.split(',').map((name) => numberOf(table, name.toLowerCase()))
  return parts.every((bit) => bit !== undefined) ? parts.reduce((all, bit) => all | bit, 0) : undefined
}

function ctState(option: Option): Action {
  const mask = bits(names.CT_STATES, option.words[0] ?? '')
  if (mask === undefined) return MAYBE
  const withNat = (mask & (names.CT_STATES.snat | names.CT_STATES.dnat)) !== 0
  return { kind: 'match-bits', key: fieldOf(withNat ? 'ct.state-with-nat' : 'ct.state'), mask, any: !option.negated }
}

/** NONE asks that no bit at all is set, which is not told. */
function ctStatus(option: Option): Action {
  const table = { expected: 1, seen_reply: 2, assured: 4, confirmed: 8 }
  const mask = bits(table, option.words[0] ?? '')
  return mask ? { kind: 'match-bits', key: fieldOf('ct.status'), mask, any: !option.negated } : MAYBE
}

const XT_TCP_FLAGS = { ...names.TCP_FLAGS, all: 63 }

function tcpFlags(option: Option): Action {
  const [maskText, wantedText] = option.name === '--syn' ? ['FIN,SYN,RST,ACK', 'SYN'] : option.words
  const mask = bits(XT_TCP_FLAGS, maskText ?? '')
  const wanted = bits(XT_TCP_FLAGS, wantedText ?? '')
  if (mask === undefined || wanted === undefined) return MAYBE
  const masked = { kind: 'binary', op: '&', left: fieldOf('tcp.flags', 6), right: constant(mask) } as const
  return inSpans(masked, [[wanted, wanted]], option.negated)
}

function constant(value: Value): Expression {
  return { kind: 'constant', value }
}

function marked(field: FieldName, option: Option): Action {
  const [value, mask] = (option.words[0] ?? '').split('/').map(parseInteger)
  if (value === undefined || (option.words[0]!.includes('/') && mask === undefined)) return MAYBE
  const left = fieldOf(field)
  const key: Expression = mask === undefined ? left : { kind: 'binary', op: '&', left, right: constant(mask) }
  return inSpans(key, [[value, value]], option.negated)
}

/** `8`, `3/4`, `any`, or a name; type and code become one number. */
function icmp(guard: number, option: Option): Action | null {
  const [typeText, codeText] = (option.words[0] ?? '').split('/')
  if (typeText === 'any' || (typeText === '255' && guard === 1)) return null
  const type = parseConstant(guard === 1 ? 'icmp-type' : 'icmpv6-type', typeText)
  const code = codeText === undefined ? undefined : parseInteger(codeText)
  if (typeof type !== 'number' || (codeText !== undefined && code === undefined)) return MAYBE
  if (code === undefined) return inSpans(fieldOf('icmp.type', guard), [[type, type]], option.negated)
  const columns = [type, code].map((value) => ({ lows: [value], highs: [value] }))
  const values = { kind: 'elements' as const, columns, data: null, otherwise: null, conditional: null }
  const keys = [fieldOf('icmp.type', guard), fieldOf('icmp.code', guard)]
  return { kind: 'match', keys, values, negated: option.negated }
}

function addressType(field: FieldName, option: Option): Action {
  const types = (option.words[0] ?? '').toLowerCase().split(',')
  const values = types.map((name) => numberOf(names.ADDRESS_TYPES, name))
  return inSpans(
    fieldOf(field),
    values.map((value) => (value === undefined ? undefined : [value, value])),
    option.negated,
  )
}

function numeric(field: FieldName, option: Option, span: (n: number) => Span): Action {
  const number = parseInteger(option.words[0] ?? '')
  return inSpans(fieldOf(field), [number === undefined ? undefined : span(number)], option.negated)
}

function beyond(field: FieldName, less: string, more: string): Readonly<Record<string, ReadOption>> {
  return {
    [less]: (option) => numeric(field, option, (n) => [0, n - 1]),
    [more]: (option) => numeric(field, option, (n) => [n + 1, 255]),
  }
}
