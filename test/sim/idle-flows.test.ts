import { describe, expect, test } from 'vitest'
import { check } from '../../src/check.ts'
import { Findings } from '../../src/diagnose/findings.ts'
import { findFlowBoxes } from '../../src/diagnose/flow-boxes.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import { startVantage } from '../../src/vantage/server.ts'

/** A box by what it does: how long it remembers UDP in seconds, or a router that translates and remembers nothing. */
type Box = number | 'routes'

interface Line {
  readonly lossPercent?: number
  readonly jitterMs?: number
  readonly reorderPercent?: number
}

/** Boxes one behind the other, the host's own first, and what a deep check says of them. */
async function deepCheck(boxes: readonly Box[], line: Line = {}) {
  const inside = (index: number) => (index < boxes.length ? `n${index}` : 'access')
  const routers = boxes.map((box, index) => {
    const nat = `mapping: endpoint-independent, filtering: address-and-port-dependent, udpTimeoutSeconds: ${box}`
    const does = box === 'routes' ? 'firewall: open' : `nat: { ${nat} }`
    return `  b${index}: { inside: ${inside(index)}, outside: ${inside(index + 1)}, ${does} }`
  })
  const networks = boxes.map((_, index) => `  n${index}: { ipv4: 10.${index}.0.0/24 }`)
  const link = Object.entries({ delayMs: 5, ...line }).map(([key, value]) => `${key}: ${value}`)
  const parsed = parseTopology(
    `topology: 1
title: Boxes in a row
networks:
  internet: { ipv4: 198.51.100.0/24 }
  access: { ipv4: 203.0.113.0/24 }
${networks.join('\n')}
hosts:
  node: { network: ${inside(0)} }
routers:
${routers.join('\n')}
providers:
  isp: { inside: access, outside: internet }
vantages:
  vantage: { network: internet, address: 198.51.100.20, alternateAddress: 198.51.100.21 }
links:
  - { from: isp, to: internet, ${link.join(', ')} }
`,
    'boxes.yaml',
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const simulated = buildTopology(parsed.topology, 1)
  await startVantages(simulated, parsed.topology, startVantage)
  const work = check({ ports: ['udp/4001'], vantages: ['198.51.100.20'], deep: true }, simulated.host('node'))
  const { report, diagnosis } = await simulated.world.run(work)
  return { report, bounds: diagnosis.nat.layerBounds, flows: findFlowBoxes(new Findings(diagnosis.evidence), 'ipv4') }
}

describe('a deep check counts and places what remembers UDP flows', () => {
  // What remembers flows behind private addresses translates or filters alone, and nothing here tells which.
  test.each<[boxes: readonly Box[], hops: readonly number[], most: number, waits: number, line?: Line]>([
    [[30], [1], 1, 206],
    [[300], [1], 1, 316],
    [[120, 30], [1, 2], 2, 206],
    [[30, 120], [1, 2], 2, 206],
    [[30, 180, 30], [1, 2, 3], 3, 206],
    [[30, 180, 30, 60], [1, 2, 3, 4], 4, 206],
    [[60, 'routes', 100], [1, 3], 2, 316],
    [['routes', 60], [2], 1, 316],
    [['routes', 'routes', 'routes', 60], [4], 1, 316],
    [['routes'], [], 0, 316],
    [[180, 30, 60], [1, 2, 3], 3, 206, { lossPercent: 10 }],
    [[60, 120], [1, 2], 2, 206, { lossPercent: 5, jitterMs: 30, reorderPercent: 20 }],
  ])('%j', async (boxes, hops, most, waits, line) => {
    const { report, flows, bounds } = await deepCheck(boxes, line)
    expect(flows).toMatchObject({ isComplete: true, waitedSeconds: waits })
    expect(flows!.boxes.map(({ hop }) => hop)).toEqual(hops)
    for (const { hop, lifetime } of flows!.boxes) {
      const truth = Number(boxes[hop - 1])
      expect(lifetime!.livedSeconds).toBeLessThanOrEqual(truth)
      expect(lifetime!.diedSeconds).toBeGreaterThanOrEqual(truth)
    }
    const shortest = Math.min(...boxes.map(Number).filter((seconds) => seconds > 0))
    const { nat, durationMs } = report
    expect(nat.layers).toBe(most > 1 ? null : most)
    if (most > 1) expect(bounds).toEqual({ least: 1, most })
    if (hops.length === 0) expect(nat.udpLifetimeSeconds).toBeNull()
    else {
      expect(nat.udpLifetimeSeconds).toBeLessThanOrEqual(shortest)
      expect(nat.udpLifetimeSeconds).toBeGreaterThan(shortest * 0.6)
    }
    expect(durationMs).toBeLessThan((waits + 20) * 1000)
  })
})

test('a line that loses three of ten datagrams makes no box', async () => {
  const { flows } = await deepCheck(['routes'], { lossPercent: 30 })
  expect(flows).toMatchObject({ boxes: [], lifetime: null })
})
