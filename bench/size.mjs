/**
 * What installing costs: peerway's own package and all that comes with it, beside js-libp2p as its README installs it, and
 * beside the programs of Kubo and Tailscale where they are built already (test/nodes builds Kubo).
 *
 *   npm run build && node bench/size.mjs [--tailscale PATH]
 *
 * Needs npm's registry.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SECTIONS, table, writeSection } from './page.mjs'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
/** What a node needs that speaks TCP, asks for its address, keeps mappings by UPnP and tells whether it is reachable. */
const LIBP2P = [
  'libp2p',
  '@libp2p/tcp',
  '@libp2p/identify',
  '@libp2p/autonat',
  '@libp2p/upnp-nat',
  '@chainsafe/libp2p-noise',
  '@chainsafe/libp2p-yamux',
]

const { values } = parseArgs({ options: { tailscale: { type: 'string' } } })
const folder = mkdtempSync(join(tmpdir(), 'peerway-bench-'))
try {
  const packed = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], PACKAGE))[0]
  const peerway = install('peerway', [join(folder, packed.filename)])
  const rows = [
    row('peerway', peerway),
    row('the same without what is optional', install('bare', [join(folder, packed.filename), '--omit=optional'])),
    row('js-libp2p with AutoNAT and UPnP', install('libp2p', LIBP2P)),
    ...programs(),
  ]
  const body = `
npm's own \`install\` into an empty folder, for a machine of this kind; Go programs are one file. js-libp2p is a library, a
node made of it is larger; Kubo and Tailscale are whole nodes, of which finding out whether strangers get in is a part. The
comparison is for what an operator must install to be told.

${table(['what', 'MiB', 'packages', 'largest parts, MiB'], rows)}`
  writeSection(SECTIONS.size, { command: 'node bench/size.mjs', body })
} finally {
  rmSync(folder, { recursive: true })
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** Bytes of every installed package by its name. */
function install(name, packages) {
  const into = join(folder, name)
  execFileSync('mkdir', [into])
  writeFileSync(join(into, 'package.json'), '{"private":true}')
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], into)
  return new Map(packagesIn(join(into, 'node_modules')).map((path) => [path.slice(into.length + 14), bytesIn(path)]))
}

function packagesIn(modules) {
  if (!existsSync(modules)) return []
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'))
  const scoped = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => join(name, each)) : name,
  )
  return scoped.flatMap((name) => [join(modules, name), ...packagesIn(join(modules, name, 'node_modules'))])
}

/** Without packages inside, which count for themselves. */
function bytesIn(path) {
  const info = lstatSync(path)
  if (!info.isDirectory()) return info.size
  const inside = readdirSync(path).filter((name) => name !== 'node_modules')
  return inside.reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}

function row(name, packages) {
  const total = [...packages.values()].reduce((sum, bytes) => sum + bytes, 0)
  const largest = [...packages].sort(([, a], [, b]) => b - a).slice(0, 3)
  return [name, mib(total), `${packages.size}`, largest.map(([each, bytes]) => `${each} ${mib(bytes)}`).join(', ')]
}

function programs() {
  const kubo = readdirSyncOr(join(homedir(), '.cache', 'peerway-test')).map((each) =>
    join(homedir(), '.cache', 'peerway-test', each, 'ipfs'),
  )
  const found = [
    ['Kubo', kubo.find((path) => existsSync(path))],
    ['Tailscale', values.tailscale],
  ]
  return found.flatMap(([name, path]) => {
    if (path === undefined) return []
    return [[`${name}, one program`, mib(statSync(path).size), goModules(path), '-']]
  })
}

function readdirSyncOr(path) {
  return existsSync(path) ? readdirSync(path) : []
}

/** The Go modules that the program says it is made of. */
function goModules(path) {
  const text = readFileSync(path, 'latin1')
  return `${new Set([...text.matchAll(/^dep\t(\S+)\t/gm)].map(([, module]) => module)).size}`
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1)
}
