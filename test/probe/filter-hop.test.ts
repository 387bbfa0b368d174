import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { check } from '../../src/check.ts'
import type { FilterHopFact } from '../../src/model/evidence.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

const QUIC = { direction: 'out', transport: 'udp', payload: { hex: 'c000000001' } }
const LIBP2P = { direction: 'out', transport: 'tcp', payload: { text: '\x13/multistream' } }
const FILTERS = { quic: QUIC, libp2p: LIBP2P, 'libp2p, by resets': { ...LIBP2P, action: 'reset' } }
const PROVIDERS = 4

/** A home router (hop 1) and four boxes of providers, hops 2 to 5, one of which stops a protocol on the way out. */
async function checked(hop: number, { link = {}, seed = 1, what = 'quic' as keyof typeof FILTERS } = {}) {
  const boxes = Array.from({ length: PROVIDERS }, (_, index) => index)
  const parsed = parseTopology(
    stringify({
      topology: 1,
      title: 'A filter somewhere',
      networks: {
        home: { ipv4: '192.168.1.0/24' },
        ...Object.fromEntries(boxes.map((index) => [`n${index}`, { ipv4: `203.0.${113 + index}.0/24` }])),
        internet: { ipv4: '198.51.100.0/24' },
      },
      hosts: { node: { network: 'home', listeners: [{ port: 4001, behavior: 'greet' }] } },
      routers: {
        box: {
          inside: 'home',
          outside: 'n0',
          nat: { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
        },
      },
      providers: Object.fromEntries(
        boxes.map((index) => [
          `p${index}`,
          {
            inside: `n${index}`,
            outside: index + 1 < PROVIDERS ? `n${index + 1}` : 'internet',
            ...(index + 2 === hop && { filters: [FILTERS[what]] }),
          },
        ]),
      ),
      vantages: { vantage: { network: 'internet', address: '198.51.100.20', alternateAddress: '198.51.100.21' } },
      links: [{ from: 'box', to: 'n0', delayMs: 5, ...link }],
    }),
    'filter.yaml',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const work = check({ ports: [], node: 'ipfs', vantages: ['198.51.100.20'] }, simulated.host('node'))
  const { report, diagnosis } = await simulated.world.run(work)
  const fact = report.evidence.find(({ probe }) => probe === 'filter-hop')?.value as FilterHopFact | undefined
  return { fact, notes: diagnosis.notes.filter(({ id }) => id.startsWith('note.filter-hop')) }
}

describe.each(['quic', 'libp2p', 'libp2p, by resets'] as const)('the hop that stops %s is found', (what) => {
  test.each([2, 3, 4, 5])('at hop %i', async (hop) => {
    const { fact, notes } = await checked(hop, { what })
    expect(fact!.hops.map(({ ttl }) => ttl)).toEqual([1, 2, 3, 4, 5])
    expect(fact!.hops.every(({ neutral }) => neutral === 'passed')).toBe(true)
    const [{ params }] = notes as [(typeof notes)[number]]
    const numberOf = (text: unknown) => (text === undefined || text === null ? null : Number.parseInt(`${text}`, 10))
    expect(numberOf(params.after)).toBeGreaterThanOrEqual(hop - 1)
    expect(numberOf(params.after)).toBeLessThanOrEqual(hop)
    expect(numberOf(params.before) ?? 6).toBeGreaterThanOrEqual(hop)
  })

  test('also on a line that loses one packet in ten', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { notes } = await checked(4, { link: { lossPercent: 10 }, seed, what })
      const [note] = notes
      if (note?.id !== 'note.filter-hop') continue
      expect(Number.parseInt(`${note.params.after}`, 10), `seed ${seed}`).toBeLessThanOrEqual(4)
      if (note.params.before !== undefined)
        expect(Number.parseInt(`${note.params.before}`, 10)).toBeGreaterThanOrEqual(4)
    }
  })

  test('and nothing is looked for where nothing is stopped', async () => {
    const { fact, notes } = await checked(99, { what })
    expect([fact, notes]).toEqual([undefined, []])
  })
})
