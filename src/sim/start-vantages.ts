import type { Host } from '../host/host.ts'
import type { Address } from '../model/endpoint.ts'
import type { Topology } from '../topology/topology.ts'
import type { SimulatedTopology } from './build.ts'

/** What a vantage of a topology is started with; `startVantage` of `vantage/` takes it. */
export interface VantageStart {
  readonly addresses: readonly { readonly bind: Address; readonly public: Address }[]
  readonly alternateAddress?: { readonly bind: Address; readonly public: Address }
  readonly port: number
  readonly token?: string
}

/**
 * Runs peerway's own vantage on every machine that the topology says to be one and that lives. `start` is given from above, as
 * the simulator lies below the room of vantages; resolves when all of them answer.
 */
export async function startVantages(
  simulated: SimulatedTopology,
  topology: Topology,
  start: (host: Host, options: VantageStart) => Promise<unknown>,
): Promise<void> {
  const living = topology.vantages.filter(({ kind, dead }) => kind === 'peerway' && dead === null)
  const started = living.map(({ name, address, alternateAddress, port, token }) =>
    start(simulated.host(name), {
      addresses: [{ bind: address, public: address }],
      ...(alternateAddress === null ? {} : { alternateAddress: { bind: alternateAddress, public: alternateAddress } }),
      port,
      ...(token === null ? {} : { token }),
    }),
  )
  await simulated.world.run(Promise.all(started), 'starting the vantages')
}
