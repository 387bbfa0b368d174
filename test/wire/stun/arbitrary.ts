import fc from 'fast-check'
import { formatAddress } from '../../../src/model/ip.ts'
import type { KnownStunAttribute, StunAttribute } from '../../../src/wire/stun/attributes.ts'
import type { StunMessage } from '../../../src/wire/stun/message.ts'

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const port = fc.integer({ min: 0, max: 0xffff })
const address = fc.oneof(bytes(4), bytes(16)).map(formatAddress)
const endpoint = fc.record({ address, port })
const word = fc.string({ maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text))
const code = fc.integer({ min: 300, max: 699 })

/** A generator of values for every row of the table but the seals, which are put on after encoding. */
const VALUES = {
  'MAPPED-ADDRESS': endpoint,
  USERNAME: bytes(0, 40),
  'ERROR-CODE': fc.record({ code, reason: word }),
  'UNKNOWN-ATTRIBUTES': fc.array(port, { maxLength: 9 }),
  REALM: bytes(0, 40),
  NONCE: bytes(0, 40),
  'XOR-MAPPED-ADDRESS': endpoint,
  SOFTWARE: word,
  'ALTERNATE-SERVER': endpoint,
  'CHANGE-REQUEST': fc.record({ address: fc.boolean(), port: fc.boolean() }),
  PADDING: fc.integer({ min: 0, max: 300 }),
  'RESPONSE-PORT': port,
  'RESPONSE-ORIGIN': endpoint,
  'OTHER-ADDRESS': endpoint,
  'RESPONSE-ADDRESS': endpoint,
  'SOURCE-ADDRESS': endpoint,
  'CHANGED-ADDRESS': endpoint,
  PASSWORD: bytes(0, 40),
  'REFLECTED-FROM': endpoint,
}

const attribute = fc.oneof(
  ...Object.entries(VALUES).map(([name, value]) =>
    fc
      .record({ name: fc.constant(name), value: value as fc.Arbitrary<unknown> })
      .map((pair) => pair as KnownStunAttribute),
  ),
  fc.record({
    name: fc.constant('unknown' as const),
    type: fc.integer({ min: 0x4000, max: 0x7fff }),
    value: bytes(0, 9),
  }),
) as fc.Arbitrary<StunAttribute>

export const arbitraryStunMessage: fc.Arbitrary<StunMessage> = fc
  .record({
    messageClass: fc.constantFrom('request', 'indication', 'success', 'error'),
    method: fc.integer({ min: 0, max: 0xfff }),
    transactionId: fc.oneof(bytes(12), bytes(16)),
    attributes: fc.array(attribute, { maxLength: 8 }),
  })
  // Sixteen bytes that happen to begin with the cookie would be a modern id; the generator leaves them out.
  .filter(({ transactionId }) => transactionId.length === 12 || transactionId[0] !== 0x21)
  .map((message) => ({ ...message, legacy: message.transactionId.length === 16 }))
