import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeDnsQuery, isDnsAnswer } from '../../../src/wire/dns/dns-query.ts'
import { hex } from '../hex.ts'
import { PROPERTY_RUNS } from '../property.ts'

const ROOT = encodeDnsQuery({ id: 0xbeef, name: '.', type: 'NS' })
const EXAMPLE = encodeDnsQuery({ id: 0x0102, name: 'example.org', type: 'A' })

describe('encodeDnsQuery', () => {
  test('the name servers of the root', () => expect(ROOT).toEqual(hex('beef 0100 0001 0000 0000 0000 00 0002 0001')))

  test('an address, with or without the last dot', () => {
    expect(EXAMPLE).toEqual(hex('0102 0100 0001 0000 0000 0000 076578616d706c65 036f7267 00 0001 0001'))
    expect(encodeDnsQuery({ id: 0x0102, name: 'example.org.', type: 'A' })).toEqual(EXAMPLE)
  })

  test.each(['', 'a..b', '.a', `${'x'.repeat(64)}.org`, `${'abcdefg.'.repeat(32)}a`, 'höchst.example', 'a b'])(
    'refuses %j',
    (name) => expect(() => encodeDnsQuery({ id: 1, name, type: 'A' })).toThrow(RangeError),
  )
})

describe('isDnsAnswer', () => {
  const refused = EXAMPLE.with(2, 0x81).with(3, 0x85)
  test.each([
    ['a refusal that echoes the question', refused, true],
    ['an answer with records behind the question', new Uint8Array([...refused, ...hex('c00c 0001 0001')]), true],
    ['the question in capitals', refused.with(13, 0x45), true],
    ['the query itself, come back', EXAMPLE, false],
    ['another id', refused.with(1, 9), false],
    ['another question', refused.with(14, 0x79), false],
    ['another type', refused.with(26, 2), false],
    ['two questions', refused.with(5, 2), false],
    ['a cut answer', refused.subarray(0, refused.length - 1), false],
    ['nothing', new Uint8Array(0), false],
  ])('%s: %s', (_name, datagram, expected) => expect(isDnsAnswer(datagram, EXAMPLE)).toBe(expected))

  test('any bytes are taken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(isDnsAnswer(bytes, ROOT)).toBe(false)
      }),
      PROPERTY_RUNS,
    )
  })
})
