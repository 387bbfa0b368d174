import { expect, test } from 'vitest'
import { STUN_ATTRIBUTES } from '../../../src/wire/stun/attributes.ts'
import { BINDING } from '../../../src/wire/stun/header.ts'
import { IANA_STUN_ATTRIBUTES } from './iana-stun-attributes.ts'

test.each(Object.entries(STUN_ATTRIBUTES))('%s has the type that IANA lists', (name, { type }) => {
  const row = IANA_STUN_ATTRIBUTES.find(([registered]) => registered === type)
  expect([row?.[1], row?.[2]]).toContain(name)
})

test('Binding is method 1, as in the registry "STUN Methods"', () => expect(BINDING).toBe(0x001))
