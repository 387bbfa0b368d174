import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { planLab } from '../../src/lab/lab-plan.ts'
import { ownProcess } from '../../src/lab/lab-state.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { PeerwayError } from '../../src/model/error.ts'
import type { NodeKindName } from '../../src/nodes/kinds.ts'
import type { Report } from '../../src/report/report.ts'
import { parseTopology } from '../../src/topology/parse-topology.ts'
import type { Box, Topology } from '../../src/topology/topology.ts'
import { missingFor } from '../lab/needs.ts'
import { askInside } from './ask.ts'
import { type Comparable, comparable } from './comparable.ts'
import { dialAsStranger, targetsIn } from './dial.ts'
import { networkOf, type RandomNetwork } from './document.ts'
import { judgeReport } from './judge.ts'
import { recipe } from './recipe.ts'

/**
 * The same network in the kernel and in the simulator: a stranger's dials meet the same fate, and a check says the same.
 * Nobody loses packets here, or mixes their order, for which packet is lost is chance. Of random networks the truth is known, and what a check
 * says in the kernel is held against it too.
 */
const missing = missingFor('ethtool', 'miniupnpd', 'turnserver')
const LONG = process.env.PEERWAY_LONG !== undefined
const NETWORKS = LONG ? 1_000 : 20
const SEED = Number(process.env.PEERWAY_SEED ?? (LONG ? Date.now() % 1_000_000_000 : 20261121))

/**
 * A process makes the lab's delays, and every program there waits for the same two cores: a round trip that took longer than
 * the cable's shows an access line where there is none. What the machine's load made of it, another run does not show;
 * and a false claim is one whatever made it, so those are counted in every run.
 */
const MOST_AGAIN = 2

const folder = fileURLToPath(new URL('../../topologies/', import.meta.url))
const strangerScript = fileURLToPath(new URL('../lab/stranger.mjs', import.meta.url))
/** Of these the truth is known, and both sides are held against it elsewhere; here it is for the rest of the report. */
const files = LONG ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : []

describe.skipIf(missing)(`kernel and simulator agree on${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(files)('%s', { timeout: 120_000 }, async (file) => {
    const parsed = parseTopology(readFileSync(`${folder}${file}`, 'utf8'), file)
    if (!parsed.ok) throw new Error(`${file} has mistakes`)
    for (const { check } of parsed.topology.truth) {
      const network = { topology: withoutChance(parsed.topology), ...optionsOf(check) }
      expect(fatesIn(await inKernel(network, file))).toEqual(fatesIn(await inSimulator(network, 1)))
    }
  })

  const random = fc
    .sample(recipe, { seed: SEED, numRuns: 2 * NETWORKS })
    .map((one) => ({ seed: one.seed, network: asKernelIs(networkOf(one)) }))
    .filter(({ network }) => isKernels(network.topology))
    .slice(0, NETWORKS)
  test.concurrent.each(random.map((each, index) => ({ ...each, index })))(
    `random network $index of PEERWAY_SEED=${SEED}`,
    { timeout: 120_000 },
    async ({ network, seed, index }) => {
      const simulated = fatesIn(await inSimulator(network, seed))
      for (let again = 0; ; again++) {
        const kernel = await inKernel(network, `random-${index}`)
        expect(judgeReport(network.topology, kernel.report).falseClaims, network.yaml).toEqual([])
        if (again < MOST_AGAIN && !isDeepStrictEqual(fatesIn(kernel), simulated)) continue
        return expect(fatesIn(kernel), network.yaml).toEqual(simulated)
      }
    },
  )
})

interface Seen {
  readonly strangers: Readonly<Record<string, string>>
  readonly report: Report
}

function fatesIn({ strangers, report }: Seen): Pick<Seen, 'strangers'> & { readonly report: Comparable } {
  return { strangers, report: comparable(report) }
}

type Asked = Pick<RandomNetwork, 'topology' | 'ports' | 'vantages' | 'node'>

async function inSimulator(network: Asked, seed: number): Promise<Seen> {
  const strangers = await dialAsStranger(network, seed)
  return { strangers, report: await askInside(network, seed) }
}

async function inKernel(network: Asked, name: string): Promise<Seen> {
  const lab = `${name.replace('.yaml', '')}.${process.pid}.d`
  const state = await bringUp(network.topology, { lab, file: `${folder}${name}`, owner: ownProcess() })
  try {
    const dials = await runInside(state, 'stranger', [process.execPath, strangerScript, ...targetsIn(network)])
    const flags = [
      ...network.ports.flatMap((port) => ['--port', port]),
      ...network.vantages.flatMap((each) => ['--vantage', each]),
      ...(network.node === undefined ? [] : ['--node', network.node]),
    ]
    const ran = await runInside(state, nodeOf(network.topology), ['peerway', 'check', '--json', ...flags])
    expect(ran.stdout, ran.stderr).toMatch(/^\{/)
    return { strangers: JSON.parse(dials.stdout), report: JSON.parse(ran.stdout) }
  } finally {
    await takeDown(state)
  }
}

/** The kernel refuses a few ways in which a NAT chooses ports. */
function isKernels(topology: Topology): boolean {
  try {
    planLab(topology)
    return true
  } catch (error) {
    if (error instanceof PeerwayError && error.code === 'not-available') return false
    throw error
  }
}

/**
 * The lab's rules turn packets around only where a mapping's port is known before it is made (docs/topologies.md). And one that
 * comes in by a DMZ, or for a remembered host where ports are changed, takes the kernel the port that the mapping needs.
 */
function asKernelIs(network: RandomNetwork): RandomNetwork {
  const topology = withoutChance(network.topology)
  const isTaken = topology.boxes.some(
    ({ nat, dmz }) => nat !== null && (dmz !== null || (nat.remembers === 'host' && !nat.portPreservation)),
  )
  const boxes = topology.boxes.map((box): Box => {
    const turns = box.nat?.mapping === 'endpoint-independent' && !isTaken
    return box.nat === null || turns ? box : { ...box, nat: { ...box.nat, hairpinning: false } }
  })
  return { ...network, topology: { ...topology, boxes } }
}

function withoutChance(topology: Topology): Topology {
  const links = topology.links.map((link) => ({ ...link, lossPercent: 0, jitterMs: 0, reorderPercent: 0 }))
  return { ...topology, links }
}

function nodeOf({ truth }: Topology): string {
  return truth[0]?.on ?? 'node'
}

function optionsOf(args: readonly string[]): Omit<Asked, 'topology'> {
  const said = (flag: string) => args.filter((_, index) => args[index - 1] === flag)
  const [node] = said('--node')
  return { ports: said('--port'), vantages: said('--vantage'), node: node as NodeKindName | undefined }
}
