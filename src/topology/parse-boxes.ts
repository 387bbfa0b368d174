import { isMap, isScalar } from 'yaml'
import { errorText } from '../model/error.ts'
import type { Message } from '../model/message.ts'
import { checkName, type Names, nameOf } from './names.ts'
import { payload } from './payload.ts'
import { asWritten, keyWith, neededToo } from './problem.ts'
import { found, list, optional, type Parse, record, required } from './reader.ts'
import { addresses, BOTH, checkedLater, flag, integer, nameAndPort, port, transports, word } from './scalars.ts'
import {
  type Box,
  type Filter,
  type Forward,
  type Nat,
  PORT_CHOICES,
  PORT_MAPPING_PROTOCOLS,
  type PortChoice,
} from './topology.ts'

type BoxValue = Omit<Box, 'name'>

const BEHAVIORS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const

/** The value of one entry of `routers:`: the customer's own. */
export function routerParser(names: Names): Parse<BoxValue> {
  return completed('router', {
    ...sides(names),
    nat: optional<Nat | null>(nat, null),
    firewall: optional(word(['stateful', 'open'] as const), 'stateful'),
    forwards: optional(list(forwardParser(names)), []),
    dmz: optional<string | null>(nameOf(names, 'host', 'box'), null),
    portMapping: optional(list(word(PORT_MAPPING_PROTOCOLS)), []),
    portMappingOutside: optional(flag, false),
    page: optional(flag, true),
  })
}

/** The value of one entry of `carriers:`: translates for many customers. */
export function carrierParser(names: Names): Parse<BoxValue> {
  return completed('carrier', { ...sides(names), nat: required<Nat | null>(nat) })
}

/** The value of one entry of `providers:`: carries packets, and filters them. */
export function providerParser(names: Names): Parse<BoxValue> {
  return completed('provider', { ...sides(names), filters: optional(list(filter), []) })
}

function sides(names: Names) {
  return {
    inside: required(nameOf(names, 'network')),
    outside: required(nameOf(names, 'network')),
    address: optional(addresses, []),
  }
}

type Given = Pick<Box, 'inside' | 'outside'> & Partial<BoxValue> & { readonly address: readonly string[] }

/** What only the other kinds have stands at what it is when it is absent. */
function completed(kind: Box['kind'], fields: Parameters<typeof record>[0]): Parse<BoxValue> {
  const parse = record(fields) as Parse<Given>
  return (reader, at) => {
    const given = parse(reader, at)
    if (given === undefined) return undefined
    const { address, ...rest } = given
    if (rest.inside === rest.outside) {
      return reader.wrong(at, errorText('problem.same-network'), errorText('problem.two-networks'))
    }
    if (rest.portMappingOutside && (rest.nat == null || rest.portMapping?.length === 0)) {
      return reader.wrong(
        at,
        asWritten('portMappingOutside'),
        neededToo(errorText('problem.and', { one: 'nat', other: 'portMapping' })),
      )
    }
    const absent = {
      nat: null,
      firewall: 'open',
      forwards: [],
      dmz: null,
      portMapping: [],
      page: false,
      filters: [],
    } as const
    return { kind, ...absent, ...rest, addresses: address }
  }
}

const natFields = record({
  mapping: required(word(BEHAVIORS)),
  filtering: required(word(BEHAVIORS)),
  portPreservation: optional<boolean | null>(flag, null),
  ports: optional<PortChoice | null>(word(PORT_CHOICES), null),
  portParity: optional(flag, false),
  pooling: optional<'paired' | 'arbitrary' | null>(word(['paired', 'arbitrary'] as const), null),
  hairpinning: optional(flag, false),
  refresh: optional(word(['both', 'outbound'] as const), 'both'),
  remembers: optional(word(['mapping', 'host'] as const), 'mapping'),
  udpTimeoutSeconds: optional(seconds(86_400), 300),
  udpUnansweredTimeoutSeconds: optional<number | null>(seconds(86_400), null),
  tcpTimeoutSeconds: optional(seconds(1_000_000), 7_440),
  tcpOpeningTimeoutSeconds: optional<number | null>(seconds(1_000_000), null),
  tcpClosingTimeoutSeconds: optional<number | null>(seconds(1_000_000), null),
  icmpTimeoutSeconds: optional<number | null>(seconds(86_400), null),
  mostConnections: optional<number | null>(integer(1, 1_000_000, errorText('problem.of-connections')), null),
})

function seconds(most: number): Parse<number> {
  return integer(1, most, errorText('problem.of-seconds'))
}

const nat: Parse<Nat | null> = (reader, at) => {
  if (isScalar(at.node) && at.node.value === 'none') return null
  if (!isMap(at.node)) return reader.wrong(at, found(at.node), errorText('problem.nat'))
  const value = natFields(reader, at)
  if (value === undefined) return undefined
  const { mapping, filtering, remembers, ports } = value
  if (ports !== null && value.portPreservation !== null) {
    return reader.wrong(at, both('ports', 'portPreservation'), errorText('problem.at-most-one'))
  }
  if (ports === 'changed' && mapping !== 'endpoint-independent') {
    return reader.wrong(at, keyWith('ports: changed', `mapping ${mapping}`), errorText('problem.mapping-too'))
  }
  const isKept = ports === 'preserved' || ports === 'overloaded'
  const portPreservation = value.portPreservation ?? (ports === null ? mapping === 'endpoint-independent' : isKept)
  if (portPreservation && mapping !== 'endpoint-independent') {
    const key = ports === null ? 'portPreservation' : `ports: ${ports}`
    return reader.wrong(at, keyWith(key, `mapping ${mapping}`), errorText('problem.mapping-too'))
  }
  if (mapping !== 'endpoint-independent' && filtering !== 'address-and-port-dependent') {
    return reader.wrong(
      at,
      keyWith(`filtering ${filtering}`, `mapping ${mapping}`),
      errorText('problem.only-filtering', { filtering: 'address-and-port-dependent' }),
    )
  }
  if (remembers === 'host' && filtering !== 'address-dependent') {
    return reader.wrong(
      at,
      keyWith('remembers: host', `filtering ${filtering}`),
      errorText('problem.filtering-too', { filtering: 'address-dependent' }),
    )
  }
  return { ...value, portPreservation }
}

function forwardParser(names: Names): Parse<Forward> {
  const target = checkedLater(nameAndPort, (reader, at, { name }) =>
    checkName(names, ['host', 'box'], reader, at, name),
  )
  const fields = record({ port: required(port), transport: optional(transports, BOTH), to: required(target) })
  return (reader, at) => {
    const given = fields(reader, at)
    return given && { transports: given.transport, port: given.port, to: given.to }
  }
}

const filterFields = record({
  direction: required(word(['in', 'out'] as const)),
  transport: optional(word(['udp', 'tcp', 'both', 'any'] as const), 'any'),
  ports: optional<readonly number[] | null>(list(port), null),
  exceptPorts: optional<readonly number[] | null>(list(port), null),
  payload: optional<Uint8Array | null>(payload, null),
  action: optional(word(['drop', 'reject', 'reset', 'syn-proxy', 'portal', 'throttle', 'truncate'] as const), 'drop'),
  everyPacket: optional(flag, false),
  firstPacket: optional(flag, false),
  wholeFlow: optional(flag, false),
  kilobitsPerSecond: optional<number | null>(integer(8, 1_000_000, errorText('problem.of-kilobits')), null),
  payloadBytes: optional<number | null>(integer(1, 1472, errorText('problem.of-bytes')), null),
})

const filter: Parse<Filter> = (reader, at) => {
  const given = filterFields(reader, at)
  if (given === undefined) return undefined
  const { direction, transport, ports, exceptPorts, payload, action, everyPacket, ...rest } = given
  const { firstPacket, wholeFlow, kilobitsPerSecond, payloadBytes } = rest
  if (ports !== null && exceptPorts !== null)
    return reader.wrong(at, both('ports', 'exceptPorts'), errorText('problem.at-most-one'))
  if ((action === 'syn-proxy' || action === 'reset' || action === 'portal') && transport !== 'tcp') {
    return reader.wrong(at, actionWith(action, `transport ${transport}`), neededToo('transport tcp'))
  }
  if (action === 'portal' && direction === 'in') {
    return reader.wrong(at, errorText('problem.portal-inwards'), neededToo('direction out'))
  }
  if ((action === 'syn-proxy' || action === 'portal') && payload !== null) {
    return reader.wrong(at, actionWith(action, 'payload'), errorText('problem.no-handshake'))
  }
  if ((firstPacket || wholeFlow) && payload === null) {
    return reader.wrong(at, without(firstPacket ? 'firstPacket' : 'wholeFlow', 'payload'), neededToo('payload'))
  }
  if (wholeFlow && action !== 'drop') {
    return reader.wrong(at, keyWith('wholeFlow', `action ${action}`), errorText('problem.throttle-anyway'))
  }
  for (const [needing, key, value] of [
    ['throttle', 'kilobitsPerSecond', kilobitsPerSecond],
    ['truncate', 'payloadBytes', payloadBytes],
  ] as const) {
    if ((action === needing) === (value !== null)) continue
    const found = action === needing ? without(`action ${needing}`, key) : errorText('problem.key-of', { key, action })
    return reader.wrong(at, found, errorText('problem.together', { action: needing, key }))
  }
  if (action === 'truncate' && (transport !== 'udp' || payload === null)) {
    const needed = errorText('problem.and', { one: 'transport udp', other: 'payload' })
    return reader.wrong(at, errorText('problem.truncate'), neededToo(needed))
  }
  if (transport === 'any' && (ports !== null || exceptPorts !== null || payload !== null)) {
    const key = payload === null ? 'ports' : 'payload'
    return reader.wrong(at, errorText('problem.without-transport', { key }), errorText('problem.some-transport'))
  }
  const transports = transport === 'any' ? transport : transport === 'both' ? BOTH : [transport]
  const chosen = ports !== null ? { only: ports } : exceptPorts !== null ? { except: exceptPorts } : 'any'
  return { direction, transports, ports: chosen, payload, action, everyPacket, ...rest }
}

function both(one: string, other: string): Message {
  return errorText('problem.both', { one, other })
}

function without(key: string, other: string): Message {
  return errorText('problem.without', { key, other })
}

function actionWith(action: string, other: string): Message {
  return keyWith(`action ${action}`, other)
}
