/** Options of property tests: one known seed in daily runs, many fresh ones in the long tier. */
export const PROPERTY_RUNS =
  process.env.PEERWAY_LONG === undefined ? { seed: 20261121, numRuns: 1000 } : { numRuns: 50_000 }
