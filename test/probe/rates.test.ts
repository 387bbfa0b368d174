import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { observeRates } from '../../src/probe/protocols/observe-rates.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { askAlone, saidOf } from './alone.ts'

/** The provider has these filters, and the node's line is so. */
function yamlOf(filters: readonly string[], line: string): string {
  const text = readFileSync(new URL('../../topologies/provider-drops-libp2p.yaml', import.meta.url), 'utf8')
  return text
    .replace(/^ +- \{ direction: in.*\}$/m, filters.map((filter) => `      - { ${filter} }`).join('\n'))
    .replace('filters:\n\n', 'filters: []\n\n')
    .replace('truth:', line === '' ? 'truth:' : `links: [{ from: node, to: access, ${line} }]\ntruth:`)
}

async function deepCheck(filters: readonly string[], line = '', seed = 1) {
  const parsed = parseTopology(yamlOf(filters, line), 'rates')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const asked = { node: 'ipfs', vantages: ['198.51.100.20'], deep: true } as const
  return simulated.world.run(check(asked, simulated.host('node')))
}

async function slowedOnes(filters: readonly string[], line = '', seed = 1) {
  const { diagnosis } = await deepCheck(filters, line, seed)
  return diagnosis.obstacles.map(({ id, certainty, endpoints, text: { params } }) => {
    return [id, certainty, endpoints.length, params.protocol, 'slow' in params ? 'slowed' : 'stopped'].join(' ')
  })
}

const LIBP2P = 'transport: tcp, payload: { text: "\\x13/multistream" }'
const QUIC = 'transport: udp, payload: { hex: c000000001 }'
const slowed = (protocol: string) => `provider-filters-protocol proven 0 ${protocol} slowed`

describe('a provider that slows a protocol down is found', () => {
  test.each<[string, readonly string[], string, readonly string[]]>([
    [
      'both ways',
      ['in', 'out'].map((way) => `direction: ${way}, ${LIBP2P}, action: throttle, kilobitsPerSecond: 64`),
      '',
      [slowed('multistream')],
    ],
    [
      'on the way out',
      [`direction: out, ${LIBP2P}, action: throttle, kilobitsPerSecond: 256`],
      '',
      [slowed('multistream')],
    ],
    [
      'on the way in',
      [`direction: in, ${LIBP2P}, action: throttle, kilobitsPerSecond: 64`],
      '',
      [slowed('multistream')],
    ],
    ['over UDP', [`direction: out, ${QUIC}, action: throttle, kilobitsPerSecond: 64`], '', [slowed('quic')]],
    [
      'on a line of 40 ms',
      [`direction: out, ${LIBP2P}, action: throttle, kilobitsPerSecond: 64`],
      'delayMs: 20',
      [slowed('multistream')],
    ],
  ])('%s', { timeout: 60_000 }, async (_, filters, line, expected) => {
    const found = await slowedOnes(filters, line)
    expect(found.filter((one) => one.includes('multistream') || one.includes('quic'))).toEqual(expected)
  })
})

const LONG = process.env.PEERWAY_LONG !== undefined
const RUNS = LONG ? 100 : 2

/** The rates alone: a hundred deep checks of each line take hours. */
async function claimedAlone(filters: readonly string[], line: string, seed: number) {
  const { obstacles } = saidOf(await askAlone(yamlOf(filters, line), seed, observeRates))
  return obstacles.map(({ id, params }) => `${id} ${params.protocol}`)
}

describe(`nobody is said to filter where nobody does: ${RUNS} of ${RUNS} runs`, () => {
  test.each<[string, readonly string[], string]>([
    ['where one packet in ten is lost', [], 'lossPercent: 10'],
    ['where packets overtake each other', [], 'delayMs: 20, jitterMs: 30, reorderPercent: 25'],
    [
      'on a slow line',
      [
        'direction: out, transport: any, action: throttle, kilobitsPerSecond: 512',
        'direction: in, transport: any, action: throttle, kilobitsPerSecond: 2000',
      ],
      'delayMs: 15',
    ],
    [
      'on a slow line that loses packets',
      ['direction: out, transport: any, action: throttle, kilobitsPerSecond: 1000'],
      'delayMs: 15, lossPercent: 5, jitterMs: 10',
    ],
  ])('%s', { timeout: 1_800_000 }, async (_, filters, line) => {
    const claimed: string[] = []
    for (let seed = 1; seed <= RUNS; seed++) {
      claimed.push(...(await claimedAlone(filters, line, seed)).map((one) => `seed ${seed}: ${one}`))
    }
    expect(claimed).toEqual([])
  })
})
