import type { Host } from '../../src/host/host.ts'
import { type Family, familyOf } from '../../src/model/endpoint.ts'
import { buildTopology } from '../../src/sim/build.ts'
import { externalAddress, families, layOut } from '../../src/topology/layout.ts'
import type { Topology } from '../../src/topology/topology.ts'
import type { RandomNetwork } from './document.ts'

type Network = Pick<RandomNetwork, 'topology' | 'ports'>

/** What a stranger dials: every port asked about, in every family that the node and the stranger have. */
export function targetsIn({ topology, ports }: Network): readonly string[] {
  const layout = layOut(topology)
  const node = topology.truth[0]?.on ?? 'node'
  const stranger = layout.hosts.get('stranger')!
  const has = (family: Family) => stranger.some((each) => familyOf(each) === family)
  const possible = familiesOf(topology, node).filter(has)
  return ports.flatMap((port) => {
    const transports = port.includes('/') ? [port.split('/')[0]!] : ['udp', 'tcp']
    const number = port.split('/').at(-1)!
    return transports.flatMap((transport) =>
      possible.map((family) => `${transport}:${externalAddress(topology, layout, node, family)}:${number}`),
    )
  })
}

function familiesOf(topology: Topology, host: string): readonly Family[] {
  const name = topology.hosts.find((each) => each.name === host)!.network
  return families(topology.networks.find((each) => each.name === name)!).map(([family]) => family)
}

/** The same dials as `test/lab/stranger.mjs` makes in the kernel, with the same patience: who greets is reached. */
export async function dialAsStranger(network: Network, seed: number): Promise<Record<string, string>> {
  const { world, host } = buildTopology(network.topology, seed)
  const stranger = host('stranger')
  const dials = targetsIn(network).map(async (target) => {
    const [, transport, address, port] = /^(udp|tcp):(.+):([0-9]+)$/.exec(target)!
    const to = { address: address!, port: Number(port) }
    const spoke = transport === 'tcp' ? await dialTcp(stranger, to) : await dialUdp(stranger, to)
    return [target, spoke ? 'yes' : 'no'] as const
  })
  return Object.fromEntries(await world.run(Promise.all(dials), "the stranger's dials"))
}

interface To {
  readonly address: string
  readonly port: number
}

const PATIENCE_MS = 1_800
const ATTEMPTS = 6
const EVERY_MS = 200

async function dialTcp(host: Host, to: To): Promise<boolean> {
  const result = await host.tcp.connect({ to, timeoutMs: PATIENCE_MS })
  if (result.outcome !== 'connected') return false
  const heard = await result.connection.read(PATIENCE_MS)
  result.connection.reset()
  return heard.outcome === 'data' && new TextDecoder('latin1').decode(heard.data).includes('/multistream/')
}

async function dialUdp(host: Host, to: To): Promise<boolean> {
  await using socket = await host.udp.open({ toward: to })
  const initial = new Uint8Array(1200)
  initial.set([0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0])
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await socket.send(initial, to)
    const event = await socket.receive(EVERY_MS)
    if (event?.kind !== 'datagram') continue
    const { data } = event
    if (data[0]! >= 0x80 && data.subarray(1, 5).every((byte) => byte === 0)) return true
  }
  return false
}
