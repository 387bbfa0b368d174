/**
 * `npm run bench`: every benchmark in turn, each of which writes its section of docs/benchmarks.md. One that cannot run
 * here leaves its section as it was, and ends this with status 1.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SCRIPTS = [
  'time-to-verdict.mjs',
  'audit.mjs',
  'opening.mjs',
  'repair.mjs',
  'watch.mjs',
  'vantage-load.mjs',
  'sim-hops.mjs',
  'diagnoses.mjs',
  'twin.mjs',
  'rule-walk.mjs',
  'watch-page.mjs',
  'start-up.mjs',
  'size.mjs',
]

const failed = SCRIPTS.filter((script) => {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return spawnSync(process.execPath, ['--expose-gc', path], { stdio: 'inherit' }).status !== 0
})
if (failed.length > 0) process.stderr.write(`not measured: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
