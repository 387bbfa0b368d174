import { expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { summarizeGateways } from '../../src/diagnose/gateways.ts'
import type { GatewayAnswer } from '../../src/model/evidence.ts'
import { run } from './evidence.ts'

const silent: GatewayAnswer = {
  protocol: 'pcp',
  outcome: 'silent',
  externalAddress: null,
  epochSeconds: null,
  model: null,
  detail: null,
}
const speaks = { ...silent, outcome: 'speaks', epochSeconds: 7 } as const
const address = '192.168.1.1'

test.each<[string, readonly GatewayAnswer[], object]>([
  ['none that speaks', [silent], { protocols: [], externalAddress: null, model: null }],
  ['a refusal', [{ ...silent, outcome: 'refuses', detail: 'PCP NOT_AUTHORIZED (2)' }], { protocols: [] }],
  ['another version', [{ ...silent, outcome: 'other-version' }], { protocols: [] }],
  [
    'what any of them tells',
    [
      speaks,
      { ...speaks, protocol: 'nat-pmp', externalAddress: '203.0.113.7' },
      { ...speaks, protocol: 'upnp', model: 'M 1' },
    ],
    { protocols: ['pcp', 'nat-pmp', 'upnp'], externalAddress: '203.0.113.7', model: 'M 1' },
  ],
])('a gateway: %s', (_, answers, expected) => {
  const gateway = { family: 'ipv4', address, answers, mappings: null, refusedLocations: [] } as const
  const findings = new Findings(run({ probe: 'gateways', value: { gateways: [gateway] } }))
  expect(summarizeGateways(findings)).toMatchObject([{ address, ...expected }])
})

test('no gateway was asked', () => expect(summarizeGateways(new Findings([]))).toEqual([]))
