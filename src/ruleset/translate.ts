import { addressValue } from './address-value.ts'
import { compileExpression, compileMembership, type Load, type SetLookup } from './compile-expression.ts'
import { DECIDED, NO, type Step, YES } from './compile-match.ts'
import type { Flight } from './flight.ts'
import type { Expression, Span, Translation, Value } from './ruleset.ts'

/** A target of a translation: null, the map has none for this packet. */
type Target = (f: Flight) => { readonly address: Value | undefined | 'kept'; readonly port: Port } | null
type Port = number | undefined | 'kept' | Span

/**
 * A statement of address translation as a step that rewrites the flight. Of several possible addresses the kernel
 * chooses one by a hash: the flight's address is unknown then. A port inside the wanted range is kept; another one is
 * chosen by the kernel and unknown. So is the port of a translated source, for another connection may hold it.
 */
export function compileTranslation(translation: Translation, text: string, sets: SetLookup): Step {
  const isSource = translation.kind === 'snat' || translation.kind === 'masquerade'
  const target = compileTarget(translation, sets)
  return (f) => {
    if (translation.family !== null && (translation.family === 'ipv4') !== f.isIpv4) return YES
    const wanted = target(f)
    if (wanted === null) return NO
    f.translations.push({ hook: f.hook, translation, text })
    if (isSource) rewriteSource(f, wanted.address, translation.unpredictable ? undefined : wanted.port)
    else rewriteDestination(f, wanted.address, translation.unpredictable ? undefined : wanted.port)
    if (translation.kind === 'redirect') f.redirected = true
    f.outcome = { kind: 'accept' }
    return DECIDED
  }
}

function compileTarget(translation: Translation, sets: SetLookup): Target {
  const port = compilePart(translation.port, sets)
  if (translation.kind === 'masquerade') return (f) => ({ address: primaryAddress(f, f.oif), port: port(f) as Port })
  if (translation.kind === 'redirect') {
    return (f) => ({ address: f.hook === 'output' ? loopback(f) : primaryAddress(f, f.iif), port: port(f) as Port })
  }
  const { address } = translation
  if (address?.kind === 'lookup') return compileMapped(address, port, sets)
  const load = compilePart(address, sets)
  return (f) => {
    const value = load(f)
    if (value === null) return null
    const single = typeof value === 'object' ? undefined : value
    return { address: single, port: port(f) as Port }
  }
}

function compilePart(part: Expression | Span | null, sets: SetLookup): (f: Flight) => Value | null | undefined | Span {
  if (part === null) return () => 'kept'
  if (part.kind === 'span') return part.low === part.high ? () => part.low : () => part
  return compileExpression(part, sets) satisfies Load
}

/** A map may give an address, or an address with a port. */
function compileMapped(
  lookup: Extract<Expression, { kind: 'lookup' }>,
  port: ReturnType<typeof compilePart>,
  sets: SetLookup,
): Target {
  const membership = compileMembership(lookup.keys, lookup.values, sets)
  return (f) => {
    const found = membership(f)
    if (found === null) return null
    const values = found !== undefined && Array.isArray(found.datum) ? (found.datum as readonly Value[]) : [undefined]
    const mappedPort = values.length > 1 ? (values[1] as number) : (port(f) as Port)
    return { address: values[0], port: found === undefined ? undefined : mappedPort }
  }
}

function primaryAddress(f: Flight, interfaceName: string): Value | undefined {
  const address = f.context.primaryAddress?.(interfaceName, f.packet.family)
  return address === undefined ? undefined : addressValue(address)
}

function loopback(f: Flight): Value {
  return f.isIpv4 ? 0x7f000001 : 1n
}

function rewriteSource(f: Flight, address: Value | undefined | 'kept', port: Port): void {
  const before = f.saddr
  if (address !== 'kept') f.saddr = numeric(address)
  const isKept = address === 'kept' && port === 'kept'
  f.sport = isKept || f.sport === undefined ? f.sport : typeof port === 'number' ? port : undefined
  f.snat = f.saddr === undefined ? undefined : f.saddr !== before || (isKept ? f.snat : undefined)
}

function rewriteDestination(f: Flight, address: Value | undefined | 'kept', port: Port): void {
  const before = { daddr: f.daddr, dport: f.dport }
  if (address !== 'kept') f.daddr = numeric(address)
  if (port !== 'kept' && f.dport !== undefined) f.dport = chosenPort(port, f.dport)
  if (f.daddr === undefined || before.daddr === undefined) f.dnat = undefined
  else if (f.daddr !== before.daddr) f.dnat = true
  else if (before.dport === undefined) f.dnat = port === 'kept' ? f.dnat : undefined
  else f.dnat = f.dport === undefined ? undefined : f.dport !== before.dport || f.dnat
}

function chosenPort(port: Exclude<Port, 'kept'>, now: number): number | undefined {
  if (typeof port !== 'object') return port
  return now >= Number(port.low) && now <= Number(port.high) ? now : undefined
}

function numeric(value: Value | undefined): number | bigint | undefined {
  return typeof value === 'string' ? undefined : value
}
