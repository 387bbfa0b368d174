import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/model/evidence.ts'
import { judgeChange, judgeFiltering, probeFiltering } from '../../src/probe/filtering.ts'
import { probeHairpinning } from '../../src/probe/hairpinning.ts'
import { MappingProbe, mappingPlaces } from '../../src/probe/mapping.ts'
import { NatBehavior } from '../../src/probe/nat-behavior.ts'
import { Notebook } from '../../src/probe/notebook.ts'
import { judgePortPreservation } from '../../src/probe/port-preservation.ts'
import type { ContactMemory } from '../../src/vantage/contacted.ts'
import type { StunServer } from '../../src/vantage/vantage.ts'
import type { NatOptions } from './fake-nat.ts'
import { OTHER, PRIMARY, type Quirk, TWO_ADDRESSES } from './fake-stun-server.ts'
import { fakeUdpHost } from './fake-udp-host.ts'

const BEHAVIORS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const
const RTT_MS = 40
const homeNat: NatOptions = { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' }

async function behavior(nat: NatOptions, quirk?: Quirk, stun: StunServer = TWO_ADDRESSES, remembered: string[] = []) {
  const { host, sent, clock } = fakeUdpHost(nat, quirk)
  const notebook = new Notebook(clock, () => {})
  const has = (address: string) => remembered.includes(address)
  const memory = { add: async () => {}, has } as unknown as ContactMemory
  const probe = new NatBehavior({ host, notebook, memory, family: 'ipv4' }, { name: 'v', stun, rttMs: RTT_MS })
  await probe.beside()
  const besideSent = [...sent]
  await probe.after(null)
  const evidence = notebook.evidence()
  const value = <P extends Evidence['probe']>(name: P) =>
    evidence.find(({ probe: one }) => one === name)?.value as Extract<Evidence, { probe: P }>['value']
  return { value, besideSent, sent, tookMs: clock.monotonicMs() }
}

describe('mapping and filtering behavior (RFC 4787), told apart', () => {
  for (const mapping of BEHAVIORS) {
    for (const filtering of BEHAVIORS) {
      test(`mapping ${mapping}, filtering ${filtering}`, async () => {
        const { value } = await behavior({ mapping, filtering })
        expect(value('mapping')).toMatchObject({ behavior: mapping, reason: null })
        expect(value('filtering')).toMatchObject({ behavior: filtering, reason: null })
      })
    }
  }

  test('all of it is over in little more than one silence', async () => {
    expect((await behavior(homeNat)).tookMs).toBeLessThan(1250)
  })
})

describe('traps of STUN', () => {
  test('a host without NAT but with a firewall is not open: mapping none, and its filter as it is', async () => {
    const { value } = await behavior({ mapping: 'none', filtering: 'address-and-port-dependent' })
    expect(value('mapping')).toMatchObject({ behavior: 'none' })
    expect(value('filtering')).toMatchObject({ behavior: 'address-and-port-dependent' })
  })

  test('where nothing translates, the other address is left alone and stays clean', async () => {
    const { sent } = await behavior({ mapping: 'none', filtering: 'endpoint-independent' })
    expect(sent.filter(({ to }) => to.address === OTHER.address)).toEqual([])
  })

  test('the filtering test speaks to nobody but the primary place, and runs before the mapping test opens the way', async () => {
    const { besideSent, sent } = await behavior(homeNat)
    const outside = besideSent.filter(({ to }) => to.address.startsWith('198.51.100.'))
    expect(new Set(outside.map(({ to }) => `${to.address}:${to.port}`))).toEqual(new Set(['198.51.100.10:3478']))
    expect(sent.some(({ to }) => to.address === OTHER.address)).toBe(true)
  })

  test('an answer from where it was asked is no proof of an open filter: the server ignores CHANGE-REQUEST', async () => {
    const { value } = await behavior({ ...homeNat, filtering: 'endpoint-independent' }, 'ignores-change-request')
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'change-request-ignored' })
  })

  test('an answer from another address than wished is no proof either', async () => {
    const { value } = await behavior({ ...homeNat, filtering: 'endpoint-independent' }, 'changes-only-the-port')
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'change-request-ignored' })
  })

  test('an error response is no success, even when it bears an address', async () => {
    const { value } = await behavior(homeNat, 'answers-everything-with-an-error')
    expect(value('external-address')).toBeUndefined()
    expect(value('mapping')).toMatchObject({ behavior: 'unknown', reason: 'error-answer', bindings: [] })
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'error-answer' })
  })

  test('an error response to CHANGE-REQUEST is neither an open nor a closed filter', async () => {
    const { value } = await behavior(homeNat, 'answers-changes-with-an-error')
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'error-answer' })
    expect(value('mapping')).toMatchObject({ behavior: 'endpoint-independent' })
  })

  test('OTHER-ADDRESS equal to the first address is no second address', async () => {
    const same: StunServer = { primary: PRIMARY, other: PRIMARY, alternatePort: null }
    const { value, sent } = await behavior(homeNat, undefined, same)
    expect(value('mapping')).toMatchObject({ behavior: 'unknown', reason: 'one-address' })
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'one-address' })
    expect(sent.some(({ to }) => to.address === OTHER.address)).toBe(false)
    expect(mappingPlaces({ ...same, other: { ...PRIMARY, port: 3479 } }).other).toBeNull()
  })

  test('a late answer to an earlier question is not taken for an answer to the next', async () => {
    const { value } = await behavior(homeNat, 'answers-plain-questions-late')
    expect(value('mapping')).toMatchObject({ behavior: 'endpoint-independent' })
    expect(value('filtering')).toMatchObject({ behavior: 'address-and-port-dependent' })
  })

  test('the mapping is compared over one socket', async () => {
    const { value, sent } = await behavior({ ...homeNat, mapping: 'address-and-port-dependent' })
    const { local, bindings } = value('mapping')
    const asked = sent.filter(({ from }) => from.port === local?.port)
    expect(bindings).toHaveLength(3)
    expect(new Set(asked.map(({ to }) => `${to.address}:${to.port}`)).size).toBe(3)
  })

  test('silence from an address that does not answer when it is asked itself shows no filter', async () => {
    const { value } = await behavior({ ...homeNat, filtering: 'endpoint-independent' }, 'other-address-is-silent')
    expect(value('mapping')).toMatchObject({ behavior: 'unknown', reason: 'no-reply' })
    expect(value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'no-reply' })
  })

  test('an address that a router has to find first is waited for', async () => {
    const { value } = await behavior(homeNat, 'other-address-is-found-late')
    expect(value('mapping')).toMatchObject({ behavior: 'endpoint-independent' })
    expect(value('filtering')).toMatchObject({ behavior: 'address-and-port-dependent' })
  })

  test('sockets are opened towards the server, so that "no NAT" can be seen', async () => {
    const { value } = await behavior({ mapping: 'none', filtering: 'endpoint-independent' })
    const { local, mapped } = value('external-address')
    expect(mapped).toEqual(local)
    expect(local.address).not.toBe('0.0.0.0')
  })
})

describe('a server with one address and two ports', () => {
  const onePlace: StunServer = { primary: PRIMARY, other: null, alternatePort: 3479 }

  test.each([
    ['address-and-port-dependent', 'address-and-port-dependent', null],
    ['address-dependent', 'unknown', 'one-address'],
    ['endpoint-independent', 'unknown', 'one-address'],
  ] as const)('mapping %s is seen as %s', async (mapping, seen, reason) => {
    const { value } = await behavior({ ...homeNat, mapping }, undefined, onePlace)
    expect(value('mapping')).toMatchObject({ behavior: seen, reason })
  })

  test('a filter that stops the other port is proven, a filter that passes it is not known further', async () => {
    const stops = await behavior(homeNat, undefined, onePlace)
    expect(stops.value('filtering')).toMatchObject({ behavior: 'address-and-port-dependent' })
    const passes = await behavior({ ...homeNat, filtering: 'address-dependent' }, undefined, onePlace)
    expect(passes.value('filtering')).toMatchObject({ behavior: 'unknown', reason: 'one-address' })
  })
})

test('another vantage serves as the other address, and the own one is spared', async () => {
  const { host, sent, clock } = fakeUdpHost(homeNat)
  const probe = await MappingProbe.start(host, PRIMARY, RTT_MS)
  const fact = await probe.finish({ other: { address: OTHER.address, port: PRIMARY.port }, alternatePort: null })
  expect(fact.behavior).toBe('endpoint-independent')
  expect(sent).toHaveLength(2)
  expect(clock.monotonicMs()).toBe(2 * RTT_MS)
})

describe('hairpinning', () => {
  test.each([
    [true, 'endpoint-independent', 'yes'],
    [true, 'address-and-port-dependent', 'yes'],
    [false, 'endpoint-independent', 'no'],
  ] as const)('box hairpins: %s, filtering %s: %s', async (hairpinning, filtering, answer) => {
    const { host } = fakeUdpHost({ mapping: 'endpoint-independent', filtering, hairpinning })
    expect((await probeHairpinning(host, PRIMARY, RTT_MS)).fact.answer).toBe(answer)
  })

  test('has no meaning where nothing translates', async () => {
    const { host } = fakeUdpHost({ mapping: 'none', filtering: 'endpoint-independent' })
    expect((await probeHairpinning(host, PRIMARY, RTT_MS)).fact.answer).toBe('unknown')
  })
})

describe('port preservation', () => {
  test.each([true, false])('seen from several sockets: %s', async (preservesPorts) => {
    const { value } = await behavior({ ...homeNat, preservesPorts })
    const fact = value('port-preservation')
    expect(fact.answer).toBe(preservesPorts ? 'yes' : 'no')
    expect(fact.pairs.length).toBeGreaterThanOrEqual(5)
  })

  test('one port taken by another inside host is no contradiction', () => {
    const pair = (local: number, mapped: number) => ({
      local: { address: '192.168.1.2', port: local },
      mapped: { address: '203.0.113.7', port: mapped },
    })
    expect(judgePortPreservation('ipv4', [pair(1, 1), pair(2, 2), pair(3, 9)])?.answer).toBe('yes')
    expect(judgePortPreservation('ipv4', [])).toBeUndefined()
  })
})

describe('judging a changed answer', () => {
  const both = { changeAddress: true, changePort: true }
  const answered = (address: string, port: number) =>
    ({ outcome: 'answered', from: { address, port }, mapped: PRIMARY, other: null, origin: null, rttMs: 40 }) as const

  test.each([
    ['from the other address and port', answered(OTHER.address, OTHER.port), 'passed'],
    ['from where it was asked', answered(PRIMARY.address, PRIMARY.port), 'change-request-ignored'],
    ['from the other address alone', answered(OTHER.address, PRIMARY.port), 'change-request-ignored'],
    ['silence', { outcome: 'no-reply' } as const, 'stopped'],
    ['an error', { outcome: 'error-answer' } as const, 'error-answer'],
  ])('%s', (_, answer, change) => {
    expect(judgeChange(PRIMARY, both, answer)).toBe(change)
  })

  test('a port that is stopped while the address was never asked, or not answered well, decides nothing more', () => {
    expect(judgeFiltering('error-answer', 'stopped')).toEqual({ behavior: 'unknown', reason: 'error-answer' })
    expect(judgeFiltering(undefined, undefined)).toEqual({ behavior: 'unknown', reason: 'one-address' })
    expect(judgeFiltering('stopped', undefined)).toEqual({ behavior: 'unknown', reason: 'one-port' })
  })
})

test('probeFiltering tells where it was asked', async () => {
  const { host } = fakeUdpHost(homeNat)
  expect((await probeFiltering(host, TWO_ADDRESSES, RTT_MS)).fact.server).toEqual(PRIMARY)
})

test('openness towards an address of an earlier run is not called openness', async () => {
  const open: NatOptions = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' }
  const filteringOf = async (remembered: string[]) => {
    const { value } = await behavior(open, undefined, TWO_ADDRESSES, remembered)
    return value('filtering')
  }
  expect(await filteringOf([])).toMatchObject({ behavior: 'endpoint-independent' })
  expect(await filteringOf([OTHER.address])).toMatchObject({ behavior: 'unknown', reason: 'contacted-before' })
})
