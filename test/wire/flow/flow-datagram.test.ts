import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFlowDatagram, encodeFlowDatagram } from '../../../src/wire/flow/flow-datagram.ts'

const NONCE = '00112233445566ff'
const text = (line: string) => new TextEncoder().encode(line)

test.each(['open', 'seen', 'keep', 'sent'] as const)('%s is read as it was written', (kind) => {
  const datagram = { kind, nonce: NONCE, number: 24 }
  expect(decodeFlowDatagram(encodeFlowDatagram(datagram))).toEqual(datagram)
})

test('an answer is as long as what it answers', () => {
  const [open, seen] = (['open', 'seen'] as const).map((kind) => encodeFlowDatagram({ kind, nonce: NONCE, number: 7 }))
  expect(seen!.length).toBe(open!.length)
})

test.each([
  ['another word', `peerway-flow shut ${NONCE} 1`],
  ['a nonce too short', 'peerway-flow open 0011 1'],
  ['upper case', `peerway-flow open ${NONCE.toUpperCase()} 1`],
  ['a number too long', `peerway-flow open ${NONCE} 1000`],
  ['a line feed', `peerway-flow open ${NONCE} 1\n`],
  ['something behind it', `peerway-flow open ${NONCE} 1 ${'x'.repeat(2000)}`],
])('%s is none', (_, line) => {
  expect(decodeFlowDatagram(text(line))).toBeUndefined()
})

test('random bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (data) => decodeFlowDatagram(data) === undefined))
})
