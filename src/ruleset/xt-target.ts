import { addressValue } from './address-value.ts'
import { parseInteger } from './domain.ts'
import type { Group } from './iptables-words.ts'
import { icmpRejection } from './rejection.ts'
import type { Action, Expression, FieldName, Rejection, Span, Translation } from './ruleset.ts'

/** Targets of iptables that are no verdict and no chain; null for those that change nothing for the packet. */
export const XT_TARGETS: Readonly<Record<string, (target: Group, family: 'ip' | 'ip6') => Action | null>> = {
  ACCEPT: () => ({ kind: 'verdict', verdict: { kind: 'accept' } }),
  DROP: () => ({ kind: 'verdict', verdict: { kind: 'drop' } }),
  RETURN: () => ({ kind: 'verdict', verdict: { kind: 'return' } }),
  REJECT: (target, family) => ({ kind: 'reject', rejection: rejection(wordOf(target, '--reject-with'), family) }),
  DNAT: (target, family) => translation('dnat', wordOf(target, '--to-destination'), target, family),
  SNAT: (target, family) => translation('snat', wordOf(target, '--to-source'), target, family),
  MASQUERADE: (target, family) => portTranslation('masquerade', target, family),
  REDIRECT: (target, family) => portTranslation('redirect', target, family),
  MARK: (target) => assignMark('meta.mark', target),
  CONNMARK: connectionMark,
  NOTRACK: () => ({ kind: 'untrack' }),
  CT: (target) => (hasOption(target, '--notrack') ? { kind: 'untrack' } : null),
  TTL: () => ({ kind: 'assign', field: 'ip.ttl', value: { kind: 'unknown' } }),
  HL: () => ({ kind: 'assign', field: 'ip6.hoplimit', value: { kind: 'unknown' } }),
  LOG: () => null,
  NFLOG: () => null,
  ULOG: () => null,
  TRACE: () => null,
  AUDIT: () => null,
  TEE: () => null,
  TCPMSS: () => null,
  TOS: () => null,
  DSCP: () => null,
  CLASSIFY: () => null,
  CHECKSUM: () => null,
  SET: () => null,
  ECN: () => null,
  TCPOPTSTRIP: () => null,
  SECMARK: () => null,
  CONNSECMARK: () => null,
  IDLETIMER: () => null,
}

function wordOf(target: Group, name: string): string | undefined {
  return target.options.find((option) => option.name === name)?.words[0]
}

function hasOption(target: Group, name: string): boolean {
  return target.options.some((option) => option.name === name)
}

const REJECTIONS_V4: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'net-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp-proto-unreachable': 'prot-unreachable',
  'icmp-port-unreachable': 'port-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
  'icmp-admin-prohibited': 'admin-prohibited',
}

const REJECTIONS_V6: Readonly<Record<string, string>> = {
  'icmp6-no-route': 'no-route',
  'icmp6-adm-prohibited': 'admin-prohibited',
  'icmp6-addr-unreachable': 'addr-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
  'icmp6-policy-fail': 'policy-fail',
  'icmp6-reject-route': 'reject-route',
}

function rejection(name: string | undefined, family: 'ip' | 'ip6'): Rejection {
  if (name === 'tcp-reset') return { kind: 'tcp-reset' }
  const table = family === 'ip' ? REJECTIONS_V4 : REJECTIONS_V6
  const error = name === undefined ? 'port-unreachable' : Object.hasOwn(table, name) ? table[name]! : ''
  return icmpRejection(family === 'ip' ? 'icmp' : 'icmpv6', error)
}

/** `10.0.0.1:80`, `10.0.0.1-10.0.0.9`, `:80-90`, `[fd00::1]:80`, `fd00::1`. */
function translation(kind: 'dnat' | 'snat', to: string | undefined, target: Group, family: 'ip' | 'ip6'): Action {
  const portsAlone = /^:(\d.*)$/.exec(to ?? '')?.[1]
  if (portsAlone !== undefined) return translated(kind, null, portsAlone, target, family)
  const pattern =
    family === 'ip' ? /^([0-9.]*)(?:-([0-9.]+))?(?::(.*))?$/ : /^\[?([0-9a-f:.]*?)(?:-([0-9a-f:.]+))?(?:\]:(.*)|\]?)$/i
  const [, low, high, ports] = pattern.exec(to ?? '') ?? []
  if (low === undefined) return { kind: 'opaque' }
  const addresses = low === '' ? null : spanOf(addressValue(low), addressValue(high ?? low))
  return translated(kind, addresses, ports, target, family)
}

function portTranslation(kind: 'masquerade' | 'redirect', target: Group, family: 'ip' | 'ip6'): Action {
  return translated(kind, null, wordOf(target, '--to-ports'), target, family)
}

function translated(
  kind: Translation['kind'],
  address: Span | Expression | null,
  ports: string | undefined,
  target: Group,
  family: 'ip' | 'ip6',
): Action {
  const [low, high] = (ports ?? '').split('-').map(parseInteger)
  const port = ports === undefined ? null : spanOf(low, ports.includes('-') ? high : low)
  const unpredictable = target.options.some(({ name }) => name.startsWith('--random'))
  const of = family === 'ip' ? 'ipv4' : 'ipv6'
  return { kind: 'translate', translation: { kind, family: of, address, port, unpredictable } }
}

function spanOf(low: Span['low'] | undefined, high: Span['high'] | undefined): Span | Expression {
  return low === undefined || high === undefined ? { kind: 'unknown' } : { kind: 'span', low, high }
}

/** `--set-xmark value/mask`: the bits of the mask are cleared, then the value's are flipped. */
function assignMark(field: FieldName, target: Group): Action {
  const [value, mask = 0xffffffff] = (wordOf(target, '--set-xmark') ?? '').split('/').map(parseInteger)
  if (value === undefined) return { kind: 'assign', field, value: { kind: 'unknown' } }
  return { kind: 'assign', field, value: xmark(field, ~mask >>> 0, constant(value)) }
}

function connectionMark(target: Group): Action {
  const ctMask = parseInteger(wordOf(target, '--ctmask') ?? '0xffffffff')
  const packetMask = parseInteger(wordOf(target, '--nfmask') ?? '0xffffffff')
  const [save, restore] = [hasOption(target, '--save-mark'), hasOption(target, '--restore-mark')]
  if (!save && !restore) return assignMark('ct.mark', target)
  const [to, from]: readonly FieldName[] = save ? ['ct.mark', 'meta.mark'] : ['meta.mark', 'ct.mark']
  const [toMask, fromMask] = save ? [ctMask, packetMask] : [packetMask, ctMask]
  if (toMask === undefined || fromMask === undefined) return { kind: 'assign', field: to!, value: { kind: 'unknown' } }
  const taken: Expression = { kind: 'binary', op: '&', left: field(from!), right: constant(fromMask) }
  return { kind: 'assign', field: to!, value: xmark(to!, ~toMask >>> 0, taken) }
}

function xmark(of: FieldName, kept: number, flipped: Expression): Expression {
  const left: Expression = { kind: 'binary', op: '&', left: field(of), right: constant(kept) }
  return kept === 0 ? flipped : { kind: 'binary', op: '^', left, right: flipped }
}

function field(name: FieldName): Expression {
  return { kind: 'field', field: name, protocol: null }
}

function constant(value: number): Expression {
  return { kind: 'constant', value }
}
