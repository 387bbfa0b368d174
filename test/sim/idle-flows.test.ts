import { describe, expect, test } from 'vitest'
import { Findings } from '../../src/diagnose/findings.ts'
import { findFlowBoxes } from '../../src/diagnose/flow-boxes.ts'
import { type BoxInRow, boxesInARow, checkRow, type Line } from './boxes-in-a-row.ts'

/** A box by what it does: a translator's memory of UDP in seconds, or a router that translates and remembers nothing. */
type Box = number | 'routes'

async function deepCheck(boxes: readonly Box[], line: Line = {}) {
  const row = boxes.map((box): BoxInRow => {
    return box === 'routes' ? { does: 'routes', seconds: 0 } : { does: 'translates', seconds: box }
  })
  const { report, diagnosis } = await checkRow(boxesInARow(row, line), { deep: true })
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
  ])('%j', { timeout: 30_000 }, async (boxes, hops, most, waits, line) => {
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
    // Beside it an idle TCP connection is waited for, which no box here forgets.
    expect(durationMs).toBeLessThan((Math.max(waits, 306) + 20) * 1000)
  })
})

test('a line that loses three of ten datagrams makes no box', async () => {
  const { flows } = await deepCheck(['routes'], { lossPercent: 30 })
  expect(flows).toMatchObject({ boxes: [], lifetime: null })
})

test.each([
  ['both sides', false],
  ['its own side alone', true],
])('a box that is kept by %s shows it', { timeout: 30_000 }, async (_, isKeptFromInside) => {
  const yaml = boxesInARow([{ does: 'translates', seconds: 60, isKeptFromInside }])
  const { diagnosis } = await checkRow(yaml, { deep: true })
  const flows = findFlowBoxes(new Findings(diagnosis.evidence), 'ipv4')
  expect(flows).toMatchObject({ keptFromInside: true, keptFromOutside: !isKeptFromInside })
  const note = diagnosis.notes.find(({ id }) => id === 'note.flows-kept')
  expect(note?.params).toEqual({ family: 'ipv4', inside: 1, ...(isKeptFromInside ? {} : { outside: 1 }) })
})

test('where the gateway only passes on, the steps lead to the router that translates', {
  timeout: 30_000,
}, async () => {
  const yaml = boxesInARow([
    { does: 'routes', seconds: 0 },
    { does: 'translates', seconds: 60 },
  ])
  const { diagnosis } = await checkRow(yaml, { deep: true })
  const nat = diagnosis.obstacles.find(({ id }) => id === 'router-source-nat')
  expect(nat).toMatchObject({ certainty: 'proven', layer: 2 })
  const byHand = diagnosis.remedies.find(({ id }) => id === 'forward-by-hand')
  expect(byHand?.steps[0]).toMatchObject({ id: 'step.open-router-page', params: { address: '10.1.0.1' } })
})
