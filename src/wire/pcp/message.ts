import type { Address, Endpoint } from '../../model/endpoint.ts'
import { type Decoded, decoded, malformed, viewOf } from '../bytes.ts'
import { addressField, readAddressField } from './address-field.ts'
import { decodePcpOption, encodePcpOption, type PcpOption } from './options.ts'
import { PCP_RESULT_CODES } from './result-codes.ts'

/** Of servers; NAT-PMP's too. */
export const PCP_PORT = 5351
export const PCP_VERSION = 2
export const PCP_MOST_BYTES = 1100
export const PCP_NONCE_BYTES = 12
const HEADER_BYTES = 24
const RESPONSE_BIT = 0x80

/** Opcodes (RFC 6887 §19.3) and how many bytes of opcode data each has. */
export const PCP_OPCODES = {
  ANNOUNCE: { code: 0, dataBytes: 0 },
  MAP: { code: 1, dataBytes: 36 },
  PEER: { code: 2, dataBytes: 56 },
} as const
export type PcpOpcode = keyof typeof PCP_OPCODES

const OPCODE_BY_CODE: ReadonlyMap<number, PcpOpcode> = new Map(
  Object.entries(PCP_OPCODES).map(([name, { code }]) => [code, name as PcpOpcode]),
)

/**
 * What MAP is about (RFC 6887 §11.1). The external endpoint is the suggested one in a request, the assigned one in a
 * success, and the suggested one again in an error. `protocol` is IANA's number (6 TCP, 17 UDP); 0 is all, and then
 * the internal port is 0 too.
 */
export interface PcpMapping {
  /** 12 bytes, random, of whoever made the mapping: it is what proves to be the same client (§11.2). */
  readonly nonce: Uint8Array
  readonly protocol: number
  readonly internalPort: number
  readonly external: Endpoint
}

/** The opcode with its data. `remote` of PEER is the one peer that it is about (§12.1). */
export type PcpOperation =
  | { readonly opcode: 'ANNOUNCE' }
  | { readonly opcode: 'MAP'; readonly mapping: PcpMapping }
  | { readonly opcode: 'PEER'; readonly mapping: PcpMapping; readonly remote: Endpoint }

export interface PcpRequest {
  readonly operation: PcpOperation
  /** 0 deletes. */
  readonly lifetimeSeconds: number
  /** The address that the client sends from: where it is another than the server sees, a NAT stands between (§8.2). */
  readonly client: Address
  readonly options: readonly PcpOption[]
}

export interface PcpResponse {
  readonly operation: PcpOperation
  /** See `PCP_RESULT_CODES`; 0 is success. */
  readonly resultCode: number
  /** Of a success how long the mapping lasts, of an error how long the same request will fail. */
  readonly lifetimeSeconds: number
  readonly epochSeconds: number
  readonly options: readonly PcpOption[]
}

/**
 * What a server says. `other-version`: it does not speak version 2, and names the best that it does; 0 is a NAT-PMP
 * server, whose answer is shorter (RFC 6886 §3.5, RFC 6887 §9).
 */
export type PcpAnswer =
  | { readonly kind: 'response'; readonly response: PcpResponse }
  | { readonly kind: 'other-version'; readonly version: number; readonly epochSeconds: number }

export type PcpErrorCode =
  | 'truncated'
  | 'not-a-request'
  | 'not-a-response'
  | 'other-version'
  | 'bad-length'
  | 'unknown-opcode'
  | 'bad-operation'
  | 'bad-option'

/**
 * Decodes what a PCP client sent (RFC 6887 §7.1, §11.1, §12.1).
 *
 * `datagram`: one UDP payload, untrusted; the nonce and unknown options are views into it. Throws on no input. Errors,
 * in the order in which §8.2 has a server look: 'truncated' (under 2 bytes: nothing can be answered), 'not-a-request',
 * 'other-version' (answer UNSUPP_VERSION), 'bad-length' (under 24, over 1100, or no multiple of 4),
 * 'unknown-opcode' (UNSUPP_OPCODE), 'bad-operation' (MALFORMED_REQUEST), 'bad-option' (MALFORMED_OPTION).
 */
export function decodePcpRequest(datagram: Uint8Array): Decoded<PcpRequest, PcpErrorCode> {
  if (datagram.length < 2) return malformed('truncated', datagram.length)
  if ((datagram[1]! & RESPONSE_BIT) !== 0) return malformed('not-a-request', 1)
  if (datagram[0] !== PCP_VERSION) return malformed('other-version', 0)
  const body = decodeBody(datagram)
  if (!body.ok) return body
  const lifetimeSeconds = viewOf(datagram).getUint32(4)
  const client = readAddressField(datagram.subarray(8, HEADER_BYTES))
  return decoded({ ...body.value, lifetimeSeconds, client })
}

/**
 * Decodes what a PCP server sent (RFC 6887 §7.2, §8.3), an old NAT-PMP server's refusal of version 2 included.
 *
 * `datagram`: as above. Errors: 'truncated' (under 8 bytes), 'not-a-response', 'other-version' (another version without
 * the result that would explain it), and those of the request. Who sent it, and whether it answers the question that was
 * asked, is for the caller to check: see `answersRequest`.
 */
export function decodePcpAnswer(datagram: Uint8Array): Decoded<PcpAnswer, PcpErrorCode> {
  if (datagram.length < 8) return malformed('truncated', datagram.length)
  if ((datagram[1]! & RESPONSE_BIT) === 0) return malformed('not-a-response', 1)
  const view = viewOf(datagram)
  const version = datagram[0]!
  if (version !== PCP_VERSION) {
    // NAT-PMP's result code has 16 bits, so that 1 stands in the same byte as PCP's.
    if (datagram[3] !== PCP_RESULT_CODES.UNSUPP_VERSION) return malformed('other-version', 0)
    if (version === 0) return decoded({ kind: 'other-version', version, epochSeconds: view.getUint32(4) })
    if (datagram.length < HEADER_BYTES) return malformed('truncated', datagram.length)
    return decoded({ kind: 'other-version', version, epochSeconds: view.getUint32(8) })
  }
  const body = decodeBody(datagram)
  if (!body.ok) return body
  const [resultCode, lifetimeSeconds, epochSeconds] = [datagram[3]!, view.getUint32(4), view.getUint32(8)]
  return decoded({ kind: 'response', response: { ...body.value, resultCode, lifetimeSeconds, epochSeconds } })
}

/** Is this the answer to that request: the same opcode, nonce, protocol, internal port, and peer (RFC 6887 §11.4, §12.4)? */
export function answersRequest({ operation: answer }: PcpResponse, { operation: asked }: PcpRequest): boolean {
  if (asked.opcode === 'ANNOUNCE' || answer.opcode === 'ANNOUNCE') return asked.opcode === answer.opcode
  if (asked.opcode !== answer.opcode || !sameMapping(answer.mapping, asked.mapping)) return false
  if (asked.opcode !== 'PEER' || answer.opcode !== 'PEER') return true
  return asked.remote.address === answer.remote.address && asked.remote.port === answer.remote.port
}

/** Encodes a request. RangeError when something does not fit. */
export function encodePcpRequest(request: PcpRequest): Uint8Array {
  const bytes = encodeBody(request, 0)
  viewOf(bytes).setUint32(4, checkedUint32(request.lifetimeSeconds))
  bytes.set(addressField(request.client), 8)
  return bytes
}

/** Encodes a response. RangeError when something does not fit. */
export function encodePcpResponse(response: PcpResponse): Uint8Array {
  const bytes = encodeBody(response, RESPONSE_BIT)
  const { resultCode } = response
  if (!Number.isInteger(resultCode) || resultCode < 0 || resultCode > 0xff) {
    throw new RangeError(`a result code is 0 to 255, not ${resultCode}`)
  }
  bytes[3] = resultCode
  const view = viewOf(bytes)
  view.setUint32(4, checkedUint32(response.lifetimeSeconds))
  view.setUint32(8, checkedUint32(response.epochSeconds))
  return bytes
}

type Body = Pick<PcpRequest, 'operation' | 'options'>

/** Opcode, opcode data and options, which requests and responses share. */
function decodeBody(datagram: Uint8Array): Decoded<Body, PcpErrorCode> {
  const { length } = datagram
  if (length < HEADER_BYTES || length > PCP_MOST_BYTES || length % 4 !== 0) return malformed('bad-length', length)
  const opcode = OPCODE_BY_CODE.get(datagram[1]! & 0x7f)
  if (opcode === undefined) return malformed('unknown-opcode', 1)
  const end = HEADER_BYTES + PCP_OPCODES[opcode].dataBytes
  if (length < end) return malformed('bad-operation', length)
  const operation = decodeOperation(opcode, datagram.subarray(HEADER_BYTES, end))
  const options = decodeOptions(datagram, end)
  return options.ok ? decoded({ operation, options: options.value }) : options
}

function decodeOperation(opcode: PcpOpcode, data: Uint8Array): PcpOperation {
  if (opcode === 'ANNOUNCE') return { opcode }
  const view = viewOf(data)
  const mapping = {
    nonce: data.subarray(0, PCP_NONCE_BYTES),
    protocol: data[12]!,
    internalPort: view.getUint16(16),
    external: { address: readAddressField(data.subarray(20, 36)), port: view.getUint16(18) },
  }
  if (opcode === 'MAP') return { opcode, mapping }
  return { opcode, mapping, remote: { address: readAddressField(data.subarray(40)), port: view.getUint16(36) } }
}

function decodeOptions(datagram: Uint8Array, start: number): Decoded<readonly PcpOption[], PcpErrorCode> {
  const view = viewOf(datagram)
  const options: PcpOption[] = []
  for (let offset = start; offset < datagram.length; ) {
    const end = offset + 4 + view.getUint16(offset + 2)
    if (end > datagram.length) return malformed('bad-option', offset)
    const option = decodePcpOption(datagram[offset]!, datagram.subarray(offset + 4, end))
    if (option === undefined) return malformed('bad-option', offset)
    options.push(option)
    offset = padded(end)
  }
  return decoded(options)
}

function encodeBody({ operation, options }: Body, responseBit: number): Uint8Array {
  const { code, dataBytes } = PCP_OPCODES[operation.opcode]
  const parts = options.map(encodePcpOption)
  const length = parts.reduce((sum, part) => sum + 4 + padded(part.bytes.length), HEADER_BYTES + dataBytes)
  if (length > PCP_MOST_BYTES) throw new RangeError(`a PCP message has at most ${PCP_MOST_BYTES} bytes, not ${length}`)
  const bytes = new Uint8Array(length)
  bytes[0] = PCP_VERSION
  bytes[1] = responseBit | code
  encodeOperation(operation, bytes.subarray(HEADER_BYTES))
  const view = viewOf(bytes)
  let offset = HEADER_BYTES + dataBytes
  for (const part of parts) {
    bytes[offset] = part.code
    view.setUint16(offset + 2, part.bytes.length)
    bytes.set(part.bytes, offset + 4)
    offset += 4 + padded(part.bytes.length)
  }
  return bytes
}

function encodeOperation(operation: PcpOperation, data: Uint8Array): void {
  if (operation.opcode === 'ANNOUNCE') return
  const { nonce, protocol, internalPort, external } = operation.mapping
  if (nonce.length !== PCP_NONCE_BYTES) throw new RangeError(`a nonce has 12 bytes, not ${nonce.length}`)
  if (!Number.isInteger(protocol) || protocol < 0 || protocol > 0xff) throw new RangeError(`no protocol: ${protocol}`)
  const view = viewOf(data)
  data.set(nonce)
  data[12] = protocol
  view.setUint16(16, checkedPort(internalPort))
  view.setUint16(18, checkedPort(external.port))
  data.set(addressField(external.address), 20)
  if (operation.opcode === 'MAP') return
  view.setUint16(36, checkedPort(operation.remote.port))
  data.set(addressField(operation.remote.address), 36 + 4)
}

function sameMapping(a: PcpMapping, b: PcpMapping): boolean {
  const sameNonce = a.nonce.every((byte, index) => byte === b.nonce[index])
  return sameNonce && a.protocol === b.protocol && a.internalPort === b.internalPort
}

function padded(length: number): number {
  return (length + 3) & ~3
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new RangeError(`not a port: ${port}`)
  return port
}

function checkedUint32(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`not 32 bits: ${value}`)
  return value
}
