import type { Host } from '../host.ts'
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

/** This machine. Holds nothing open by itself: there is nothing to close. */
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
