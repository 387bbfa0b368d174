import { describe, expect, test } from 'vitest'
import type { ArrivalCount } from '../../src/host/host.ts'
import { type ArrivalSigns, judgeArrival } from '../../src/probe/arrival.ts'

const VANTAGE = '203.0.113.11'
const quiet: ArrivalSigns = {
  transport: 'tcp',
  outcome: 'silent',
  dialledFrom: VANTAGE,
  count: undefined,
  flow: undefined,
  held: undefined,
}
const count = (wire: number, passed: number, anySourceOpening: number): ArrivalCount => ({
  wire,
  passed,
  anySourceOpening,
  strayOpening: 0,
})

describe('what of a dial arrived', () => {
  test('nothing could look: unknown', () => {
    expect(judgeArrival(quiet)).toMatchObject({ wire: 'unknown', passed: 'unknown', how: 'none' })
  })

  test.each([
    ['nothing at all', count(0, 0, 0), 'no', 'no'],
    ['stopped by this host', count(6, 0, 6), 'yes', 'no'],
    ['through the filters', count(6, 6, 6), 'yes', 'yes'],
    ['only somebody else, or the dial under another source', count(0, 0, 4), 'unknown', 'unknown'],
  ])('counters: %s', (_, counted, wire, passed) => {
    const arrival = judgeArrival({ ...quiet, count: counted })
    expect(arrival).toMatchObject({ wire, passed, how: 'counters', anySourcePackets: counted.anySourceOpening })
  })

  test('the nonce in our hands proves arrival under whatever source, and needs no counters', () => {
    const held = { bearer: '192.168.1.1', heard: false }
    const arrival = judgeArrival({ ...quiet, outcome: 'connected', held, count: count(0, 0, 3) })
    expect(arrival).toMatchObject({ wire: 'yes', passed: 'yes', how: 'held-socket', source: '192.168.1.1' })
    expect(arrival.anySourcePackets).toBe(3)
  })

  test.each([
    ['a datagram would have reached our socket', 'udp', 'silent', 'no'],
    ['our answer to a SYN may be lost', 'tcp', 'silent', 'unknown'],
    ['somebody else completed the handshake', 'tcp', 'connected', 'no'],
  ] as const)('a held port that stays quiet: %s', (_, transport, outcome, passed) => {
    const arrival = judgeArrival({ ...quiet, transport, outcome, held: { bearer: null, heard: false } })
    expect(arrival).toMatchObject({ wire: 'unknown', passed, how: 'held-socket' })
  })

  test('counters say more than a held port that stays quiet', () => {
    const arrival = judgeArrival({ ...quiet, count: count(6, 0, 6), held: { bearer: null, heard: false } })
    expect(arrival).toMatchObject({ wire: 'yes', passed: 'no', how: 'counters' })
  })

  test.each([
    ['the flow of the vantage', { looked: true, source: VANTAGE }, 'yes', VANTAGE],
    ['a flow from a router that rewrites sources', { looked: true, source: '192.168.1.1' }, 'yes', '192.168.1.1'],
    ['a new flow of who knows whom', { looked: true, source: '198.51.100.77' }, 'unknown', '198.51.100.77'],
    ['no flow', { looked: true, source: null }, 'no', null],
  ])('the connection table shows %s', (_, flow, wire, source) => {
    const arrival = judgeArrival({ ...quiet, outcome: 'connected', flow })
    expect(arrival).toMatchObject({ wire, passed: wire, how: 'connection-table', source })
  })

  test('a connection table that cannot be read shows nothing', () => {
    const arrival = judgeArrival({ ...quiet, outcome: 'connected', flow: { looked: false, source: null } })
    expect(arrival).toMatchObject({ wire: 'unknown', passed: 'unknown', how: 'none' })
  })
})
