import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

/** A deep check on the node of a ready-made topology, its text changed first. */
async function deepCheck(name: string, change: (text: string) => string = (text) => text) {
  const text = readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8')
  const parsed = parseTopology(change(text), name)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const asked = { node: 'ipfs', vantages: ['198.51.100.20'], deep: true } as const
  return simulated.world.run(check(asked, simulated.host('node')))
}

describe('a deep check of policy', { timeout: 60_000 }, () => {
  test('finds filters on protocols that are not the node’s, which stop no endpoint of it', async () => {
    const { report, diagnosis } = await deepCheck('provider-drops-bitcoin')
    expect(report.verdict).toBe('reachable')
    expect(
      diagnosis.obstacles.map(({ id, certainty, endpoints, text }) => [id, certainty, endpoints, text.params.protocol]),
    ).toEqual([
      ['provider-filters-protocol', 'proven', [], 'wireguard'],
      ['provider-filters-protocol', 'proven', [], 'bitcoin'],
    ])
    expect(report.remedies.map(({ id }) => id)).toEqual(['ask-provider-unblock'])
  })

  test('finds nothing where nobody filters', async () => {
    expect((await deepCheck('public-host')).report.obstacles).toEqual([])
  })

  const noted = (notes: readonly { readonly id: string; readonly params: object }[]) =>
    notes.filter(({ id }) => id === 'note.mtu-black-hole').map(({ params }) => params)

  test('finds the size from which packets are lost without a word', async () => {
    const { diagnosis } = await deepCheck('provider-mtu-black-hole')
    expect(noted(diagnosis.notes)).toEqual([{ fits: 1400, lost: 1420, family: 'ipv4' }])
  })

  test.each([
    [
      'whoever has the narrow cable tells of it',
      (text: string) =>
        text.replace(
          '{ from: vantage, to: internet, mtu: 1400 }',
          '{ from: node, to: access, mtu: 1400 }\n  - { from: isp, to: access, mtu: 1400 }',
        ),
    ],
    ['packets of all sizes are lost now and then', (text: string) => text.replace('mtu: 1400', 'lossPercent: 10')],
  ])('speaks of no black hole where %s', async (_, change) => {
    expect(noted((await deepCheck('provider-mtu-black-hole', change)).diagnosis.notes)).toEqual([])
  })
})
