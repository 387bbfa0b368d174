import type { Address } from '../../model/endpoint.ts'
import { viewOf } from '../bytes.ts'
import { ADDRESS_FIELD_BYTES, addressField, readAddressField } from './address-field.ts'

/** How the data of one kind of option is written; `lengthBytes` is what the option's length field says. */
interface OptionCodec<Value> {
  readonly lengthBytes: number
  /** Gets exactly `lengthBytes`; undefined when they are no value of this kind. */
  decode(bytes: Uint8Array): Value | undefined
  /** RangeError for values that do not fit. */
  encode(value: Value): Uint8Array
}

/** Lets through only packets of this remote prefix and port; port 0 is every port, prefix length 0 every address. */
export interface PcpFilter {
  /** Of the 128-bit address: 128 is one host, and an IPv4 prefix has 96 more than its own length (RFC 6887 §13.3). */
  readonly prefixLength: number
  readonly remotePort: number
  readonly remote: Address
}

const address: OptionCodec<Address> = {
  lengthBytes: ADDRESS_FIELD_BYTES,
  decode: readAddressField,
  encode: addressField,
}

const nothing: OptionCodec<true> = { lengthBytes: 0, decode: () => true, encode: () => new Uint8Array(0) }

const filter: OptionCodec<PcpFilter> = {
  lengthBytes: 4 + ADDRESS_FIELD_BYTES,
  decode(bytes) {
    const prefixLength = bytes[1]!
    if (prefixLength > 128) return undefined
    return { prefixLength, remotePort: viewOf(bytes).getUint16(2), remote: readAddressField(bytes.subarray(4)) }
  },
  encode({ prefixLength, remotePort, remote }) {
    if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > 128) {
      throw new RangeError(`a prefix length is 0 to 128, not ${prefixLength}`)
    }
    if (!Number.isInteger(remotePort) || remotePort < 0 || remotePort > 0xffff) {
      throw new RangeError(`not a port: ${remotePort}`)
    }
    return Uint8Array.of(0, prefixLength, remotePort >> 8, remotePort & 0xff, ...addressField(remote))
  },
}

function row<Value, const Opcodes extends readonly string[]>(
  code: number,
  opcodes: Opcodes,
  codec: OptionCodec<Value>,
) {
  return { code, opcodes, codec }
}

/** The options that peerway understands, by their names in IANA's registry, and with which opcodes each may stand. */
export const PCP_OPTIONS = {
  // RFC 6887 §13
  THIRD_PARTY: row(1, ['MAP', 'PEER'], address),
  PREFER_FAILURE: row(2, ['MAP'], nothing),
  FILTER: row(3, ['MAP'], filter),
} as const

type Table = typeof PCP_OPTIONS
export type PcpOptionName = keyof Table
export type PcpOptionValue<Name extends PcpOptionName> =
  Table[Name]['codec'] extends OptionCodec<infer Value> ? Value : never

export type KnownPcpOption = {
  [Name in PcpOptionName]: { readonly name: Name; readonly value: PcpOptionValue<Name> }
}[PcpOptionName]

/** An option without a row in the table: its code and its bytes, at most 1000. */
export interface UnknownPcpOption {
  readonly name: 'unknown'
  readonly code: number
  readonly value: Uint8Array
}

export type PcpOption = KnownPcpOption | UnknownPcpOption

/** Codes below 128 must be understood by whoever gets them; the others may be skipped (RFC 6887 §7.3). */
export function isMandatoryOption(code: number): boolean {
  return code < 128
}

const NAME_BY_CODE: ReadonlyMap<number, PcpOptionName> = new Map(
  Object.entries(PCP_OPTIONS).map(([name, { code }]) => [code, name as PcpOptionName]),
)

/** One option from its code and data (without padding); undefined when the data is none of that option. */
export function decodePcpOption(code: number, bytes: Uint8Array): PcpOption | undefined {
  const name = NAME_BY_CODE.get(code)
  if (name === undefined) return { name: 'unknown', code, value: bytes }
  const { codec } = PCP_OPTIONS[name]
  if (bytes.length !== codec.lengthBytes) return undefined
  const value = codec.decode(bytes)
  // The table pairs every name with the codec of its value, which the compiler cannot follow through a lookup.
  return value === undefined ? undefined : ({ name, value } as KnownPcpOption)
}

/** Code and data of an option, without padding. RangeError for a value that does not fit. */
export function encodePcpOption(option: PcpOption): { readonly code: number; readonly bytes: Uint8Array } {
  if (option.name === 'unknown') return { code: option.code, bytes: option.value }
  const { code, codec } = PCP_OPTIONS[option.name]
  return { code, bytes: (codec as OptionCodec<typeof option.value>).encode(option.value) }
}
