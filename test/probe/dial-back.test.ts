import { describe, expect, test } from 'vitest'
import type { ArrivalCount, Host, TcpFlow } from '../../src/host/host.ts'
import type { Endpoint } from '../../src/model/endpoint.ts'
import type { ArrivalCounts } from '../../src/probe/arrival-counts.ts'
import { type DialTarget, probeDialBack } from '../../src/probe/dial-back.ts'
import type { DialSource } from '../../src/probe/dial-plan.ts'
import type { HeldPort } from '../../src/probe/held-port.ts'
import type { DialReport, DialRequest, VantageControl } from '../../src/vantage/vantage.ts'
import { VirtualClock } from './virtual-clock.ts'

const VANTAGE: Endpoint = { address: '203.0.113.11', port: 50_000 }
const CLEAN: DialSource = { from: { source: VANTAGE.address }, address: VANTAGE.address, clean: true, vantage: 'v' }
const key = { transport: 'tcp', family: 'ipv4', port: 4001 } as const
const forTheNode: DialTarget = { key, dialPort: key.port, purpose: 'endpoint', holder: 'node' }
const SECRET = 'aa'.repeat(16)

const silent: DialReport = {
  outcome: 'silent',
  refusal: null,
  source: VANTAGE,
  target: { address: '203.0.113.7', port: 4001 },
  attempts: 6,
  rttMs: null,
  answer: null,
  greeting: null,
  answerBytes: null,
  ended: null,
}
const connected: DialReport = { ...silent, outcome: 'connected', attempts: 1, rttMs: 40 }

interface World {
  readonly flows?: (nowMs: number) => readonly TcpFlow[]
  readonly count?: ArrivalCount | ((dials: number) => ArrivalCount)
  readonly answer: (request: DialRequest, dials: number) => DialReport
}

function dial(world: World, target = forTheNode, sources: readonly DialSource[] = [CLEAN]) {
  const clock = new VirtualClock()
  const requests: DialRequest[] = []
  const released: DialReport[] = []
  const control = {
    dial: async (request: DialRequest) => {
      requests.push(request)
      await clock.sleep(40)
      const report = world.answer(request, requests.length)
      if (report.outcome === 'connected') request.onConnected?.(report.source)
      await clock.sleep(300)
      return report
    },
    release: (report: DialReport) => released.push(report),
  } as unknown as VantageControl
  const host = {
    clock,
    random: { bytes: (length: number) => new Uint8Array(length).fill(7) },
    listeners: { connections: async () => world.flows?.(clock.monotonicMs()) ?? [] },
    network: { sourceTowards: async () => '192.168.1.10' },
  } as unknown as Host
  const { count } = world
  const read = async () => (typeof count === 'function' ? count(requests.length) : count)
  const counts: ArrivalCounts = { read, close: async () => {} }
  const fact = probeDialBack({ host, control, counts, rttMs: 40 }, target, sources)
  return fact.then((value) => ({ fact: value, requests, released }))
}

function held(bearer?: Endpoint): HeldPort {
  return {
    key,
    secret: SECRET,
    expect: () => {},
    bearerOf: () => bearer,
    heardFrom: () => false,
    close: async () => {},
  }
}

const flow = (address: string): TcpFlow => ({
  local: { address: '192.168.1.2', port: 4001 },
  remote: { address, port: 50_000 },
  state: 'established',
})
const bytes = (text: string) => new TextEncoder().encode(text)

describe('a dial-back to the node', () => {
  test('speaks as a stranger, is released, and bears what the vantage says', async () => {
    const { fact, requests, released } = await dial({ answer: () => silent })
    expect(requests[0]).toMatchObject({ transport: 'tcp', port: 4001, payload: { kind: 'stranger' } })
    expect(fact).toMatchObject({
      outcome: 'silent',
      sourceClean: true,
      holder: 'node',
      attempts: 6,
      purpose: 'endpoint',
    })
    expect(released).toEqual([silent])
  })

  test('the connection table shows the flow of the dial, even when it appears late', async () => {
    const flows = (nowMs: number) => (nowMs > 150 ? [flow('198.51.100.9'), flow(VANTAGE.address)] : [])
    const { fact } = await dial({ answer: () => connected, flows })
    expect(fact.arrival).toMatchObject({ wire: 'yes', how: 'connection-table', source: VANTAGE.address })
  })

  test('where somebody else completed the handshake and nothing came, it is dialled again: a packet may have been lost', async () => {
    const came = (packets: number) => ({ wire: packets, passed: packets, anySourceOpening: packets, strayOpening: 0 })
    const proxied = { answer: () => connected, count: (dials: number) => came(dials > 1 ? 1 : 0) }
    const { fact, requests } = await dial(proxied)
    expect(fact.arrival).toMatchObject({ wire: 'yes', passed: 'yes', how: 'counters' })
    expect(requests).toHaveLength(4)
    const stopped = await dial({ ...proxied, count: came(0) })
    expect(stopped.fact.arrival).toMatchObject({ wire: 'no', how: 'counters' })
  })

  test('a flow that was there before the dial is not the dial’s', async () => {
    const { fact } = await dial({ answer: () => connected, flows: () => [flow(VANTAGE.address)] })
    expect(fact.arrival).toMatchObject({ wire: 'no', how: 'connection-table', source: null })
  })

  test('a router that rewrites sources is seen by its own address', async () => {
    const flows = (nowMs: number) => (nowMs >= 40 ? [flow('192.168.1.1')] : [])
    const { fact } = await dial({ answer: () => connected, flows })
    expect(fact.arrival).toMatchObject({ wire: 'yes', source: '192.168.1.1' })
  })

  test('counters decide without an answer', async () => {
    const { fact } = await dial({
      answer: () => silent,
      count: { wire: 6, passed: 0, anySourceOpening: 6, strayOpening: 0 },
    })
    expect(fact.arrival).toMatchObject({ wire: 'yes', passed: 'no', how: 'counters', anySourcePackets: 6 })
  })

  test('another source than the one asked for is not called clean', async () => {
    const elsewhere = { ...silent, source: { address: '203.0.113.99', port: 1 } }
    expect((await dial({ answer: () => elsewhere })).fact.sourceClean).toBe(false)
  })
})

describe('a dial-back to a port that peerway holds', () => {
  const target: DialTarget = { key, dialPort: key.port, purpose: 'comparison', holder: held({ ...VANTAGE, port: 9 }) }

  test('only our own secret, returned, is called nonce', async () => {
    const { fact, requests } = await dial(
      { answer: () => ({ ...connected, answer: bytes(`peerway-reply ${SECRET}\n`) }) },
      target,
    )
    expect(requests[0]?.payload).toEqual({ kind: 'nonce', nonce: new Uint8Array(16).fill(7) })
    expect(fact).toMatchObject({ holder: 'peerway', greeting: 'nonce' })
    expect(fact.arrival).toMatchObject({ wire: 'yes', passed: 'yes', how: 'held-socket', source: VANTAGE.address })
  })

  test.each([
    ['an echo of the nonce', bytes(`peerway-reply ${'07'.repeat(16)}\n`)],
    ['nothing', null],
    ['garbage', Uint8Array.of(0xff, 0x00, 0x0a)],
  ])('a vantage that says nonce and shows %s is not believed', async (_, answer) => {
    const { fact } = await dial({ answer: () => ({ ...connected, greeting: 'nonce', answer }) }, target)
    expect(fact.greeting).toBeNull()
  })
})

describe('a vantage that does not dial', () => {
  const none: DialReport = { ...silent, outcome: 'not-dialled', refusal: 'grant-failed', source: null, target: null }
  const granted: DialSource = {
    ...CLEAN,
    from: { vantage: { address: '198.51.100.5', port: 3478 } },
    address: '198.51.100.5',
  }
  const dirty: DialSource = { ...CLEAN, from: { source: '203.0.113.10' }, address: '203.0.113.10', clean: false }

  test('the next source is taken', async () => {
    const answer = (_: DialRequest, dials: number) =>
      dials === 1 ? none : { ...silent, source: { address: '203.0.113.10', port: 1 } }
    const { fact, requests } = await dial({ answer }, forTheNode, [granted, dirty])
    expect(requests.map(({ from }) => from)).toEqual([granted.from, dirty.from])
    expect(fact).toMatchObject({ outcome: 'silent', sourceClean: false })
  })

  test('that nobody dialled is a fact, with the reason', async () => {
    const { fact } = await dial({ answer: () => none }, forTheNode, [granted, dirty])
    expect(fact).toMatchObject({ outcome: 'not-dialled', refusal: 'grant-failed', target: null })
  })
})
