import type { Host } from '../../host/host.ts'
import type { Machine } from '../machine.ts'
import type { Owner } from '../stack/udp-stack.ts'
import { simClock } from './sim-clock.ts'
import { simFiles } from './sim-files.ts'
import { simIcmp } from './sim-icmp.ts'
import { simListeners } from './sim-listeners.ts'
import { simNetfilter } from './sim-netfilter.ts'
import { simNetwork } from './sim-network.ts'
import { simRandom } from './sim-random.ts'
import { simServices } from './sim-services.ts'
import { simSysctl } from './sim-sysctl.ts'
import { simTcp } from './sim-tcp.ts'
import { simUdp } from './sim-udp.ts'

export interface SimHostOptions {
  /** Who is asked about names; undefined: nobody is configured. */
  readonly resolver?: string | undefined
  /** What names stand for, where a resolver that is reached knows them. */
  readonly names?: ReadonlyMap<string, readonly string[]>
  /** Name and number of the program that this Host is for. */
  readonly owner?: Owner
}

/** A Host that is a machine of a simulated world: programs on it run as root, unchanged, in virtual time. */
export function openSimHost(machine: Machine, options: SimHostOptions = {}): Host {
  const owner = options.owner ?? { process: 'peerway', pid: 2 }
  const { resolver, names = new Map<string, readonly string[]>() } = options
  const udp = simUdp(machine, owner)
  return {
    clock: simClock(machine.world),
    random: simRandom(machine),
    network: simNetwork(machine, udp, { resolver, names }),
    udp,
    tcp: simTcp(machine, owner),
    icmp: simIcmp(machine),
    listeners: simListeners(machine),
    netfilter: simNetfilter(machine),
    sysctl: simSysctl(machine),
    files: simFiles(),
    services: simServices,
  }
}
