import type { Host } from '../host.ts'
import { removeArrivalTables } from './count-arrivals.ts'
import { osClock } from './os-clock.ts'
import { osFiles } from './os-files.ts'
import { osIcmp } from './os-icmp.ts'
import { osListeners } from './os-listeners.ts'
import { osNetfilter } from './os-netfilter.ts'
import { osNetwork } from './os-network.ts'
import { osRandom } from './os-random.ts'
import { osServices } from './os-services.ts'
import { osSysctl } from './os-sysctl.ts'
import { osTcp } from './os-tcp.ts'
import { osUdp } from './os-udp.ts'

/** This machine. What it holds open it closes when its user does; a program that is interrupted calls `releaseOsHost`. */
export function openOsHost(): Host {
  return {
    clock: osClock,
    random: osRandom,
    network: osNetwork,
    udp: osUdp,
    tcp: osTcp,
    icmp: osIcmp,
    listeners: osListeners,
    netfilter: osNetfilter,
    sysctl: osSysctl,
    files: osFiles,
    services: osServices,
  }
}

/** Takes back what work in progress put into this machine, which will not end by itself any more. Nothing new is put there. */
export function releaseOsHost(): Promise<void> {
  return removeArrivalTables()
}
