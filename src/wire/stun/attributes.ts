import {
  changeRequest,
  errorCode,
  opaque,
  plainAddress,
  responsePort,
  text,
  typeList,
  unsigned32,
  type ValueCodec,
  xoredAddress,
  zeros,
} from './value-codecs.ts'

function row<Value>(
  type: number,
  codec: ValueCodec<Value>,
): { readonly type: number; readonly codec: ValueCodec<Value> } {
  return { type, codec }
}

/**
 * The attributes that peerway understands, by their names in IANA's registry; those of RFC 3489 that no registry names
 * any more by the name they had there. Types below 0x8000 must be understood by whoever gets them (RFC 8489 §14).
 */
export const STUN_ATTRIBUTES = {
  // RFC 8489 §14
  'MAPPED-ADDRESS': row(0x0001, plainAddress),
  USERNAME: row(0x0006, opaque(0, 763)),
  'MESSAGE-INTEGRITY': row(0x0008, opaque(20, 20)),
  'ERROR-CODE': row(0x0009, errorCode),
  'UNKNOWN-ATTRIBUTES': row(0x000a, typeList),
  REALM: row(0x0014, opaque(0, 763)),
  NONCE: row(0x0015, opaque(0, 763)),
  'MESSAGE-INTEGRITY-SHA256': row(0x001c, opaque(16, 32)),
  'XOR-MAPPED-ADDRESS': row(0x0020, xoredAddress),
  SOFTWARE: row(0x8022, text(763)),
  'ALTERNATE-SERVER': row(0x8023, plainAddress),
  FINGERPRINT: row(0x8028, unsigned32),
  // RFC 5780 §7
  'CHANGE-REQUEST': row(0x0003, changeRequest),
  PADDING: row(0x0026, zeros),
  'RESPONSE-PORT': row(0x0027, responsePort),
  'RESPONSE-ORIGIN': row(0x802b, plainAddress),
  'OTHER-ADDRESS': row(0x802c, plainAddress),
  // RFC 3489 §11.2
  'RESPONSE-ADDRESS': row(0x0002, plainAddress),
  'SOURCE-ADDRESS': row(0x0004, plainAddress),
  'CHANGED-ADDRESS': row(0x0005, plainAddress),
  PASSWORD: row(0x0007, opaque(0, 763)),
  'REFLECTED-FROM': row(0x000b, plainAddress),
} as const

type Table = typeof STUN_ATTRIBUTES
export type StunAttributeName = keyof Table
export type StunAttributeValue<Name extends StunAttributeName> =
  Table[Name]['codec'] extends ValueCodec<infer Value> ? Value : never

export type KnownStunAttribute = {
  [Name in StunAttributeName]: { readonly name: Name; readonly value: StunAttributeValue<Name> }
}[StunAttributeName]

/** An attribute without a row in the table: its type and its bytes. */
export interface UnknownStunAttribute {
  readonly name: 'unknown'
  readonly type: number
  readonly value: Uint8Array
}

export type StunAttribute = KnownStunAttribute | UnknownStunAttribute

const NAME_BY_TYPE: ReadonlyMap<number, StunAttributeName> = new Map(
  Object.entries(STUN_ATTRIBUTES).map(([name, { type }]) => [type, name as StunAttributeName]),
)

/** One attribute from its type and value bytes (without padding); undefined when the bytes are no value of that type. */
export function decodeStunAttribute(
  type: number,
  bytes: Uint8Array,
  transactionId: Uint8Array,
): StunAttribute | undefined {
  const name = NAME_BY_TYPE.get(type)
  if (name === undefined) return { name: 'unknown', type, value: bytes }
  const value = STUN_ATTRIBUTES[name].codec.decode(bytes, transactionId)
  // The table pairs every name with the codec of its value, which the compiler cannot follow through a lookup.
  return value === undefined ? undefined : ({ name, value } as KnownStunAttribute)
}

/** Type and value bytes of an attribute, without padding. RangeError for a value that does not fit its row. */
export function encodeStunAttribute(
  attribute: StunAttribute,
  transactionId: Uint8Array,
): { readonly type: number; readonly bytes: Uint8Array } {
  if (attribute.name === 'unknown') return { type: attribute.type, bytes: attribute.value }
  const { type, codec } = STUN_ATTRIBUTES[attribute.name]
  const bytes = (codec as ValueCodec<typeof attribute.value>).encode(attribute.value, transactionId)
  return { type, bytes }
}
