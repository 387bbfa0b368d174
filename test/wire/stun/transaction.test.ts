import { describe, expect, test } from 'vitest'
import { encodeStunMessage } from '../../../src/wire/stun/message.ts'
import { StunTransaction, type StunTransactionAction } from '../../../src/wire/stun/transaction.ts'
import { hex } from '../hex.ts'
import { COTURN_ERROR, COTURN_RESPONSE } from './captured.ts'

/** The id that the captured answers carry. */
const transactionId = hex('0102030405060708090a0b0c')
const request = { messageClass: 'request', method: 1, transactionId, attributes: [] } as const
const from = { address: '192.0.2.1', port: 3478 }

/** Runs the machine on exact timers from `startMs` until it is done, and lists what it did and when. */
function run(rttMs: number | null, startMs = 0): { sentAtMs: number[]; doneAtMs: number; outcome: unknown } {
  const transaction = new StunTransaction(request, { rttMs })
  const sentAtMs: number[] = []
  let nowMs = startMs
  let actions = transaction.step({ kind: 'start' }, nowMs)
  for (let turn = 0; turn < 100; turn++) {
    const done = actions.find((action) => action.kind === 'done')
    if (done !== undefined) return { sentAtMs, doneAtMs: nowMs, outcome: done.outcome }
    if (actions.some((action) => action.kind === 'send')) sentAtMs.push(nowMs)
    const wake = actions.find((action) => action.kind === 'wake')
    if (wake === undefined) throw new Error('neither done nor asking to be woken')
    nowMs = wake.atMs
    actions = transaction.step({ kind: 'timer' }, nowMs)
  }
  throw new Error('never done')
}

describe('silence', () => {
  test.each([
    ['a round trip of 40 ms', 40, 750 + 300],
    ['a round trip of 200 ms', 200, 750 + 550],
    ['a round trip of 5 s', 5000, 750 + 3000],
    ['no round trip known', null, 750 + 3000],
  ])('with %s', (_name, rttMs, doneAfterMs) => {
    const { sentAtMs, doneAtMs, outcome } = run(rttMs, 1_000_000)
    expect(sentAtMs.map((atMs) => atMs - 1_000_000)).toEqual([0, 150, 300, 450, 600, 750])
    expect(doneAtMs - 1_000_000).toBe(doneAfterMs)
    expect(outcome).toEqual({ kind: 'silent', transmissions: 6 })
  })

  test('a timer that comes early only asks again, one that comes late makes no burst', () => {
    const transaction = new StunTransaction(request, { rttMs: 40 })
    transaction.step({ kind: 'start' }, 0)
    expect(transaction.step({ kind: 'timer' }, 149)).toEqual([{ kind: 'wake', atMs: 150 }])
    expect(transaction.step({ kind: 'timer' }, 700)).toMatchObject([{ kind: 'send' }, { kind: 'wake', atMs: 850 }])
  })
})

describe('answers', () => {
  function stepWith(data: Uint8Array): readonly StunTransactionAction[] {
    const transaction = new StunTransaction(request, { rttMs: null })
    transaction.step({ kind: 'start' }, 100)
    transaction.step({ kind: 'timer' }, 250)
    return transaction.step({ kind: 'datagram', data, from }, 290)
  }

  test('a success is taken from wherever it comes, and its source is kept', () => {
    expect(stepWith(COTURN_RESPONSE)).toMatchObject([
      { kind: 'done', outcome: { kind: 'success', from, afterMs: 190, transmissions: 2 } },
    ])
  })

  test('an error response is not a success', () => {
    expect(stepWith(COTURN_ERROR)).toMatchObject([{ kind: 'done', outcome: { kind: 'error', from } }])
  })

  test.each([
    ['an answer to another question', COTURN_RESPONSE.with(19, 0xff)],
    ['garbage', Uint8Array.of(1, 2, 3)],
    ['64 KB of garbage', new Uint8Array(65507)],
    ['nothing', new Uint8Array(0)],
    ['our own request, come back', encodeStunMessage(request)],
    ['an indication with our id', encodeStunMessage({ ...request, messageClass: 'indication' })],
    ['an answer with another method', encodeStunMessage({ ...request, messageClass: 'success', method: 3 })],
    ['an answer with a wrong fingerprint', hex('01010008 2112a442 0102030405060708090a0b0c 80280004 00000000')],
  ])('%s is ignored', (_name, data) => expect(stepWith(data)).toEqual([]))

  test('nothing happens before the start, nor after the end', () => {
    const transaction = new StunTransaction(request, { rttMs: null })
    expect(transaction.step({ kind: 'datagram', data: COTURN_RESPONSE, from }, 0)).toEqual([])
    transaction.step({ kind: 'start' }, 0)
    transaction.step({ kind: 'datagram', data: COTURN_RESPONSE, from }, 10)
    expect(transaction.step({ kind: 'datagram', data: COTURN_RESPONSE, from }, 20)).toEqual([])
    expect(transaction.step({ kind: 'timer' }, 150)).toEqual([])
    expect(transaction.step({ kind: 'start' }, 150)).toEqual([])
  })
})
