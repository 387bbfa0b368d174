import { defineConfig } from 'vitest/config'

const results = process.env.PEERWAY_TEST_RESULTS

/** What speaks to the kernel's namespaces and to real daemons. */
const REAL = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Labs mostly wait.
  maxConcurrency: 6,
}

/** What is held against times, and whatever loses packets: beside another file their timings would lie. */
const ALONE = ['cli', 'fix', 'sim', 'watch'].map((room) => `test/${room}/**/*.real.test.ts`)
ALONE.push('test/lab/loss.real.test.ts', 'test/probe/observe.real.test.ts', 'test/vantage/loss.real.test.ts')
ALONE.push('test/web/watch.real.test.ts')

/**
 * Two tiers of tests, in three groups one after the other. `fast` needs nothing but Node.js. `real` speaks to the kernel
 * and to daemons, two files at a time, and then come, one file at a time, those that are held against times.
 */
export default defineConfig({
  test: {
    // For .ci/run, which counts; people read the default reporter.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/**/*.real.test.ts'] } },
      {
        test: {
          ...REAL,
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...REAL, name: 'real alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
