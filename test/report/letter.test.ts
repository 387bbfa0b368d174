import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { OBSTACLE_STAGES, type ObstacleId } from '../../src/model/obstacle.ts'
import { renderLetter } from '../../src/report/letter.ts'
import { LANGUAGES } from '../../src/report/render-message.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'
import { SAMPLES } from './samples.ts'

const OPTIONS = { ports: ['4001'], vantages: ['198.51.100.20'] }
const AT = '2026-11-21T10:00:00.000Z'

async function diagnosed(name: string) {
  const file = `${name}.yaml`
  const parsed = parseTopology(readFileSync(new URL(`../../topologies/${file}`, import.meta.url), 'utf8'), file)
  if (!parsed.ok) throw new Error(`${file} has mistakes`)
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  return simulated.world.run(check(OPTIONS, simulated.host('node')))
}

describe.each(['carrier-nat', 'double-nat', 'provider-blocks-port', 'provider-blocks-inbound-udp'])(
  'from %s',
  (name) => {
    test.each(LANGUAGES)('a letter in %s', async (language) => {
      const { report, diagnosis } = await diagnosed(name)
      await expect(renderLetter(diagnosis, { at: report.at, language })).toMatchFileSnapshot(
        `./golden/letter.${name}.${language}.golden.txt`,
      )
    })
  },
)

test.each(['home-nat', 'host-firewall-nft', 'not-listening', 'forwarded', 'no-internet'])(
  'from %s, where nothing is the provider’s to change, none',
  async (name) => {
    const { diagnosis } = await diagnosed(name)
    expect(renderLetter(diagnosis, { at: AT, language: 'en' })).toBeUndefined()
  },
)

const theirs = Object.keys(obstaclesOfProvider()) as ObstacleId[]

/** Everything that stands at the provider or the carrier, and a second router, which is mostly the provider's box. */
function obstaclesOfProvider() {
  const all = Object.entries(OBSTACLE_STAGES)
  return Object.fromEntries(
    all.filter(
      ([id, stage]) => id !== 'no-internet' && (['provider', 'carrier'].includes(stage) || id === 'double-nat'),
    ),
  )
}

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(theirs)('%s has its finding and its request, proven or likely, with endpoints or without', (id) => {
    const [obstacle] = SAMPLES['provider-block']!.obstacles
    for (const certainty of ['proven', 'likely'] as const) {
      for (const endpoints of [obstacle!.endpoints, []]) {
        const changed = {
          ...obstacle!,
          id,
          certainty,
          endpoints,
          stage: OBSTACLE_STAGES[id],
          text: { id: 'x', params: {} },
        }
        const letter = renderLetter({ ...SAMPLES['provider-block']!, obstacles: [changed] }, { at: AT, language })!
        expect(letter).not.toMatch(/letter\.|[{}[\]]|undefined| \? /)
        for (const line of letter.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(72)
      }
    }
  })

  test('several requests are numbered, and what is one’s own is owned', () => {
    const obstacles = [
      ...SAMPLES.carrier!.obstacles,
      ...SAMPLES['provider-block']!.obstacles,
      ...SAMPLES['home-nat']!.obstacles,
    ]
    const letter = renderLetter({ ...SAMPLES.carrier!, obstacles }, { at: AT, language })!
    expect(letter).toMatch(/\n {2}1\. [\s\S]*\n {2}2\. /)
  })
})
