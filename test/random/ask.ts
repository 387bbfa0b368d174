import { check } from '../../src/check.ts'
import type { Report } from '../../src/report/report.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { startVantages } from '../../src/sim/start-vantages.ts'
import { startVantage } from '../../src/vantage/server.ts'
import type { RandomNetwork } from './document.ts'

/** The report of a check that ran on the node of a simulated network. */
export async function askInside(
  { topology, ports, vantages }: Pick<RandomNetwork, 'topology' | 'ports' | 'vantages'>,
  seed: number,
): Promise<Report> {
  const simulated = buildTopology(topology, seed)
  await startVantages(simulated, topology, startVantage)
  const { report } = await simulated.world.run(
    check({ ports, vantages, stateFolder: '/var/lib/peerway' }, simulated.host(topology.truth[0]?.on ?? 'node')),
  )
  return report
}
