import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { type LabState, ownProcess } from '../../src/lab/lab-state.ts'
import { readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import type { EndpointName, Family, Transport } from '../../src/model/endpoint.ts'
import { externalAddress, layOut } from '../../src/topology/layout.ts'
import type { Topology, Truth } from '../../src/topology/topology.ts'
import { missingFor } from './needs.ts'

const missing = missingFor('turnserver', 'turnutils_natdiscovery', 'miniupnpd', 'ethtool')
const folder = fileURLToPath(new URL('../../topologies/', import.meta.url))
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
const strangerScript = fileURLToPath(new URL('./stranger.mjs', import.meta.url))

/**
 * The truths of the topologies are checked against the kernel by programs that are not peerway: a stranger that
 * dials, and coturn's client, asking coturn, for how the routers translate and filter.
 */
describe.skipIf(missing)(`a stranger's dials agree with the truth of${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(files)('%s', { timeout: 60_000 }, async (file) => {
    const { topology } = readTopologyFile(`${folder}${file}`)
    expect(topology.truth.length).toBeGreaterThan(0)
    await inLab(file, withCoturn(topology), async (lab) => {
      for (const truth of topology.truth) {
        const targets = targetsOf(topology, truth)
        const dials = targets.map(({ target }) => target)
        const result = await runInside(lab, 'stranger', [process.execPath, strangerScript, ...dials])
        const reached = JSON.parse(result.stdout) as Record<string, string>
        const seen = Object.fromEntries(targets.map(({ endpoint, target }) => [endpoint, reached[target]]))
        expect(seen).toEqual(Object.fromEntries(targets.map(({ endpoint, expected }) => [endpoint, expected])))
      }
    })
  })
})

/** coturn's client asks once: on a line that loses packets it says nothing useful. */
const translating = files.filter((file) =>
  /^(home-nat(?!-lossy)|dmz|public-host|routed-filter|double-nat\.)/.test(file),
)

describe.skipIf(missing)(`coturn's client sees the NAT behavior of${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(translating)('%s', { timeout: 90_000 }, async (file) => {
    const { topology } = readTopologyFile(`${folder}${file}`)
    const { nat } = topology.truth[0]!
    await inLab(file, withCoturn(topology), async (lab) => {
      // Filtering first: the question about mapping contacts the server's other address, and some routers remember it.
      const seen = { filtering: await discover(lab, '-f'), mapping: await discover(lab, '-m') }
      if (nat.mapping !== undefined && nat.mapping !== 'none') expect(seen.mapping).toBe(nat.mapping)
      if (nat.filtering !== undefined) expect(seen.filtering).toBe(nat.filtering)
    })
  })
})

const vantage = '198.51.100.20'

/** What turnutils_natdiscovery concludes last. */
async function discover(lab: LabState, question: '-m' | '-f'): Promise<string | undefined> {
  const { stdout } = await runInside(lab, 'node', ['turnutils_natdiscovery', question, vantage])
  const last = stdout.match(/NAT with (.*) (?:Mapping|Filtering)!/g)?.at(-1)
  return last
    ?.replace(/NAT with (.*) (?:Mapping|Filtering)!/, '$1')
    .toLowerCase()
    .replaceAll(' ', '-')
}

interface Target {
  readonly endpoint: EndpointName
  readonly target: string
  readonly expected: string
}

/** Endpoints whose fate a stranger can see: one that meets silence from a silent node cannot. */
function targetsOf(topology: Topology, truth: Truth): readonly Target[] {
  const layout = layOut(topology)
  return [...truth.stranger].flatMap(([endpoint, expected]) => {
    const [transport, family, port] = endpoint.split('/') as [Transport, Family, string]
    const listeners = topology.hosts.find((host) => host.name === truth.on)!.listeners
    const silent = listeners.some((each) => each.behavior === 'silent' && each.transport === transport)
    if (silent || expected === 'unknown') return []
    const address = externalAddress(topology, layout, truth.on, family)
    return [{ endpoint, target: `${transport}:${address}:${port}`, expected }]
  })
}

/** The strangers' part needs no peerway inside: coturn stands in for its vantages. */
function withCoturn(topology: Topology): Topology {
  return { ...topology, vantages: topology.vantages.map((each) => ({ ...each, kind: 'stun' })) }
}

let labs = 0

async function inLab(file: string, topology: Topology, use: (lab: LabState) => Promise<void>): Promise<void> {
  labs += 1
  const lab = `${file.replace('.yaml', '')}.${process.pid}.s${labs}`
  const state = await bringUp(topology, { lab, file: `${folder}${file}`, owner: ownProcess() })
  try {
    await use(state)
  } finally {
    await takeDown(state)
  }
}
