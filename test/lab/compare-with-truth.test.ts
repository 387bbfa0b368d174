import { describe, expect, test } from 'vitest'
import type { Truth } from '../../src/topology/topology.ts'
import { compareWithTruth } from './compare-with-truth.ts'

const truth: Truth = {
  on: 'node',
  check: [],
  verdict: 'unreachable',
  exit: 1,
  endpoints: new Map([['udp/ipv4/4001', 'no']]),
  stranger: new Map(),
  obstacles: new Map([['carrier-nat', ['udp/ipv4/4001']]]),
  atMostLikely: ['router-source-nat'],
  nat: { layers: 2 },
  warnings: [],
}

const carrierNat = { id: 'carrier-nat', certainty: 'proven', endpoints: ['udp/ipv4/4001'] } as const
const report = {
  verdict: 'unreachable',
  endpoints: [{ transport: 'udp', family: 'ipv4', port: 4001, reachable: 'no' }],
  nat: { layers: 2, mapping: 'unknown' },
  obstacles: [carrierNat],
  warnings: [],
}

describe('a report is compared with the truth', () => {
  test.each([
    ['and is the same', report, 1, []],
    [
      'and may say what is at most likely',
      { ...report, obstacles: [carrierNat, { ...carrierNat, id: 'router-source-nat', certainty: 'likely' }] },
      1,
      [],
    ],
    [
      'and must not prove it',
      { ...report, obstacles: [carrierNat, { ...carrierNat, id: 'router-source-nat' }] },
      1,
      ['router-source-nat: said to be proven, and it is not so'],
    ],
    ['by exit status', report, 3, ['exit status: said 3, truth is 1']],
    ['by endpoint', { ...report, endpoints: [] }, 1, ['udp/ipv4/4001: said undefined, truth is no']],
    ['by warning', { ...report, warnings: [{ id: 'few-peers' }] }, 1, ['warnings: said few-peers, truth is none']],
    ['by NAT', { ...report, nat: {} }, 1, ['nat.layers: said undefined, truth is 2']],
    [
      'by obstacle',
      { ...report, obstacles: [] },
      1,
      ['carrier-nat: not proven, truth is that it stops udp/ipv4/4001', 'udp/ipv4/4001: no obstacle is named'],
    ],
  ] as const)('%s', (_, said, status, differences) => {
    expect(compareWithTruth(truth, said, status)).toEqual(differences)
  })
})
