import type { Address, Endpoint } from '../../model/endpoint.ts'
import { STUN_ATTRIBUTES, type StunAttribute } from './attributes.ts'
import { appendFingerprint } from './fingerprint.ts'
import { BINDING } from './header.ts'
import { encodeStunMessage, type StunMessage, stunAttribute } from './message.ts'

/**
 * The sockets of a STUN server in one address family: every address with every port, as clients see them (behind a 1:1
 * NAT these are not the addresses bound). The first of each is the primary one.
 */
export interface StunServerSockets {
  readonly addresses: readonly [Address] | readonly [Address, Address]
  readonly ports: readonly [number] | readonly [number, number]
}

/** Which of the server's sockets: indices into `addresses` and `ports`. */
export interface StunSocket {
  readonly address: 0 | 1
  readonly port: 0 | 1
}

export interface StunAnswer {
  readonly via: StunSocket
  readonly to: Endpoint
  readonly datagram: Uint8Array
}

/** Padding beyond one Ethernet frame is fragmented once more, and that tells nothing new. */
const MAX_PADDING_BYTES = 1500

/**
 * What a STUN server that asks nobody for a password answers to a Binding request (RFC 8489 §6.3.1, RFC 5780 §6.1,
 * RFC 3489 §8.1), or undefined for silence.
 *
 * Silence for all but Binding requests, so that two servers cannot be set on each other. Answers go to the asker's own
 * address; RESPONSE-PORT may change the port there, RFC 3489's RESPONSE-ADDRESS is ignored, as RFC 5780 §9 asks.
 * PADDING is never longer than the request's own. A change of address or port without a second one is error 420;
 * an RFC 3489 client gets silence instead, since the old ones take any answer for a success.
 */
export function answerStun(
  request: StunMessage,
  arrival: { readonly from: Endpoint; readonly at: StunSocket },
  server: StunServerSockets,
): StunAnswer | undefined {
  if (request.messageClass !== 'request' || request.method !== BINDING) return undefined
  const { from, at } = arrival
  const reply = (messageClass: 'success' | 'error', via: StunSocket, to: Endpoint, attributes: StunAttribute[]) => {
    const { method, transactionId } = request
    const datagram = encodeStunMessage({ messageClass, method, transactionId, attributes })
    return { via, to, datagram: asksForFingerprint(request) ? appendFingerprint(datagram) : datagram }
  }

  const unknown = unknownTypes(request)
  if (unknown.length > 0) return reply('error', at, from, unknownAttributes(unknown, request.legacy))
  const padding = stunAttribute(request, 'PADDING')
  const responsePort = stunAttribute(request, 'RESPONSE-PORT')
  if (responsePort === 0 || (responsePort !== undefined && padding !== undefined)) {
    return reply('error', at, from, [{ name: 'ERROR-CODE', value: { code: 400, reason: 'Bad Request' } }])
  }
  const via = changedSocket(at, stunAttribute(request, 'CHANGE-REQUEST'), server)
  if (via === undefined && request.legacy) return undefined
  if (via === undefined) return reply('error', at, from, unknownAttributes([CHANGE_REQUEST], request.legacy))

  const attributes = request.legacy ? legacyAddresses(from, via, at, server) : addresses(from, via, at, server)
  if (padding !== undefined) attributes.push({ name: 'PADDING', value: Math.min(padding, MAX_PADDING_BYTES) })
  return reply('success', via, { address: from.address, port: responsePort ?? from.port }, attributes)
}

const CHANGE_REQUEST = STUN_ATTRIBUTES['CHANGE-REQUEST'].type

/** RFC 5780 §6.1, Table 1: the same socket, or the other address, port or both; undefined where there is none. */
function changedSocket(
  at: StunSocket,
  change: { readonly address: boolean; readonly port: boolean } | undefined,
  server: StunServerSockets,
): StunSocket | undefined {
  if (change?.address && server.addresses.length < 2) return undefined
  if (change?.port && server.ports.length < 2) return undefined
  return {
    address: change?.address ? other(at.address) : at.address,
    port: change?.port ? other(at.port) : at.port,
  }
}

function addresses(from: Endpoint, via: StunSocket, at: StunSocket, server: StunServerSockets): StunAttribute[] {
  const elsewhere = otherEndpoint(at, server)
  return [
    { name: 'XOR-MAPPED-ADDRESS', value: from },
    // RFC 5780 §6.1 wants both: where they differ, a NAT on the way rewrites what it finds in payloads.
    { name: 'MAPPED-ADDRESS', value: from },
    { name: 'RESPONSE-ORIGIN', value: endpointOf(via, server) },
    ...(elsewhere === undefined ? [] : [{ name: 'OTHER-ADDRESS', value: elsewhere } as const]),
  ]
}

/** RFC 3489 §8.1. Its clients refuse what they do not know, so they get nothing newer. */
function legacyAddresses(from: Endpoint, via: StunSocket, at: StunSocket, server: StunServerSockets): StunAttribute[] {
  const elsewhere = otherEndpoint(at, server)
  return [
    { name: 'MAPPED-ADDRESS', value: from },
    { name: 'SOURCE-ADDRESS', value: endpointOf(via, server) },
    ...(elsewhere === undefined ? [] : [{ name: 'CHANGED-ADDRESS', value: elsewhere } as const]),
  ]
}

/** Where both would change, seen from the socket that was asked; only of a server that has both (RFC 5780 §7.4). */
function otherEndpoint(at: StunSocket, server: StunServerSockets): Endpoint | undefined {
  if (server.addresses.length < 2 || server.ports.length < 2) return undefined
  return endpointOf({ address: other(at.address), port: other(at.port) }, server)
}

function endpointOf(socket: StunSocket, server: StunServerSockets): Endpoint {
  const [address, port] = [server.addresses[socket.address], server.ports[socket.port]]
  if (address === undefined || port === undefined) throw new RangeError('the server has no such socket')
  return { address, port }
}

function other(index: 0 | 1): 0 | 1 {
  return index === 0 ? 1 : 0
}

/** Comprehension-required types without a row, each once. */
function unknownTypes(request: StunMessage): number[] {
  const types: number[] = []
  for (const attribute of request.attributes) {
    if (attribute.name === 'unknown' && attribute.type < 0x8000 && !types.includes(attribute.type)) {
      types.push(attribute.type)
    }
  }
  return types
}

function unknownAttributes(types: readonly number[], legacy: boolean): StunAttribute[] {
  // RFC 3489 §11.2.10 knows no padding: an odd list repeats its last type.
  const even = legacy && types.length % 2 === 1 ? [...types, types.at(-1)!] : types
  return [
    { name: 'ERROR-CODE', value: { code: 420, reason: 'Unknown Attribute' } },
    { name: 'UNKNOWN-ATTRIBUTES', value: even },
  ]
}

function asksForFingerprint(request: StunMessage): boolean {
  return stunAttribute(request, 'FINGERPRINT') !== undefined
}
