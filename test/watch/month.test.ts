import { describe, expect, test } from 'vitest'
import { DEFAULT_PACE, type Pace } from '../../src/watch/core/pace.ts'
import { liveThrough } from './month.ts'

const LONG = process.env.PEERWAY_LONG !== undefined
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261124))
const PROTOCOLS = ['pcp, nat-pmp', 'nat-pmp', 'upnp'] as const

/** It looks and asks less often, so that a month takes seconds; what follows a change is as fast as ever. */
const SELDOM: Pace = {
  ...DEFAULT_PACE,
  lookMs: 20 * DEFAULT_PACE.lookMs,
  lookCloserMs: 20 * DEFAULT_PACE.lookCloserMs,
  askGatewayMs: 6 * DEFAULT_PACE.askGatewayMs,
  askOutsideMs: 8 * DEFAULT_PACE.askOutsideMs,
  checkMs: 16 * DEFAULT_PACE.checkMs,
}
/** Packets in an hour, retransmissions and dials among them. */
const MOST = LONG ? 3000 : 500

const RUNS = LONG
  ? [0, 1, 2].map((index) => ({ seed: SEED + index, pace: DEFAULT_PACE, protocols: PROTOCOLS[index]!, days: 30 }))
  : [{ seed: SEED, pace: SELDOM, protocols: PROTOCOLS[0], days: 30 }]

describe.each(RUNS)('$days days with $protocols, PEERWAY_SEED=$seed', ({ seed, days, pace, protocols }) => {
  test('whatever happens all is well soon after, nobody is asked too much, and nothing is left', {
    timeout: LONG ? 3_600_000 : 400_000,
  }, async () => {
    const month = await liveThrough(seed, days, pace, protocols)
    expect(month.wrong).toEqual([])
    expect(month.faults.length).toBeGreaterThan(50)
    expect({ openings: month.openings, journal: month.journal, ...month.left }).toEqual({
      openings: 0,
      journal: 0,
      sockets: 0,
      sleeps: 0,
      locks: 0,
    })
    expect(month.packetsAfter).toBe(0)
    console.info(`${month.faults.length} faults; at most ${JSON.stringify(month.most)} packets in an hour`)
    expect(month.most.toRouter).toBeLessThan(MOST)
    expect(month.most.toVantage).toBeLessThan(MOST)
  })
})
