import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Evidence } from '../../src/model/evidence.ts'
import { metricsText } from '../../src/watch/server/metrics.ts'
import { home, MINUTE } from './home.ts'

const file = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8')
const named = (text: string) => new Set(text.match(/\b(?:peerway|process)_[a-z_]+/g) ?? [])

/** Names of all metrics, each with a sample: of a watch that has opened the way, with a node and an obstacle added. */
async function exported(): Promise<ReadonlySet<string>> {
  const h = await home('pcp')
  const watch = h.start()
  await h.world.pass(MINUTE)
  const { view } = watch.daemon
  await watch.stop()
  const measured = view.measured!
  const peers = { probe: 'node-peers', value: { part: null, peers: 12, inbound: 3 } } as unknown as Evidence
  const diagnosis = {
    ...measured.diagnosis,
    node: { kind: 'ipfs', peers: 12, peersWanted: null },
    obstacles: [{ id: 'carrier-nat', stage: 'carrier', certainty: 'likely' } as never],
    evidence: [...measured.diagnosis.evidence, peers],
  }
  const text = metricsText({ ...view, measured: { ...measured, diagnosis } }, view.startedAtMs, {
    cpuSeconds: 1,
    residentBytes: 1,
  })
  expect(text).toContain('peerway_peers{node="ipfs"} 12\n')
  expect(text).toContain('peerway_inbound_peers{node="ipfs"} 3\n')
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!))
}

test('the dashboard shows every metric, and it and the rules name none that there is not', async () => {
  const metrics = await exported()
  const shown = named(file('grafana-dashboard.json'))
  expect([...metrics].filter((name) => !shown.has(name))).toEqual([])
  const used = [...shown, ...named(file('prometheus-rules.yml'))]
  expect(used.filter((name) => !metrics.has(name))).toEqual([])
})

test('panels of the dashboard lie side by side and have numbers of their own', () => {
  const { panels } = JSON.parse(file('grafana-dashboard.json')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
  }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    [...Array(w * h).keys()].map((index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24)
})
