import { defineConfig } from 'vitest/config'

const results = process.env.PEERWAY_TEST_RESULTS

/**
 * Two tiers of tests. `fast` needs nothing but Node.js; `real` speaks to the kernel's namespaces and to real
 * daemons, one file at a time, for two of them would fight for the processor and their timings would lie.
 */
export default defineConfig({
  test: {
    // For .ci/run, which counts; people read the default reporter.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/**/*.real.test.ts'] } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          fileParallelism: false,
          // Labs mostly wait.
          maxConcurrency: 6,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
