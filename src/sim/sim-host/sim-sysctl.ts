import type { Sysctl } from '../../host/host.ts'
import { errorText, PeerwayError } from '../../model/error.ts'
import type { Machine } from '../machine.ts'

/** Its machines forward both families or none. */
const FORWARDING = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']

/** The settings that matter for the way of packets. */
export function simSysctl(machine: Machine): Sysctl {
  return {
    async read(name) {
      if (FORWARDING.includes(name)) return machine.forwards ? '1' : '0'
      return name === 'net.ipv4.ip_local_port_range' ? '32768\t60999' : undefined
    },
    async write(name, value) {
      if (!FORWARDING.includes(name)) {
        throw new PeerwayError('not-available', errorText('error.sim-no-setting', { name }))
      }
      machine.forwards = value !== '0'
    },
  }
}
