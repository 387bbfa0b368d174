import type { Sysctl } from '../../host/host.ts'
import type { Machine } from '../machine.ts'

/** The settings that matter for the way of packets. */
export function simSysctl(machine: Machine): Sysctl {
  const forwards = machine.forwards ? '1' : '0'
  const values = new Map([
    ['net.ipv4.ip_forward', forwards],
    ['net.ipv6.conf.all.forwarding', forwards],
    ['net.ipv4.ip_local_port_range', '32768\t60999'],
  ])
  return { read: async (name) => values.get(name) }
}
