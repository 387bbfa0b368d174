/**
 * How large the page of `peerway watch` is, and how long until something of it is seen: a real watch in a host of the lab, and
 * Chromium there, each time with an empty profile.
 *
 *   npm run build && node bench/watch-page.mjs [--rounds 9]      needs root and Debian's chromium
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { namespaceOf } from '../dist/lab/build.js'
import { bringUp, commandInside } from '../dist/lab/lab.js'
import { ownProcess } from '../dist/lab/lab-state.js'
import { namespaceFile } from '../dist/lab/namespace.js'
import { readTopologyFile } from '../dist/lab/open-lab.js'
import { takeDown } from '../dist/lab/take-down.js'
import { median, range, SECTIONS, table, writeSection } from './page.mjs'

const WEB = fileURLToPath(new URL('../dist/web/', import.meta.url))
const CHROMIUM = '/usr/bin/chromium'
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
const MOST_ZIPPED_BYTES = 150 * 1024
const LONGEST_PAINT_MS = 1000

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } })
const { topology, file } = readTopologyFile(
  fileURLToPath(new URL('../topologies/host-firewall-nft.yaml', import.meta.url)),
)

const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
const sizes = files.toSorted().map((name) => {
  const bytes = readFileSync(join(WEB, name))
  return { name: name.replace(/-[\w-]{8}\./, '-*.'), plain: bytes.length, zipped: gzipSync(bytes).length }
})
const total = (of) => sizes.reduce((sum, size) => sum + size[of], 0)

const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
const lab = await bringUp(topology, { lab: `bench.${process.pid}`, file, owner: ownProcess() })
const loads = []
let version = ''
try {
  const { argv, env } = commandInside(lab, 'node', ['peerway', 'watch', '--port', '4001', '--vantage', '198.51.100.20'])
  const watch = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const url = /http:\S+/.exec(String((await once(watch.stdout, 'data'))[0]))[0]
    const inside = join(folder, 'chromium')
    const enter = `nsenter --net=${namespaceFile(namespaceOf(lab.lab, 'node'))}`
    writeFileSync(inside, `#!/bin/sh\nexec ${enter} ${CHROMIUM} "$@"\n`)
    chmodSync(inside, 0o755)
    const browser = await chromium.launch({ executablePath: inside, args: [...FLAGS, ...QUIET] })
    version = `Chromium ${browser.version()}`
    // The first is not measured: it waits for the first check, and the browser for its own files.
    for (let round = 0; round <= Number(values.rounds); round++) {
      const load = await loadOnce(browser, url)
      if (round > 0) loads.push(load)
    }
    await browser.close()
  } finally {
    watch.kill('SIGTERM')
    await once(watch, 'close')
  }
} finally {
  await takeDown(lab)
  rmSync(folder, { recursive: true })
}

async function loadOnce(browser, url) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('.verdict.bad h1').waitFor()
  const measured = await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint')
    const received = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    const files = received.filter(({ name }) => !name.includes('/api/'))
    const bytes = files.reduce((sum, { transferSize }) => sum + transferSize, 0)
    return { paintMs: paint.startTime, verdictMs: performance.now(), bytes }
  })
  await context.close()
  return measured
}

const whole = (number) => number.toFixed(0)
const kib = (bytes) => (bytes / 1024).toFixed(1)
const of = (key) => loads.map((load) => load[key])
const row = (name, key, write) => [name, write(median(of(key))), range(of(key), write)]

writeSection(SECTIONS.page, {
  command: 'node bench/watch-page.mjs',
  versions: [version],
  body: `
A real \`peerway watch\` in a host of the lab, and a browser there, ${values.rounds} times with nothing kept from the time before.
The first paint is the browser's own (first-contentful-paint); the verdict is there when its heading is, which includes the question to the API.

${table(
  ['what', 'median', 'range'],
  [
    row('first paint, ms', 'paintMs', whole),
    row('the verdict is seen, ms', 'verdictMs', whole),
    row('received before that, answers of the API not counted, KiB', 'bytes', kib),
  ],
)}

${table(
  ['file', 'KiB', 'zipped, KiB'],
  [...sizes, { name: 'all', plain: total('plain'), zipped: total('zipped') }].map(({ name, plain, zipped }) => [
    name,
    kib(plain),
    kib(zipped),
  ]),
)}
`,
})
if (total('zipped') > MOST_ZIPPED_BYTES || median(of('paintMs')) > LONGEST_PAINT_MS) process.exitCode = 1
