import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

async function checked(name: string, change: (text: string) => string = (text) => text, seed = 1) {
  const text = readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8')
  const parsed = parseTopology(change(text), name)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, seed)
  await startVantages(simulated, parsed.topology, startVantage)
  const asked = { ports: ['4001'], vantages: ['198.51.100.20'] } as const
  const { report, diagnosis } = await simulated.world.run(check(asked, simulated.host('node')))
  const notes = diagnosis.notes.filter(({ id }) => NOTES.has(id)).map(({ id, params }) => ({ id, params }))
  return { report, notes, obstacles: report.obstacles.map(({ id }) => id) }
}

const NOTES: ReadonlySet<string> = new Set([
  'note.captive-portal',
  'note.answers-for-everybody',
  'note.handshakes-on-the-way',
  'note.connections-taken',
  'note.vantage-not-speaking',
])

describe('somebody who answers in the place of others', () => {
  test('a captive portal is known by its page, and no vantage is blamed', async () => {
    const { notes, obstacles, report } = await checked('captive-portal')
    expect(notes).toEqual([
      { id: 'note.captive-portal', params: { family: 'ipv4', location: 'http://login.example/' } },
    ])
    expect([report.verdict, obstacles]).toEqual(['unknown', []])
  })

  test('so it is where it takes web ports alone, and carries nothing else', async () => {
    const { notes, report } = await checked('captive-portal', (text) =>
      text.replace('transport: tcp, action', 'transport: tcp, ports: [80, 443], action'),
    )
    expect(notes.map(({ id }) => id)).toEqual(['note.captive-portal'])
    expect(report.verdict).toBe('unknown')
  })

  test('connections to some ports that the vantage does not see are told', async () => {
    const { notes, obstacles, report } = await checked('web-proxy')
    expect(notes).toEqual([{ id: 'note.connections-taken', params: { ports: '8080, 80' } }])
    expect([report.verdict, obstacles]).toEqual(['reachable', []])
    // What it shows in the place of a box on the way makes no router of that.
    expect(report.path.find(({ stage }) => stage === 'router')?.state).toBe('absent')
  })

  test('a proxy that completes handshakes and then asks hides nothing that the vantage saw', async () => {
    const { notes, obstacles, report } = await checked('syn-proxy', (text) =>
      text.replace('direction: in', 'direction: out'),
    )
    expect(notes).toEqual([{ id: 'note.handshakes-on-the-way', params: { family: 'ipv4' } }])
    expect([report.verdict, obstacles]).toEqual(['reachable', []])
  })

  test('a vantage that is another program is still said to be one', async () => {
    const { notes } = await checked('public-host', (text) =>
      text
        .replace(/vantages:\n.*\n/, 'vantages: {}\n')
        .replace(
          'stranger: { network: internet }',
          'stranger: { network: internet, address: 198.51.100.20, listeners: [{ port: 3478, behavior: greet }] }',
        ),
    )
    expect(notes.map(({ id }) => id)).toEqual(['note.vantage-not-speaking'])
  })

  test.each([['public-host-lossy'], ['forwarded-lossy'], ['public-host']])(
    'nobody is suspected on the line of %s',
    async (name) => {
      for (let seed = 1; seed <= 25; seed++) expect((await checked(name, (text) => text, seed)).notes).toEqual([])
    },
  )
})
