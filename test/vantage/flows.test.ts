import { describe, expect, test } from 'vitest'
import type { UdpSocket } from '../../src/host/host.ts'
import type { Endpoint } from '../../src/model/endpoint.ts'
import { type FlowOrder, Flows } from '../../src/vantage/flows.ts'
import { VantageLimits } from '../../src/vantage/limits.ts'
import { encodeFlowDatagram } from '../../src/wire/flow/flow-datagram.ts'
import { VirtualClock } from '../probe/virtual-clock.ts'

const BIND = '203.0.113.10'
const NONCE = '00112233445566ff'
const ASKER: Endpoint = { address: '203.0.113.5', port: 40_000 }
const ORDER: FlowOrder = {
  bind: BIND,
  asker: ASKER.address,
  nonce: NONCE,
  sends: [{ afterMs: 1000, everyMs: 100, count: 3, ttl: null }],
}
const OPEN = encodeFlowDatagram({ kind: 'open', nonce: NONCE, number: 1 })

/** A vantage that expects one flow, and everything that leaves it, to whom. */
function vantage(order: FlowOrder = ORDER) {
  const clock = new VirtualClock()
  const flows = new Flows(clock)
  const sent: { readonly to: string; readonly bytes: number; readonly atMs: number }[] = []
  const socket = {
    send: async (data: Uint8Array, to: Endpoint) => {
      sent.push({ to: `${to.address}:${to.port}`, bytes: data.length, atMs: clock.monotonicMs() })
      return 'sent'
    },
  } as unknown as UdpSocket
  const control = new AbortController()
  const over = flows.expect(order, control.signal)
  const hear = (data: Uint8Array, from: Endpoint, mayAnswer = true) =>
    flows.hear(order.bind, socket, from, data, () => mayAnswer)
  return { clock, flows, control, over, sent, hear }
}

describe('a flow sends', () => {
  test('to nobody before it is opened', async () => {
    const { over, sent } = vantage()
    await over
    expect(sent).toEqual([])
  })

  test('to who opened it, what was announced, and an answer as long as the question', async () => {
    const { over, sent, hear } = vantage()
    expect(hear(OPEN, ASKER)).toBe(true)
    await over
    expect(sent.map(({ to }) => to)).toEqual(Array(4).fill('203.0.113.5:40000'))
    expect(sent[0]!.bytes).toBe(OPEN.length)
    expect(Math.max(...sent.map(({ bytes }) => bytes))).toBeLessThanOrEqual(40)
  })

  test.each<[string, Uint8Array, Endpoint]>([
    ['another address than the control connection has', OPEN, { address: '203.0.113.6', port: 40_000 }],
    [
      'somebody who does not know the nonce',
      encodeFlowDatagram({ kind: 'open', nonce: '0011223344556600', number: 1 }),
      ASKER,
    ],
    ['a datagram of its own kind, sent back', encodeFlowDatagram({ kind: 'sent', nonce: NONCE, number: 0 }), ASKER],
    ['one that only keeps', encodeFlowDatagram({ kind: 'keep', nonce: NONCE, number: 0 }), ASKER],
  ])('nothing for %s', async (_, data, from) => {
    const { over, sent, hear } = vantage()
    hear(data, from)
    await over
    expect(sent).toEqual([])
  })

  test('nothing to a port that takes it over', async () => {
    const { over, sent, hear } = vantage()
    hear(OPEN, ASKER)
    hear(OPEN, { ...ASKER, port: 53 })
    await over
    expect(sent.filter(({ to }) => to.endsWith(':53'))).toEqual([])
  })

  test('no more than was announced, however often it is opened again', async () => {
    const { clock, over, sent, hear } = vantage({
      ...ORDER,
      sends: [{ afterMs: 0, everyMs: 1, count: 160, ttl: null }],
    })
    for (let again = 0; again < 10; again++) {
      hear(OPEN, ASKER, false)
      await clock.sleep(300)
    }
    await over
    expect(sent).toHaveLength(160)
  })

  test('nothing when answers are used up but what was announced', async () => {
    const { over, sent, hear } = vantage()
    hear(OPEN, ASKER, false)
    await over
    expect(sent).toHaveLength(3)
  })

  test('nothing once the control connection has ended', async () => {
    const { clock, control, over, sent, hear } = vantage()
    hear(OPEN, ASKER, false)
    await clock.sleep(1050)
    control.abort()
    await over
    await clock.sleep(1000)
    expect(sent).toHaveLength(1)
    // And the nonce opens nothing any more.
    hear(OPEN, ASKER)
    await clock.sleep(5000)
    expect(sent).toHaveLength(1)
  })

  test('nothing for a second order of the same nonce', () => {
    const { flows } = vantage()
    expect(flows.expect(ORDER, new AbortController().signal)).toBeUndefined()
    expect(flows.expect({ ...ORDER, bind: '203.0.113.11' }, new AbortController().signal)).toBeDefined()
  })
})

test('a network announces what three measurements want, and then 64 datagrams a second', () => {
  const { flowDatagrams } = new VantageLimits()
  let announced = 0
  while (flowDatagrams.take(ASKER.address, 160, 0).ok) announced += 160
  expect(announced).toBe(16_320)
  expect(flowDatagrams.take('198.51.100.1', 160, 0)).toEqual({ ok: true })
  expect(flowDatagrams.take(ASKER.address, 160, 60_000)).toEqual({ ok: true })
})
