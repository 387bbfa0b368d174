import { expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { findTranslators } from '../../src/diagnose/translators.ts'
import type { GatewayAnswer, RouterPageFact } from '../../src/model/evidence.ts'
import { addresses, hops, inbound, mapped, owner, run, type Unnumbered, VANTAGE, vantage } from './evidence.ts'

const silent: GatewayAnswer = {
  protocol: 'pcp',
  outcome: 'silent',
  externalAddress: null,
  epochSeconds: null,
  model: null,
  detail: null,
}

function gateway(...answers: readonly Partial<GatewayAnswer>[]): Unnumbered {
  const all = answers.map((answer) => ({ ...silent, ...answer }))
  const one = { family: 'ipv4', address: '192.168.1.1', answers: all, mappings: null, refusedLocations: [] } as const
  return { probe: 'gateways', value: { gateways: [one] } }
}

function outer(ttl: number, address: string, answer: Partial<GatewayAnswer>): Unnumbered {
  return { probe: 'outer-gateways', value: { gateways: [{ ttl, address, answers: [{ ...silent, ...answer }] }] } }
}

function page(address: string, ttl: number, outcome: RouterPageFact['outcome'] = 'http'): Unnumbered {
  return { probe: 'router-page', value: { family: 'ipv4', address, ttl, port: 80, outcome } }
}

const HERE = [addresses(), vantage(), mapped()]
const TWO_HOMES = hops('192.168.1.1', '192.168.178.1', '203.0.113.1')
const ALL_THE_WAY = hops('192.168.1.1', '192.168.178.1', '203.0.113.1', `=${VANTAGE}`)
const OWNED_AT_2 = owner('192.168.1.1', '=203.0.113.7')
const natPmp = (externalAddress: string | null) =>
  ({ protocol: 'nat-pmp', outcome: 'speaks', externalAddress }) as const

test.each<
  [string, readonly Unnumbered[], least: number, most: number | null, stage: string | null, layer: number | null]
>([
  ['the first router has the address', [hops('192.168.1.1', '203.0.113.1'), owner('=203.0.113.7')], 1, 1, 'router', 1],
  ['a private hop may only pass on', [TWO_HOMES, OWNED_AT_2], 1, 2, null, 2],
  ['its page shows whose it is', [TWO_HOMES, OWNED_AT_2, page('192.168.178.1', 2)], 1, 2, 'router', 2],
  ['the first is one that opens ports', [TWO_HOMES, OWNED_AT_2, gateway(natPmp(null))], 2, 2, null, 2],
  ['its address outside is private', [TWO_HOMES, OWNED_AT_2, gateway({ externalAddress: '10.0.0.2' })], 2, 2, null, 2],
  [
    'its address outside is one of the inside, told by mistake',
    [TWO_HOMES, OWNED_AT_2, gateway({ externalAddress: '192.168.1.1' })],
    1,
    2,
    null,
    2,
  ],
  [
    'the second sees another address than ours',
    [TWO_HOMES, OWNED_AT_2, outer(2, '192.168.178.1', { outcome: 'refuses', seesAnotherAddress: true })],
    2,
    2,
    null,
    2,
  ],
  ['a carrier beyond the first', [hops('192.168.1.1', '100.64.0.1', '203.0.113.1'), OWNED_AT_2], 2, 2, 'carrier', null],
  [
    'a carrier of many hops',
    [addresses('100.64.3.4'), hops('100.64.0.1', '100.65.0.1', '203.0.113.1'), owner('100.64.0.1', '=203.0.113.7')],
    1,
    1,
    'carrier',
    null,
  ],
  [
    'a carrier beyond the line, or a company: with another private range',
    [hops('192.168.1.1 0.4', '10.20.0.1 9', '203.0.113.1 10'), OWNED_AT_2],
    1,
    2,
    'carrier',
    null,
  ],
  [
    'a campus: the same range before and beyond a slow line',
    [addresses('10.1.2.3'), hops('10.1.2.1 0.4', '10.1.0.1 9', '203.0.113.1 10'), owner('10.1.2.1', '=203.0.113.7')],
    1,
    2,
    'carrier',
    null,
  ],
  [
    'the same range again, further out',
    [hops('192.168.1.1', '10.0.0.1', '192.168.1.65', '203.0.113.1'), owner('192.168.1.1', '10.0.0.1', '=203.0.113.7')],
    2,
    3,
    null,
    3,
  ],
  [
    'the same address again, further out',
    [hops('192.168.1.1', '10.0.0.1', '10.0.0.1', '203.0.113.1'), owner('192.168.1.1', '10.0.0.1', '=203.0.113.7')],
    2,
    3,
    null,
    3,
  ],
  // Providers number their routers with private addresses, and the first one says nothing of what is sent to its own.
  ['nobody says whose the address is', [TWO_HOMES, owner('-', '-')], 1, 2, null, null],
  ['the second is silent, and the third public', [hops('192.168.1.1', '-', '203.0.113.1')], 1, 2, null, null],
  [
    'a public address misused inside',
    [hops('192.168.1.1', '25.0.0.1', '203.0.113.1'), owner('192.168.1.1', '-')],
    1,
    null,
    null,
    null,
  ],
  [
    'the same, and the first router tells',
    [hops('192.168.1.1', '25.0.0.1'), owner('192.168.1.1', '=203.0.113.7'), gateway(natPmp('25.0.0.9'))],
    2,
    2,
    null,
    2,
  ],
  [
    'a router says that it has not the address, and answers for it',
    [TWO_HOMES, owner('=203.0.113.7'), gateway({ externalAddress: '10.0.0.2' })],
    1,
    null,
    null,
    null,
  ],
  [
    'the second may have the address, and the provider numbers its own with 100.64.0.0/10',
    [hops('192.168.1.1', '192.168.178.1', '100.64.0.1', '203.0.113.1'), owner('192.168.1.1', '-', '-')],
    1,
    3,
    null,
    null,
  ],
  [
    'the second answers the vantage alone, and the first opens ports',
    [ALL_THE_WAY, gateway(natPmp(null)), inbound(3, '203.0.113.1', '=203.0.113.7')],
    2,
    2,
    null,
    null,
  ],
  [
    'the same, where the way is not as long out as back',
    [ALL_THE_WAY, gateway(natPmp(null)), inbound(4, '203.0.113.1', '=203.0.113.7')],
    1,
    2,
    null,
    null,
  ],
  [
    'this very host answers the vantage, by a forwarding of everything',
    [ALL_THE_WAY, gateway(natPmp(null)), inbound(3, '203.0.113.1', '203.0.113.7', '203.0.113.7', '=203.0.113.7')],
    1,
    2,
    null,
    null,
  ],
  ['nothing shows itself', [], 1, null, null, null],
])('%s', (_, facts, least, most, stage, layer) => {
  const base = facts.some(({ probe }) => probe === 'addresses') ? HERE.slice(1) : HERE
  const found = findTranslators(new Findings(run(...base, ...facts)))
  expect(found).toMatchObject({ kind: 'some', least, most, count: least === most ? least : null })
  expect(found).toMatchObject({ outermost: { stage, layer } })
})
