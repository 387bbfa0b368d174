/**
 * What starting costs: `peerway --version` and its neighbours beside a Node.js that does nothing, in turn; and how much of
 * peerway each of them loads.
 *
 *   npm run build && node bench/start-up.mjs [--rounds 20]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, range, SECTIONS, table, writeSection } from './page.mjs'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const HOOK = new URL('loaded-modules.mjs', import.meta.url).href

/** Each ends by itself; the last runs a whole check, in the simulated home network. */
const PROGRAMS = [
  { name: "node -e '0'", args: ['-e', '0'], status: 0 },
  { name: 'peerway --version', args: [MAIN, '--version'], status: 0 },
  { name: 'peerway --help', args: [MAIN, '--help'], status: 0 },
  { name: 'peerway check --help', args: [MAIN, 'check', '--help'], status: 0 },
  { name: 'peerway sim', args: [MAIN, 'sim'], status: 1 },
]

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } })
const times = PROGRAMS.map(() => [])
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [index, program] of PROGRAMS.entries()) times[index].push(timeOne(program))
}
const bare = median(times[0])
const rows = PROGRAMS.map((program, index) => [
  `\`${program.name}\``,
  median(times[index]).toFixed(0),
  range(times[index], (ms) => ms.toFixed(0)),
  (median(times[index]) / bare).toFixed(2),
  ...(index === 0 ? ['-', '-'] : loaded(program)),
])
const head = ['program', 'median, ms', 'range, ms', 'times bare', 'modules', 'of them ours, KiB']
writeSection(SECTIONS.start, {
  command: 'node bench/start-up.mjs',
  body: `From the start of the program to its end, ${values.rounds} rounds in turn. \`--version\` is to take twice a bare Node.js at most. Of ${kib(sizeOf(DIST))} KiB of
JavaScript in the package each loads what it uses.\n\n${table(head, rows)}`,
})

function run({ name, args, status }, options = {}) {
  const ran = spawnSync(process.execPath, [...(options.node ?? []), ...args], { stdio: 'ignore', env: options.env })
  if (ran.status !== status) throw new Error(`${name} ended with ${ran.status}`)
}

function timeOne(program) {
  const startedMs = performance.now()
  run(program)
  return performance.now() - startedMs
}

/** How many modules of files, and KiB of peerway's own among them. */
function loaded(program) {
  const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
  try {
    const list = join(folder, 'loaded')
    run(program, { node: ['--import', HOOK], env: { ...process.env, PEERWAY_LOADED: list } })
    const paths = [...new Set(readFileSync(list, 'utf8').trim().split('\n'))]
    const ours = paths.filter((path) => path.startsWith(DIST))
    return [`${paths.length}`, kib(ours.reduce((sum, path) => sum + statSync(path).size, 0))]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Bytes of the program's own modules: the ones that it loads, without what the package exports for others. */
function sizeOf(folder) {
  const modules = ['cli', 'chunks'].flatMap((part) =>
    readdirSync(join(folder, part)).map((file) => join(folder, part, file)),
  )
  return modules.filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + statSync(file).size, 0)
}

function kib(bytes) {
  return (bytes / 1024).toFixed(0)
}
