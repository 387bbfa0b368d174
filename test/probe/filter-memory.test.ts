import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

const BEGINNINGS = { tcp: '{ text: "\\x13/multistream" }', udp: '{ hex: c000 }' } as const

/** What is stated of filters where the provider has this one. */
async function stated(transport: 'tcp' | 'udp', filter: string) {
  const text = readFileSync(new URL('../../topologies/provider-drops-libp2p.yaml', import.meta.url), 'utf8')
  const filters = `{ transport: ${transport}, payload: ${BEGINNINGS[transport]}, ${filter} }`
  const parsed = parseTopology(text.replace(/\{ direction: in.*\}$/m, filters), 'filter')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const asked = { node: 'ipfs', vantages: ['198.51.100.20'] } as const
  const { diagnosis } = await simulated.world.run(check(asked, simulated.host('node')))
  return diagnosis.obstacles.map(({ id, certainty, text: { params } }) => {
    const told = Object.keys(params).filter((key) => /^(both|in|out)-|-packet$|^rest-/.test(key))
    return [id, certainty, ...told.toSorted()].join(' ')
  })
}

const FILTERS = 'provider-filters-protocol proven'

describe('a filter on the way out', () => {
  test.each<['tcp' | 'udp', string, readonly string[]]>([
    ['tcp', 'direction: out', [`${FILTERS} every-packet out-lost`]],
    ['tcp', 'direction: out, action: reset', [`${FILTERS} every-packet out-reset`]],
    ['tcp', 'direction: out, firstPacket: yes, action: reset', [`${FILTERS} first-packet out-reset`]],
    ['tcp', 'direction: out, wholeFlow: yes', [`${FILTERS} every-packet out-lost`]],
    ['tcp', 'direction: out, firstPacket: yes, wholeFlow: yes', [`${FILTERS} first-packet out-lost`]],
    ['udp', 'direction: out', [`${FILTERS} every-packet out-lost rest-passes`]],
    ['udp', 'direction: out, wholeFlow: yes', [`${FILTERS} every-packet out-lost rest-stopped`]],
    ['udp', 'direction: out, firstPacket: yes, wholeFlow: yes', [`${FILTERS} first-packet out-lost rest-stopped`]],
    // What is lost is sent again, and then it is not the first packet any more.
    ['tcp', 'direction: out, firstPacket: yes', []],
    ['udp', 'direction: out, firstPacket: yes', []],
  ])('%s, %s', async (transport, filter, expected) => {
    expect(await stated(transport, filter)).toEqual(expected)
  })
})
