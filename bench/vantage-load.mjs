/**
 * STUN Binding answers of `peerway vantage` beside coturn's `turnserver`, in turn, each on one processor with the load
 * on another: answers per second, and processor time for each. `load/stun-load.c` sends from thousands of /24s, since a
 * vantage limits each.
 *
 *   npm run build && node bench/vantage-load.mjs [--rounds 5] [--seconds 3]
 *
 * Needs root, two processors, a C compiler and coturn.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { count, median, SECTIONS, table, writeSection } from './page.mjs'

const [LOAD, SERVER] = [`load-${process.pid}`, `serve-${process.pid}`]
const [FIRST, SECOND, PORT] = ['198.51.100.20', '198.51.100.21', '3478']
const WINDOWS = [64, 256]
const SOURCES = '8000'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } },
})
const rounds = Number(values.rounds)

const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
const peerway = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const files = [`--pidfile=${folder}/pid`, `--db=${folder}/db`, '--log-file=stdout']
const SERVERS = [
  {
    name: '`peerway vantage`',
    command: [process.execPath, peerway, 'vantage', '--address', FIRST, '--alternate-address', SECOND],
  },
  {
    name: '`turnserver -S -n`',
    command: ['turnserver', '-S', '-n', '--no-auth', '--no-cli', ...files, '-L', FIRST, '-L', SECOND],
  },
]

try {
  execFileSync('gcc', [
    '-O2',
    '-o',
    join(folder, 'stun-load'),
    fileURLToPath(new URL('load/stun-load.c', import.meta.url)),
  ])
  connect()
  const results = new Map(SERVERS.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const server of SERVERS) results.get(server.name).push(await measure(server))
  }
  writeSection(SECTIONS.load, { command: 'node bench/vantage-load.mjs', body: report(results) })
} finally {
  for (const namespace of [LOAD, SERVER]) execFileSync('ip', ['netns', 'del', namespace])
  rmSync(folder, { recursive: true })
}

/** Two namespaces and a cable. All of 10.0.0.0/8 is the load's own. */
function connect() {
  const ip = (...args) => execFileSync('ip', args)
  for (const namespace of [LOAD, SERVER]) ip('netns', 'add', namespace)
  ip('link', 'add', 'v0', 'netns', LOAD, 'type', 'veth', 'peer', 'name', 'v0', 'netns', SERVER)
  for (const namespace of [LOAD, SERVER])
    for (const link of ['lo', 'v0']) ip('-n', namespace, 'link', 'set', link, 'up')
  ip('-n', LOAD, 'addr', 'add', '198.51.100.2/24', 'dev', 'v0')
  for (const address of [FIRST, SECOND]) ip('-n', SERVER, 'addr', 'add', `${address}/24`, 'dev', 'v0')
  ip('-n', LOAD, 'route', 'add', 'local', '10.0.0.0/8', 'dev', 'lo')
  ip('-n', SERVER, 'route', 'add', '10.0.0.0/8', 'via', '198.51.100.2')
}

async function measure({ command }) {
  const server = spawn('ip', ['netns', 'exec', SERVER, 'taskset', '-c', '0', ...command], { stdio: 'ignore' })
  await sleep(2000)
  const windows = []
  for (const window of WINDOWS) {
    const before = processorMs(server.pid)
    const { answers, seconds } = load(window)
    windows.push({ perSecond: answers / seconds, usEach: ((processorMs(server.pid) - before) * 1000) / answers })
  }
  const [, kib] = readFileSync(`/proc/${server.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)
  server.kill()
  await once(server, 'exit')
  return { windows, mib: Number(kib) / 1024 }
}

function load(window) {
  const args = [FIRST, PORT, values.seconds, String(window), '10.0.0.1', SOURCES]
  const command = ['netns', 'exec', LOAD, 'taskset', '-c', '1', join(folder, 'stun-load'), ...args]
  return JSON.parse(execFileSync('ip', command, { encoding: 'utf8' }))
}

/** In ticks of 10 ms, all threads, system calls included. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function report(results) {
  const rows = [...results].map(([name, runs]) => [
    name,
    ...WINDOWS.map((_, index) => count(median(runs.map(({ windows }) => windows[index].perSecond)))),
    median(runs.map(({ windows }) => windows[1].usEach)).toFixed(1),
    median(runs.map(({ mib }) => mib)).toFixed(0),
  ])
  const head = [
    'server',
    ...WINDOWS.map((window) => `answers/s, ${window} under way`),
    'processor time, µs each',
    'memory, MiB',
  ]
  return `
STUN Binding answers on one processor, the load on the other, ${rounds} rounds in turn of ${values.seconds} s. Every request comes
from another of ${count(Number(SOURCES))} prefixes. The vantage draws each answer from its prefix's allowances; coturn limits nobody.

${table(head, rows)}`
}
