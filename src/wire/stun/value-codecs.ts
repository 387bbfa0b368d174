import type { Endpoint } from '../../model/endpoint.ts'
import { addressBytes, formatAddress } from '../../model/ip.ts'
import { putUint16, uint16At, uint32At } from '../bytes.ts'
import { MAGIC_COOKIE } from './header.ts'

/**
 * How the value of one kind of attribute is written. `decode` gets exactly the bytes that the length field claims and
 * returns undefined when they are not a value of this kind; it throws on nothing. `encode` throws a RangeError on values
 * that do not fit. `transactionId` (12 or 16 bytes) is what XOR-MAPPED-ADDRESS hides addresses with.
 */
export interface ValueCodec<Value> {
  decode(bytes: Uint8Array, transactionId: Uint8Array): Value | undefined
  encode(value: Value, transactionId: Uint8Array): Uint8Array
}

const ADDRESS_LENGTH_OF_FAMILY: Readonly<Record<number, number>> = { 1: 4, 2: 16 }

/** RFC 8489 §14.1: a zero byte, the family, the port, the address. */
export const plainAddress: ValueCodec<Endpoint> = {
  decode(bytes) {
    if (bytes.length < 4 || bytes.length !== 4 + (ADDRESS_LENGTH_OF_FAMILY[bytes[1]!] ?? 0)) return undefined
    if (bytes.length === 4) return undefined
    return { address: formatAddress(bytes.subarray(4)), port: uint16At(bytes, 2) }
  },
  encode({ address, port }) {
    const raw = addressBytes(address)
    const bytes = new Uint8Array(4 + raw.length)
    bytes[1] = raw.length === 4 ? 1 : 2
    putUint16(bytes, 2, checkedPort(port))
    bytes.set(raw, 4)
    return bytes
  },
}

/** RFC 8489 §14.2: the same, with port and address XORed, so that no meddling NAT finds them and rewrites them. */
export const xoredAddress: ValueCodec<Endpoint> = {
  decode: (bytes, transactionId) => plainAddress.decode(xorAddress(bytes, transactionId), transactionId),
  encode: (value, transactionId) => xorAddress(plainAddress.encode(value, transactionId), transactionId),
}

/** RFC 5780 §7.2: bit 2 asks for the other address, bit 1 for the other port. */
export const changeRequest: ValueCodec<{ readonly address: boolean; readonly port: boolean }> = {
  decode: (bytes) => (bytes.length === 4 ? { address: (bytes[3]! & 4) !== 0, port: (bytes[3]! & 2) !== 0 } : undefined),
  encode: ({ address, port }) => Uint8Array.of(0, 0, 0, (address ? 4 : 0) | (port ? 2 : 0)),
}

/** RFC 5780 §7.5: a port and two bytes of padding, which some (coturn) do not count in the length. */
export const responsePort: ValueCodec<number> = {
  decode: (bytes) => (bytes.length === 2 || bytes.length === 4 ? uint16At(bytes, 0) : undefined),
  encode: (port) => Uint8Array.of(checkedPort(port) >> 8, port & 0xff, 0, 0),
}

/** RFC 5780 §7.6: PADDING says nothing but its length in bytes, at most 65,000 here. */
export const zeros: ValueCodec<number> = {
  decode: (bytes) => bytes.length,
  encode(length) {
    if (!Number.isInteger(length) || length < 0 || length > 65_000) throw new RangeError(`no padding length: ${length}`)
    return new Uint8Array(length)
  },
}

export const unsigned32: ValueCodec<number> = {
  decode: (bytes) => (bytes.length === 4 ? uint32At(bytes, 0) : undefined),
  encode: (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value),
}

/** Bytes as they are; the length must lie in `minBytes` to `maxBytes`. A view when decoded. */
export function opaque(minBytes: number, maxBytes: number): ValueCodec<Uint8Array> {
  const fits = (bytes: Uint8Array) => bytes.length >= minBytes && bytes.length <= maxBytes
  return {
    decode: (bytes) => (fits(bytes) ? bytes : undefined),
    encode(bytes) {
      if (!fits(bytes)) throw new RangeError(`${bytes.length} bytes, not ${minBytes} to ${maxBytes}`)
      return bytes
    },
  }
}

/**
 * UTF-8 of at most `maxBytes`. Bytes that are none become U+FFFD: a server's name is no reason to refuse its answer.
 * Control characters are left out: coturn counts the padding as part of the text, and terminals obey escape sequences.
 */
export function text(maxBytes: number): ValueCodec<string> {
  const bytes = opaque(0, maxBytes)
  return {
    decode(raw, transactionId) {
      if (bytes.decode(raw, transactionId) === undefined) return undefined
      return new TextDecoder().decode(raw).replace(/\p{Cc}/gu, '')
    },
    encode: (value, transactionId) => bytes.encode(new TextEncoder().encode(value), transactionId),
  }
}

/** RFC 8489 §14.8: the hundreds digit (3 to 6), the rest (0 to 99), and a phrase of at most 763 bytes. */
export const errorCode: ValueCodec<{ readonly code: number; readonly reason: string }> = {
  decode(bytes, transactionId) {
    if (bytes.length < 4) return undefined
    const [hundreds, rest] = [bytes[2]! & 7, bytes[3]!]
    const reason = reasonPhrase.decode(bytes.subarray(4), transactionId)
    if (hundreds < 3 || hundreds > 6 || rest > 99 || reason === undefined) return undefined
    return { code: hundreds * 100 + rest, reason }
  },
  encode({ code, reason }, transactionId) {
    if (!Number.isInteger(code) || code < 300 || code > 699) throw new RangeError(`no STUN error code: ${code}`)
    return Uint8Array.of(0, 0, Math.floor(code / 100), code % 100, ...reasonPhrase.encode(reason, transactionId))
  },
}

const reasonPhrase = text(763)

/** RFC 8489 §14.9: the attribute types that the server did not understand, 16 bits each. */
export const typeList: ValueCodec<readonly number[]> = {
  decode(bytes) {
    if (bytes.length % 2 !== 0) return undefined
    return Array.from({ length: bytes.length / 2 }, (_, index) => uint16At(bytes, index * 2))
  },
  encode(types) {
    const bytes = new Uint8Array(types.length * 2)
    types.forEach((type, index) => {
      putUint16(bytes, index * 2, type)
    })
    return bytes
  },
}

/** The port is XORed with the top of the cookie, the address with the cookie and the transaction id. */
function xorAddress(bytes: Uint8Array, transactionId: Uint8Array): Uint8Array {
  const xored = bytes.slice()
  for (let index = 2; index < bytes.length; index += 1) {
    const at = index < 4 ? index - 2 : index - 4
    // A legacy id of 16 bytes stands where the cookie would.
    const mask =
      at < 4 && transactionId.length < 16
        ? MAGIC_COOKIE >>> (24 - at * 8)
        : transactionId[at - 16 + transactionId.length]
    xored[index] = bytes[index]! ^ (mask ?? 0)
  }
  return xored
}

function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new RangeError(`not a port: ${port}`)
  return port
}
