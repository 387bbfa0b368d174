import type { Address, Transport } from '../../model/endpoint.ts'
import { addressBytes, formatAddress } from '../../model/ip.ts'
import { type Decoded, decoded, malformed, viewOf } from '../bytes.ts'
import { NAT_PMP_RESULT_CODES } from './result-codes.ts'

const VERSION = 0
const RESPONSE_BIT = 0x80

/** Opcodes of requests (RFC 6886 §3.2, §3.3); responses have 128 more. */
const OPCODES = { 'external-address': 0, udp: 1, tcp: 2 } as const

/** `external-address` asks what the router's address outside is; `udp` and `tcp` ask for a port, or, for 0 s, to delete. */
export type NatPmpRequest =
  | { readonly operation: 'external-address' }
  | {
      readonly operation: Transport
      readonly internalPort: number
      /** Suggested; 0 lets the router choose. */
      readonly externalPort: number
      readonly lifetimeSeconds: number
    }

/** What every response begins with. Of an error nothing else counts, as some routers send no more. */
interface Told {
  readonly epochSeconds: number
}

export type NatPmpResponse =
  /** Also sent unasked, to all hosts, when the router starts or its address changes. */
  | (Told & { readonly operation: 'external-address'; readonly resultCode: 0; readonly externalAddress: Address })
  | (Told & {
      readonly operation: Transport
      readonly resultCode: 0
      readonly internalPort: number
      readonly externalPort: number
      readonly lifetimeSeconds: number
    })
  /**
   * `internalPort`: which question it answers, where it is long enough to say so, else null. `unknown` is an opcode
   * that was never asked.
   */
  | (Told & {
      readonly operation: NatPmpRequest['operation'] | 'unknown'
      readonly resultCode: number
      readonly internalPort: number | null
    })

export type NatPmpErrorCode =
  | 'truncated'
  | 'trailing-bytes'
  | 'not-a-request'
  | 'not-a-response'
  | 'other-version'
  | 'unknown-opcode'

/**
 * Decodes what a NAT-PMP client sent (RFC 6886 §3.2, §3.3). `datagram`: one UDP payload, untrusted. Throws on no input.
 * Errors: 'truncated', 'not-a-request', 'other-version' (answer result code 1), 'unknown-opcode' (5), 'trailing-bytes'.
 */
export function decodeNatPmpRequest(datagram: Uint8Array): Decoded<NatPmpRequest, NatPmpErrorCode> {
  if (datagram.length < 2) return malformed('truncated', datagram.length)
  const [version, opcode] = [datagram[0]!, datagram[1]!]
  if ((opcode & RESPONSE_BIT) !== 0) return malformed('not-a-request', 1)
  if (version !== VERSION) return malformed('other-version', 0)
  const operation = operationOf(opcode)
  if (operation === undefined) return malformed('unknown-opcode', 1)
  const length = operation === 'external-address' ? 2 : 12
  if (datagram.length < length) return malformed('truncated', datagram.length)
  if (datagram.length > length) return malformed('trailing-bytes', length)
  if (operation === 'external-address') return decoded({ operation })
  const view = viewOf(datagram)
  const [internalPort, externalPort, lifetimeSeconds] = [view.getUint16(4), view.getUint16(6), view.getUint32(8)]
  return decoded({ operation, internalPort, externalPort, lifetimeSeconds })
}

/**
 * Decodes what a NAT-PMP server sent, asked or unasked (RFC 6886 §3.2, §3.2.1, §3.3, §3.5). `datagram`: as above; a
 * PCP server's refusal is 'other-version'. Errors: 'truncated', 'not-a-response', 'other-version', 'unknown-opcode' (of a
 * success), 'trailing-bytes' (of a success).
 */
export function decodeNatPmpResponse(datagram: Uint8Array): Decoded<NatPmpResponse, NatPmpErrorCode> {
  if (datagram.length < 8) return malformed('truncated', datagram.length)
  if ((datagram[1]! & RESPONSE_BIT) === 0) return malformed('not-a-response', 1)
  if (datagram[0] !== VERSION) return malformed('other-version', 0)
  const view = viewOf(datagram)
  const operation = operationOf(datagram[1]! & 0x7f)
  const [resultCode, epochSeconds] = [view.getUint16(2), view.getUint32(4)]
  if (resultCode !== NAT_PMP_RESULT_CODES.SUCCESS) {
    const isAboutPort = (operation === 'udp' || operation === 'tcp') && datagram.length >= 10
    const internalPort = isAboutPort ? view.getUint16(8) : null
    return decoded({ operation: operation ?? 'unknown', resultCode, epochSeconds, internalPort })
  }
  if (operation === undefined) return malformed('unknown-opcode', 1)
  const length = operation === 'external-address' ? 12 : 16
  if (datagram.length < length) return malformed('truncated', datagram.length)
  if (datagram.length > length) return malformed('trailing-bytes', length)
  if (operation === 'external-address') {
    return decoded({ operation, resultCode, epochSeconds, externalAddress: formatAddress(datagram.subarray(8)) })
  }
  const [internalPort, externalPort, lifetimeSeconds] = [view.getUint16(8), view.getUint16(10), view.getUint32(12)]
  return decoded({ operation, resultCode, epochSeconds, internalPort, externalPort, lifetimeSeconds })
}

/** Encodes a request. RangeError when something does not fit. */
export function encodeNatPmpRequest(request: NatPmpRequest): Uint8Array {
  const opcode = OPCODES[request.operation]
  if (request.operation === 'external-address') return Uint8Array.of(VERSION, opcode)
  const bytes = new Uint8Array(12)
  bytes[1] = opcode
  writePorts(bytes, 4, request)
  return bytes
}

/** Encodes a response, an error with the opcode of its question. RangeError when something does not fit. */
export function encodeNatPmpResponse(response: Exclude<NatPmpResponse, { operation: 'unknown' }>): Uint8Array {
  const body = bodyOf(response)
  const bytes = new Uint8Array(8 + body.length)
  const view = viewOf(bytes)
  if (response.operation === 'unknown') throw new RangeError('a response answers a known opcode')
  bytes[1] = RESPONSE_BIT | OPCODES[response.operation]
  view.setUint16(2, checked(response.resultCode, 0xffff))
  view.setUint32(4, checked(response.epochSeconds, 0xffff_ffff))
  bytes.set(body, 8)
  return bytes
}

function bodyOf(response: NatPmpResponse): Uint8Array {
  if ('externalAddress' in response) return addressBytes(response.externalAddress)
  const bytes = new Uint8Array(8)
  if ('externalPort' in response) writePorts(bytes, 0, response)
  else if (response.internalPort !== null) viewOf(bytes).setUint16(0, checked(response.internalPort, 0xffff))
  else return new Uint8Array(0)
  return bytes
}

function writePorts(
  bytes: Uint8Array,
  offset: number,
  ports: { readonly internalPort: number; readonly externalPort: number; readonly lifetimeSeconds: number },
): void {
  const view = viewOf(bytes)
  view.setUint16(offset, checked(ports.internalPort, 0xffff))
  view.setUint16(offset + 2, checked(ports.externalPort, 0xffff))
  view.setUint32(offset + 4, checked(ports.lifetimeSeconds, 0xffff_ffff))
}

function operationOf(opcode: number): NatPmpRequest['operation'] | undefined {
  return (Object.keys(OPCODES) as NatPmpRequest['operation'][]).find((name) => OPCODES[name] === opcode)
}

function checked(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`0 to ${most}, not ${value}`)
  return value
}
