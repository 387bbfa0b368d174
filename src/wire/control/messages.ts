import type { ValueOf } from './fields.ts'
import {
  address,
  base64,
  endpoint,
  endpointOfAnyPort,
  hex,
  integer,
  list,
  literal,
  milliseconds,
  nullable,
  oneOf,
  pattern,
  port,
  shape,
  text,
  variant,
} from './fields.ts'

/** Longest line in either direction, in bytes, without its line feed. */
export const MAX_LINE_BYTES = 8192
export const PROTOCOL = 'peerway-vantage'
export const PROTOCOL_VERSION = 1
export const MAX_HOLD_MS = 3000
/** Addresses of one family that a vantage may name. */
export const MAX_DIAL_SOURCES = 16
export const MAX_OPEN_PORTS = 8
export const MAX_ECHO_TTL = 16
/** Of the answer to a stranger or a nonce. */
export const MAX_ANSWER_BYTES = 64
/** Of a router's answer, in which it names itself. */
export const MAX_ROUTER_ANSWER_BYTES = 2048
/** What may be asked for on one flow: groups of datagrams, datagrams in all, and how long after its opening. */
export const MAX_FLOW_SENDS = 32
export const MAX_FLOW_DATAGRAMS = 160
export const MAX_FLOW_MS = 330_000
/** For how long a vantage may be asked to say nothing on a connection. */
export const MAX_SILENCE_MS = 330_000
/** What a vantage takes and gives back of one flow. */
export const MAX_FLOW_BYTES = 4096
/** What a vantage with the capability 'rate' gives back of one connection to a port that inverts. */
export const MAX_RETURNED_BYTES = 262_144
/** The most that it tells of one. */
export const MAX_TOLD_BYTES = 65_536
/** A flow is told by the first bytes that came of it. */
export const HEAD_BYTES = 8
export const MAX_FLOW_KINDS = 48

export const ERROR_CODES = [
  'bad-request',
  'too-many-requests',
  'not-a-dial-source',
  'forbidden-address',
  'grant-unavailable',
  'grant-refused',
  'grant-failed',
  'echo-unavailable',
  'port-unavailable',
  'too-long',
  'busy',
  'unknown-protocol',
] as const
export type ControlErrorCode = (typeof ERROR_CODES)[number]

const id = integer(1, 2 ** 31)
const transport = oneOf(['udp', 'tcp'])
const rttMs = milliseconds(60_000)
const holdMs = integer(0, MAX_HOLD_MS)

/** A moment in milliseconds since 1970, by the clock of the vantage that says or checks it. */
const timeMs = integer(0, Number.MAX_SAFE_INTEGER)

/**
 * Where a UPnP device describes itself: a plain file, for this is asked of an address that the asker may share with others,
 * whose routers do anything at all when they are sent the right path.
 */
const descriptionPath = pattern(/^(?=.{1,128}$)(?:\/[A-Za-z0-9_:-][A-Za-z0-9_.:-]*)+\.xml$/)

const payload = variant('kind', {
  stranger: shape({ kind: literal('stranger') }),
  nonce: shape({ kind: literal('nonce'), nonce: hex(1, 32) }),
  protocol: shape({ kind: literal('protocol'), protocol: text(32), mask: integer(0, 255) }),
  // Only with the capability 'router': is the router's own control open to the outside?
  ssdp: shape({ kind: literal('ssdp') }),
  'nat-pmp': shape({ kind: literal('nat-pmp') }),
  description: shape({ kind: literal('description'), path: descriptionPath }),
})
export type DialPayload = ValueOf<typeof payload>

const grant = shape({
  version: literal(1),
  asker: address,
  transport,
  port,
  vantage: hex(16, 16),
  expiresAtMs: timeMs,
  signature: hex(32, 32),
})
/** Leave to dial `asker`, signed by a vantage that has seen it prove its address. `grant.ts` says over what. */
export type Grant = ValueOf<typeof grant>

const ports = list(port, MAX_OPEN_PORTS)

const flowSend = shape({
  afterMs: integer(0, MAX_FLOW_MS),
  everyMs: integer(0, MAX_FLOW_MS),
  count: integer(1, MAX_FLOW_DATAGRAMS),
  ttl: nullable(integer(1, 255)),
})
/** `count` datagrams, the first `afterMs` after the flow was opened last; `ttl` null: the vantage's usual one. */
export type FlowSend = ValueOf<typeof flowSend>

const REQUESTS = {
  hello: shape({ type: literal('hello'), protocol: literal(PROTOCOL), version: integer(1, 1000), software: text(128) }),
  dial: shape({
    type: literal('dial'),
    id,
    transport,
    port,
    from: nullable(address),
    via: nullable(endpoint),
    payload,
    rttMs,
    holdMs,
  }),
  'granted-dial': shape({ type: literal('granted-dial'), id, grant, payload, rttMs, holdMs }),
  release: shape({ type: literal('release'), id }),
  echo: shape({ type: literal('echo'), id, maxTtl: integer(1, MAX_ECHO_TTL), rttMs }),
  open: shape({
    type: literal('open'),
    id,
    tcp: ports,
    udp: ports,
    returns: nullable(oneOf(['inverted'])),
  }),
  arrivals: shape({ type: literal('arrivals'), id }),
  speak: shape({ type: literal('speak'), id, afterMs: integer(0, MAX_SILENCE_MS) }),
  flow: shape({ type: literal('flow'), id, nonce: hex(8, 8), sends: list(flowSend, MAX_FLOW_SENDS) }),
}

const DIAL_OUTCOMES = ['connected', 'answered', 'refused', 'unreachable', 'silent'] as const
/** How the far side left a TCP connection while it was listened to. */
export const FLOW_ENDS = ['open', 'end', 'reset'] as const
const HOP_ANSWERS = ['time-exceeded', 'echo-reply', 'unreachable', 'silent'] as const

const REPLIES = {
  hello: shape({
    type: literal('hello'),
    protocol: literal(PROTOCOL),
    version: literal(PROTOCOL_VERSION),
    software: text(128),
    observed: endpoint,
    address,
    dialFrom: list(address, MAX_DIAL_SOURCES),
    stun: shape({ port, alternatePort: nullable(port), alternateAddress: nullable(address) }),
    capabilities: list(text(32), 32),
    nonce: hex(16, 16),
    nowMs: timeMs,
  }),
  connected: shape({ type: literal('connected'), id, source: endpoint }),
  dialled: shape({
    type: literal('dialled'),
    id,
    outcome: oneOf(DIAL_OUTCOMES),
    // Port 0 where several ports were tried, and none got through.
    source: endpointOfAnyPort,
    target: endpoint,
    attempts: integer(1, 100),
    rttMs: nullable(rttMs),
    answer: nullable(base64(MAX_ROUTER_ANSWER_BYTES)),
    greeting: nullable(text(64)),
    answerBytes: nullable(integer(0, 65_536)),
    ended: nullable(oneOf(FLOW_ENDS)),
  }),
  echoed: shape({
    type: literal('echoed'),
    id,
    hops: list(
      shape({ ttl: integer(1, 255), answer: oneOf(HOP_ANSWERS), address: nullable(address), rttMs: nullable(rttMs) }),
      MAX_ECHO_TTL,
    ),
  }),
  opened: shape({ type: literal('opened'), id, tcp: ports, udp: ports }),
  arrived: shape({
    type: literal('arrived'),
    id,
    ports: list(
      shape({ transport, port, count: integer(0, 2 ** 31), strangers: nullable(integer(0, 2 ** 31)) }),
      MAX_OPEN_PORTS * 2,
    ),
    flows: nullable(
      list(
        shape({
          transport,
          port,
          head: hex(1, HEAD_BYTES),
          count: integer(1, 2 ** 31),
          bytes: integer(1, MAX_TOLD_BYTES),
        }),
        MAX_FLOW_KINDS,
      ),
    ),
  }),
  spoken: shape({ type: literal('spoken'), id }),
  'flow-ready': shape({ type: literal('flow-ready'), id }),
  error: shape({
    type: literal('error'),
    id: nullable(id),
    code: oneOf(ERROR_CODES),
    message: text(256),
    retryAfterMs: nullable(integer(0, 3_600_000)),
  }),
}

export const request = variant('type', REQUESTS)
export const reply = variant('type', REPLIES)

/** What an asker sends. Every message but `hello` has an `id` of its choice, and is answered with that id. */
export type ControlRequest = ValueOf<typeof request>
export type RequestOf<T extends ControlRequest['type']> = Extract<ControlRequest, { type: T }>

/** What a vantage sends. It speaks first, with `hello`. */
export type ControlReply = ValueOf<typeof reply>
export type ReplyOf<T extends ControlReply['type']> = Extract<ControlReply, { type: T }>
