import type { Address } from '../model/endpoint.ts'
import { addressBytes, formatAddress, ipv4Value, parseAddress } from '../model/ip.ts'
import type { Value } from './ruleset.ts'

/** An address as a number (IPv4) or a bigint (IPv6), so that ranges are two comparisons. Undefined for other text. */
export function addressValue(text: string): number | bigint | undefined {
  const quad = ipv4Value(text)
  if (quad !== undefined || !text.includes(':')) return quad
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return addressBytes(address).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

export function addressText(value: number | bigint): Address {
  if (typeof value === 'number') {
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
  }
  return formatAddress(Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt((15 - i) * 8)) & 0xffn)))
}

/** First and last address of a prefix; undefined when the length does not fit. Bits below the length are dropped. */
export function prefixSpan(address: number | bigint, length: number): readonly [Value, Value] | undefined {
  const bits = typeof address === 'number' ? 32 : 128
  if (!Number.isInteger(length) || length < 0 || length > bits) return undefined
  const host = (1n << BigInt(bits - length)) - 1n
  const low = BigInt(address) & ~host
  return bits === 32 ? [Number(low), Number(low | host)] : [low, low | host]
}
