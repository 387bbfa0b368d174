import { expect, test } from 'vitest'
import type { DialBackFact, Evidence } from '../../src/model/evidence.ts'
import { keepProofs } from '../../src/probe/keep-proofs.ts'
import { Notebook } from '../../src/probe/notebook.ts'

const PROOF: DialBackFact = {
  ...{ transport: 'udp', family: 'ipv4', port: 4001, purpose: 'endpoint', vantage: 'v' },
  target: { address: '203.0.113.7', port: 4001 },
  source: { address: '198.51.100.21', port: 5000 },
  ...{ sourceClean: true, answersFrom: '192.168.1.10', outcome: 'answered', refusal: null, attempts: 1, rttMs: 20 },
  ...{ holder: 'node', greeting: null },
  arrival: { wire: 'yes', passed: 'yes', how: 'counters', source: null, anySourcePackets: 1, strayPackets: 0 },
}
const AGAIN: DialBackFact = { ...PROOF, sourceClean: false, attempts: 2, rttMs: 31 }

function kept(dials: readonly DialBackFact[], proof: DialBackFact = PROOF): boolean {
  const clock = { nowMs: () => 9000, monotonicMs: () => 0, sleep: async () => {} }
  const notebook = new Notebook(clock, () => {})
  for (const dial of dials) notebook.add('dial-back', dial)
  const evidence: Evidence = { id: 'e1', probe: 'dial-back', atMs: 5000, value: proof }
  keepProofs(notebook, [evidence])
  return notebook.evidence().some(({ atMs }) => atMs === 5000)
}

test("a stranger's dial is kept where the same dial came in again", () => {
  expect(kept([AGAIN])).toBe(true)
})

test.each<[string, readonly DialBackFact[]]>([
  ['nobody dialled again', []],
  ['no dial came about', [{ ...AGAIN, outcome: 'not-dialled' }]],
  ['it did not come in', [{ ...AGAIN, outcome: 'silent', arrival: { ...AGAIN.arrival, passed: 'no' } }]],
  ['one of two did not', [AGAIN, { ...AGAIN, outcome: 'silent' }]],
  ['another address was dialled', [{ ...AGAIN, target: { address: '203.0.113.8', port: 4001 } }]],
  ['another port was dialled', [{ ...AGAIN, target: { address: '203.0.113.7', port: 4002 } }]],
  ['somebody else held the port', [{ ...AGAIN, holder: 'peerway' }]],
  ['less of it was seen', [{ ...AGAIN, arrival: { ...AGAIN.arrival, passed: 'unknown' } }]],
  ['it was another endpoint', [{ ...AGAIN, transport: 'tcp' }]],
  ['a stranger dialled again', [{ ...AGAIN, sourceClean: true }]],
])('it is not where %s', (_, dials) => {
  expect(kept(dials)).toBe(false)
})

test.each<[string, Partial<DialBackFact>]>([
  ['came from an address that was known', { sourceClean: false }],
  ['was not for an endpoint', { purpose: 'comparison' }],
  ['showed nothing', { outcome: 'silent', arrival: { ...PROOF.arrival, passed: 'unknown' } }],
])('nor one that %s', (_, change) => {
  expect(kept([{ ...AGAIN, ...change }], { ...PROOF, ...change })).toBe(false)
})
