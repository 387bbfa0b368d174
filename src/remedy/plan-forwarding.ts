import type { Host } from '../host/host.ts'
import type { Family } from '../model/endpoint.ts'
import type { SysctlChange } from './change.ts'

/** `unknown`: the kernel does not tell its settings. */
export type ForwardingPlan =
  | { readonly kind: 'planned'; readonly changes: readonly SysctlChange[] }
  | { readonly kind: 'unknown'; readonly setting: string }

/**
 * The settings with which the kernel passes packets on between these interfaces, and no others: that by which strangers'
 * packets come in, and the guest's, whose answers come in there. Empty where it does so already. Changes nothing.
 *
 * IPv4 has a switch for each interface. IPv6 has one only since Linux 6.17; before, there is one for all, which also makes
 * an interface deaf to the routers that it learns its default route from, unless that is asked for in so many words.
 */
export async function planForwarding(
  host: Host,
  family: Family,
  interfaces: readonly string[],
): Promise<ForwardingPlan> {
  const all = family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
  const everywhere = await host.sysctl.read(all)
  if (everywhere === undefined) return { kind: 'unknown', setting: all }
  if (family === 'ipv6' && everywhere === '1') return { kind: 'planned', changes: [] }
  const own = await Promise.all(interfaces.map((name) => readSetting(host, family, name)))
  const known = own.filter((setting) => setting !== undefined)
  if (known.length === own.length) return { kind: 'planned', changes: switchedOn(known) }
  if (everywhere === '1') return { kind: 'planned', changes: [] }
  const learning = family === 'ipv6' ? await keepLearning(host, interfaces) : []
  return { kind: 'planned', changes: [...learning, { kind: 'sysctl', name: all, from: everywhere, to: '1' }] }
}

interface Setting {
  readonly name: string
  readonly value: string
}

async function readSetting(host: Host, family: Family, interfaceName: string): Promise<Setting | undefined> {
  const [folder, setting] = family === 'ipv4' ? ['ipv4', 'forwarding'] : ['ipv6', 'force_forwarding']
  const name = `net.${folder}.conf.${inSetting(interfaceName)}.${setting}`
  const value = await host.sysctl.read(name)
  return value === undefined ? undefined : { name, value }
}

function switchedOn(settings: readonly Setting[]): readonly SysctlChange[] {
  const off = settings.filter(({ value }) => value === '0')
  return off.map(({ name, value }) => ({ kind: 'sysctl', name, from: value, to: '1' }))
}

/** 1: learns from routers while it forwards nothing itself. 2: all the same. */
async function keepLearning(host: Host, interfaces: readonly string[]): Promise<readonly SysctlChange[]> {
  const names = interfaces.map((name) => `net.ipv6.conf.${inSetting(name)}.accept_ra`)
  const values = await Promise.all(names.map((name) => host.sysctl.read(name)))
  return names.flatMap((name, index) => (values[index] === '1' ? [{ kind: 'sysctl', name, from: '1', to: '2' }] : []))
}

/** A dot in an interface's name is a slash in a setting's. */
function inSetting(name: string): string {
  return name.replaceAll('.', '/')
}
