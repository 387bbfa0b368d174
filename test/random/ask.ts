import { type CheckResult, check } from '../../src/check.ts'
import type { Report } from '../../src/report/report.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { startVantage } from '../../src/vantage/server.ts'
import type { RandomNetwork } from './document.ts'

type Asked = Pick<RandomNetwork, 'topology' | 'ports' | 'vantages'> & Partial<Pick<RandomNetwork, 'node'>>

/** A check that ran on the node of a simulated network. */
export async function checkInside({ topology, ports, vantages, node }: Asked, seed: number): Promise<CheckResult> {
  const simulated = buildTopology(topology, seed)
  await startVantages(simulated, topology, startVantage)
  return simulated.world.run(
    check({ ports, vantages, node, stateFolder: '/var/lib/peerway' }, simulated.host(topology.truth[0]?.on ?? 'node')),
  )
}

/** Its report. */
export async function askInside(network: Asked, seed: number): Promise<Report> {
  return (await checkInside(network, seed)).report
}
