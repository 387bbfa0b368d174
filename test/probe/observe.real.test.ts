import { afterEach, describe, expect, test } from 'vitest'
import type { DialBackFact, Evidence, FactOf, ProbeName } from '../../src/model/evidence.ts'
import { missingFor } from '../lab/needs.ts'
import { FIRST, NODE, ROUTER, SECOND, SECOND_ALTERNATE, SmallInternet } from './small-internet.ts'

const missing = missingFor('setpriv', 'ping', 'tcpdump')
const TOKEN = 'a token for two vantages'
const BOTH = [
  { transport: 'udp', port: 4001 },
  { transport: 'tcp', port: 4001 },
] as const

let internet: SmallInternet | undefined
afterEach(() => {
  internet?.close()
  internet = undefined
})

function open(options?: ConstructorParameters<typeof SmallInternet>[0]): SmallInternet {
  internet = new SmallInternet(options)
  return internet
}

function facts<P extends ProbeName>(evidence: readonly Evidence[], probe: P): readonly FactOf<P>[] {
  return evidence.filter((one) => one.probe === probe).map(({ value }) => value as FactOf<P>)
}

function endpointDial(evidence: readonly Evidence[], transport: 'udp' | 'tcp'): DialBackFact | undefined {
  return facts(evidence, 'dial-back').find((fact) => fact.purpose === 'endpoint' && fact.transport === transport)
}

function lastDialMs(evidence: readonly Evidence[]): number {
  return Math.max(...evidence.filter(({ probe }) => probe === 'dial-back').map(({ atMs }) => atMs))
}

const forwardBoth = [`udp dport 4001 dnat to ${NODE}`, `tcp dport 4001 dnat to ${NODE}`]
const plan = { ports: BOTH, vantages: [FIRST.primary] }
const vantage = { addresses: [FIRST.primary], alternate: FIRST.alternate }

describe.skipIf(missing)(`observe, in the kernel's own networks${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('a forwarded node is dialled from a clean address, greets, and is counted behind the filters', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const { evidence, tookMs } = await world.observe(plan)
    console.log(`forwarded: ${tookMs} ms`)

    const clean = { sourceClean: true, holder: 'node', target: { address: ROUTER, port: 4001 } }
    const counted = { wire: 'yes', passed: 'yes', how: 'counters' }
    expect(endpointDial(evidence, 'tcp')).toMatchObject({ ...clean, outcome: 'connected', arrival: counted })
    expect(endpointDial(evidence, 'tcp')?.greeting).toContain('multistream')
    expect(endpointDial(evidence, 'udp')).toMatchObject({ ...clean, outcome: 'answered', arrival: counted })
    const others = facts(evidence, 'dial-back').filter(({ purpose }) => purpose !== 'endpoint')
    expect(others.map(({ purpose, transport, outcome }) => `${purpose} ${transport} ${outcome}`)).toEqual([
      'comparison udp silent',
      'comparison tcp silent',
      'vacant tcp silent',
    ])
    expect(others.every(({ arrival }) => arrival.wire === 'no' && arrival.how === 'counters')).toBe(true)
  })

  test('behind the kernel’s NAT nobody gets in, and the NAT is described', async () => {
    const world = open()
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const { evidence, tookMs } = await world.observe(plan)
    console.log(`not forwarded: ${tookMs} ms`)

    expect(facts(evidence, 'dial-back').map(({ outcome }) => outcome)).toEqual(new Array(5).fill('silent'))
    expect(facts(evidence, 'external-address')[0]?.mapped.address).toBe(ROUTER)
    expect(facts(evidence, 'mapping')[0]).toMatchObject({ behavior: 'endpoint-independent' })
    expect(facts(evidence, 'filtering')[0]).toMatchObject({ behavior: 'address-and-port-dependent' })
    expect(facts(evidence, 'port-preservation')[0]).toMatchObject({ answer: 'yes' })
    expect(facts(evidence, 'hairpinning')[0]).toMatchObject({ answer: 'no' })
    expect(facts(evidence, 'hops')[0]?.hops.map(({ address }) => address)).toEqual(['192.168.1.1', FIRST.primary])
    expect(facts(evidence, 'inbound-hops')[0]?.hops.at(-1)).toMatchObject({ answer: 'echo-reply', address: ROUTER })
    expect(facts(evidence, 'external-owner')[0]?.hops[0]).toMatchObject({ ttl: 1, answer: 'echo-reply' })
    expect(facts(evidence, 'router-page')[0]).toMatchObject({ address: '192.168.1.1', ttl: 1, outcome: 'refused' })
    expect(facts(evidence, 'outbound').every(({ outcome }) => outcome === 'answered')).toBe(true)
    expect(evidence.map(({ id }) => id)).toEqual(evidence.map((_, index) => `e${index + 1}`))
  })

  test('not one packet goes to the address that dials before all dials have ended', async () => {
    const world = open()
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const timesMs = await world.packetsTo(FIRST.alternate)
    const { evidence } = await world.observe(plan)
    expect(facts(evidence, 'mapping')[0]?.bindings).toHaveLength(2)
    await expect.poll(() => timesMs.length).toBeGreaterThan(0)
    expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(lastDialMs(evidence))
  })

  test('where nobody listens, peerway holds the port and gets the nonce', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage(vantage)
    await world.startNode([{ transport: 'tcp', port: 4001, address: '127.0.0.1' }])
    const { evidence } = await world.observe(plan)

    expect(facts(evidence, 'listeners').map(({ transport, state }) => `${transport} ${state}`)).toEqual([
      'udp none',
      'tcp loopback-only',
    ])
    for (const transport of ['udp', 'tcp'] as const) {
      expect(endpointDial(evidence, transport)).toMatchObject({
        holder: 'peerway',
        greeting: 'nonce',
        arrival: { wire: 'yes', passed: 'yes', how: 'held-socket', source: FIRST.alternate },
      })
    }
  })

  test('the host’s own firewall is told from the network by the counters', async () => {
    const drop =
      'table inet fw { chain in { type filter hook input priority 0; tcp dport 4001 drop; udp dport 4001 drop; }; }\n'
    const world = open({ forward: forwardBoth, hostRules: drop })
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const { evidence } = await world.observe(plan)
    for (const transport of ['udp', 'tcp'] as const) {
      expect(endpointDial(evidence, transport)).toMatchObject({
        outcome: 'silent',
        arrival: { wire: 'yes', passed: 'no', how: 'counters' },
      })
    }
  })

  test('without root the connection table and our own sockets are the witnesses', async () => {
    const world = open({ forward: ['udp dport 4002 dnat to 192.168.1.2', ...forwardBoth] })
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const { evidence } = await world.observe({ ...plan, ports: [...BOTH, { transport: 'udp', port: 4002 }] }, true)
    expect(endpointDial(evidence, 'tcp')).toMatchObject({
      outcome: 'connected',
      arrival: { wire: 'yes', how: 'connection-table', source: FIRST.alternate },
    })
    expect(endpointDial(evidence, 'udp')).toMatchObject({ outcome: 'answered', arrival: { how: 'none' } })
    expect(facts(evidence, 'dial-back').find(({ port }) => port === 4002)).toMatchObject({
      holder: 'peerway',
      greeting: 'nonce',
      arrival: { how: 'held-socket' },
    })
    expect(facts(evidence, 'listeners')[0]).toMatchObject({ state: 'listening', redirected: 'unknown' })
  })

  test('a router that rewrites sources is seen through', async () => {
    const world = open({ forward: forwardBoth, rewriteSources: true })
    await world.startVantage(vantage)
    await world.startNode([BOTH[1]])
    const { evidence } = await world.observe(plan)
    expect(endpointDial(evidence, 'tcp')?.arrival).toMatchObject({ wire: 'yes', source: '192.168.1.1' })
    expect(endpointDial(evidence, 'udp')).toMatchObject({ greeting: 'nonce', arrival: { source: '192.168.1.1' } })
  })

  test('two vantages with one address each: the second dials by a grant, before it gets any packet from us', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage({ addresses: [FIRST.primary], token: TOKEN })
    await world.startVantage({ addresses: [SECOND], token: TOKEN })
    await world.startNode(BOTH)
    const { evidence, tookMs } = await world.observe({ ports: BOTH, vantages: [FIRST.primary, SECOND] })
    console.log(`by a grant: ${tookMs} ms`)

    expect(endpointDial(evidence, 'tcp')).toMatchObject({
      vantage: SECOND,
      sourceClean: true,
      source: { address: SECOND },
      outcome: 'connected',
    })
    const contacted = evidence.find(
      ({ probe, value }) => probe === 'vantage' && 'name' in value && value.name === SECOND,
    )
    expect(contacted?.atMs).toBeGreaterThanOrEqual(lastDialMs(evidence))
    expect(facts(evidence, 'mapping')[0]?.bindings.map(({ server }) => server.address)).toEqual([FIRST.primary, SECOND])
  })

  test('two vantages without a shared token: each dials from an address of its own that we never spoke to', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage(vantage)
    await world.startVantage({ addresses: [SECOND], alternate: SECOND_ALTERNATE })
    await world.startNode(BOTH)
    const { evidence, tookMs } = await world.observe({ ports: BOTH, vantages: [FIRST.primary, SECOND] })
    console.log(`two vantages, no token: ${tookMs} ms`)
    const dials = facts(evidence, 'dial-back').filter(
      ({ purpose, transport }) => purpose === 'endpoint' && transport === 'tcp',
    )
    expect(dials.map(({ source, sourceClean }) => `${source?.address} ${sourceClean}`)).toEqual([
      `${FIRST.alternate} true`,
      `${SECOND_ALTERNATE} true`,
    ])
    expect(dials.every(({ arrival }) => arrival.wire === 'yes' && arrival.how === 'counters')).toBe(true)
  })

  test('one vantage with one address: the dial is made, and not called clean', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage({ addresses: [FIRST.primary] })
    await world.startNode(BOTH)
    const { evidence } = await world.observe(plan)
    expect(endpointDial(evidence, 'tcp')).toMatchObject({ outcome: 'connected', sourceClean: false })
    expect(facts(evidence, 'mapping')[0]).toMatchObject({ behavior: 'unknown', reason: 'one-address' })
  })

  test('an address that was spoken to is remembered by the next run', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage(vantage)
    await world.startNode(BOTH)
    const runs = [await world.observe(plan), await world.observe(plan)]
    expect(runs.map(({ evidence }) => endpointDial(evidence, 'tcp')?.sourceClean)).toEqual([true, false])
    const [first, second] = runs.map(({ evidence }) => facts(evidence, 'outbound').length)
    expect(second).toBe(first)
  })

  test('nothing translates: the mapping is none, and the other address is left alone', async () => {
    const world = open({ untranslated: true })
    await world.startVantage(vantage)
    const { evidence } = await world.observe(plan)
    expect(facts(evidence, 'mapping')[0]).toMatchObject({ behavior: 'none' })
    expect(endpointDial(evidence, 'tcp')).toMatchObject({ holder: 'peerway', greeting: 'nonce' })
    expect(facts(evidence, 'external-owner')).toEqual([])
  })

  test('a dead vantage before a living one costs time, and nothing else', async () => {
    const world = open({ forward: forwardBoth })
    await world.startVantage({ addresses: [SECOND] })
    await world.startNode(BOTH)
    const { evidence, tookMs } = await world.observe({ ports: BOTH, vantages: ['203.0.113.99', SECOND] })
    console.log(`after a dead vantage: ${tookMs} ms`)
    expect(
      facts(evidence, 'vantage')
        .filter(({ origin }) => origin === 'user')
        .map(({ control }) => control),
    ).toEqual([expect.not.stringMatching('answered'), 'answered'])
    expect(endpointDial(evidence, 'tcp')).toMatchObject({ outcome: 'connected', vantage: SECOND })
    expect(facts(evidence, 'internet')).toEqual([])
  })

  test('without a vantage, a STUN server of the list tells the address and the behavior', async () => {
    const world = open()
    await world.startVantage(vantage)
    const { evidence, tookMs } = await world.observe({ ports: BOTH, vantages: [], publicStunServers: [FIRST.primary] })
    console.log(`without a vantage: ${tookMs} ms`)
    expect(facts(evidence, 'vantage')[0]).toMatchObject({
      origin: 'public-list',
      control: 'not-asked',
      stun: 'answered',
    })
    expect(facts(evidence, 'external-address')[0]?.mapped.address).toBe(ROUTER)
    expect(facts(evidence, 'mapping')[0]).toMatchObject({ behavior: 'endpoint-independent' })
    expect(facts(evidence, 'filtering')[0]).toMatchObject({ behavior: 'address-and-port-dependent' })
    expect(facts(evidence, 'internet')[0]?.asked).toContainEqual(
      expect.objectContaining({ what: 'stun-server', outcome: 'answered' }),
    )
    expect(facts(evidence, 'dial-back')).toEqual([])
  })

  test('a dead vantage: the others of the internet are asked, and nothing throws', async () => {
    const world = open()
    const { evidence, tookMs } = await world.observe(plan)
    console.log(`dead vantage: ${tookMs} ms`)
    expect(facts(evidence, 'vantage')[0]).toMatchObject({ control: 'refused', stun: 'silent' })
    expect(facts(evidence, 'internet')[0]?.asked).toContainEqual(
      expect.objectContaining({ what: 'vantage', outcome: 'rejected' }),
    )
    expect(facts(evidence, 'dial-back')).toEqual([])
  })
})
