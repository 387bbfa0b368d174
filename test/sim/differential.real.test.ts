import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bringUp, runInside } from '../../src/lab/lab.ts'
import { ownProcess } from '../../src/lab/lab-state.ts'
import { readTopologyFile } from '../../src/lab/open-lab.ts'
import { takeDown } from '../../src/lab/take-down.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { layOut } from '../../src/topology/layout.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { missingFor } from '../lab/needs.ts'
import { fatesOf } from './fates.mjs'

const missing = missingFor('turnserver', 'ethtool', 'ping')
const folder = fileURLToPath(new URL('../../topologies/', import.meta.url))
const script = fileURLToPath(new URL('./fates-inside.mjs', import.meta.url))
/** Chance decides what a line that loses packets does, and it is not the same chance. */
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !file.includes('lossy'))

/** Ports that some topology treats apart, and one that none does. */
const PORTS = [80, 4001, 4002, 3478]

/**
 * The same packets are sent in the kernel and in the simulator, by the same program over Host, from every host to
 * every address: their fates must not differ.
 */
describe.skipIf(missing)(`kernel and simulator agree on${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test.concurrent.each(files)('%s', { timeout: 120_000 }, async (file) => {
    const read = readTopologyFile(`${folder}${file}`)
    // coturn stands in for the vantages: what they would contact by themselves is left out.
    const topology = {
      ...read.topology,
      vantages: read.topology.vantages.map((each) => ({ ...each, kind: 'stun' as const })),
    }
    const [kernel, simulator] = [await inKernel(file, topology), await inSimulator(topology)]
    expect(simulator).toEqual(kernel)
  })
})

/** A host tells only once a second that a port is closed; of which question that is the answer is chance: on neither side. */
const UNRATIONED = ['sh', '-c', 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit']

type Fates = Readonly<Record<string, Readonly<Record<string, string>>>>

async function inKernel(file: string, topology: Topology): Promise<Fates> {
  const lab = `${file.replace('.yaml', '')}.${process.pid}.d`
  const state = await bringUp(topology, { lab, file: `${folder}${file}`, owner: ownProcess() })
  const fates: Record<string, Record<string, string>> = {}
  try {
    for (const { name } of [...topology.hosts, ...topology.vantages]) await runInside(state, name, UNRATIONED)
    for (const { name } of topology.hosts) {
      const ran = await runInside(state, name, [process.execPath, script, ...targetsOf(topology)])
      expect(ran.stdout, ran.stderr).toMatch(/^\{/)
      fates[name] = JSON.parse(ran.stdout)
    }
  } finally {
    await takeDown(state)
  }
  return fates
}

async function inSimulator(topology: Topology): Promise<Fates> {
  const simulated = buildTopology(topology, 1)
  for (const machine of simulated.machines.values()) machine.errorRation = null
  const fates: Record<string, Record<string, string>> = {}
  for (const { name } of topology.hosts) {
    fates[name] = await simulated.world.run(fatesOf(simulated.host(name), targetsOf(topology)))
  }
  return fates
}

function targetsOf(topology: Topology): readonly string[] {
  const { hosts, boxes } = layOut(topology)
  const own = [...hosts.values(), ...[...boxes.values()].flatMap(({ inside, outside }) => [inside, outside])].flat()
  return own.flatMap((address) => [
    ...PORTS.flatMap((port) => [`tcp:${address}:${port}`, `udp:${address}:${port}`]),
    ...[1, 2, 3, 64].map((ttl) => `echo:${address}:${ttl}`),
  ])
}
