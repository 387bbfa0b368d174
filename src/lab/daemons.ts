import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type Address, familyOf } from '../model/endpoint.ts'
import { type Layout, layOut } from '../topology/layout.ts'
import {
  type Box,
  type HostSpec,
  type ListenerSpec,
  PORTAL_PORT,
  SERVED_OUTSIDE,
  type Topology,
  type VantageSpec,
} from '../topology/topology.ts'
import type { DelayTask } from './delay-task.ts'
import type { GuestTask } from './guest-task.ts'
import { ROUTER_TABLE } from './router-rules.ts'

/** A program that runs as long as the lab does. */
export interface Daemon {
  /** Who of the topology it runs in; the lab's own name for the delay line. */
  readonly host: string
  readonly title: string
  readonly command: readonly string[]
  /** Files that it wants in its folder, name to text. `FOLDER` in them and in `command` stands for that folder. */
  readonly files: ReadonlyMap<string, string>
  /** It is up when it holds all of these. */
  readonly holds: readonly { readonly transport: 'udp' | 'tcp'; readonly port: number }[]
}

/** The build of this package: the lab's own programs and the peerway that it runs inside are started from there. */
export const MAIN = built('cli/main.js')
const GUEST = built('lab/guest.js')
const DELAY_LINE = built('lab/delay-line.js')

function built(path: string): string {
  return fileURLToPath(new URL(`../../dist/${path}`, import.meta.url))
}

export function daemonsOf(topology: Topology): readonly Daemon[] {
  const layout = layOut(topology)
  return [
    ...topology.vantages.filter((vantage) => vantage.dead === null).map(vantageDaemon),
    ...topology.hosts.filter((host) => host.listeners.length > 0).map((host) => hostDaemon(host, layout)),
    ...topology.boxes.filter((box) => box.page).map((box) => pageDaemon(box, layout)),
    ...topology.boxes.filter(hasPortal).map(({ name }) => guest(name, { listeners: [], pages: [], isPortal: true })),
    ...topology.boxes.filter((box) => box.portMapping.length > 0).map((box) => portMappingDaemon(box, layout)),
  ]
}

export function delayDaemon(host: string, task: DelayTask): Daemon {
  return {
    host,
    title: 'delay-line',
    command: [process.execPath, DELAY_LINE, JSON.stringify(task)],
    files: new Map(),
    holds: task.lines.map(({ inPort }) => ({ transport: 'udp', port: inPort })),
  }
}

function vantageDaemon(vantage: VantageSpec): Daemon {
  const { name, kind, address, alternateAddress, port, token } = vantage
  const both = [{ transport: 'udp', port } as const, { transport: 'tcp', port } as const]
  const common = { host: name, title: 'vantage', files: new Map<string, string>(), holds: both }
  if (kind === 'stun') return { ...common, title: 'turnserver', command: turnserver(vantage), files: TURNSERVER_FILES }
  const alternate = alternateAddress === null ? [] : ['--alternate-address', alternateAddress]
  const secret = token === null ? [] : ['--token', token]
  const where = ['--address', address, ...alternate, '--port', String(port), ...secret]
  return { ...common, command: [process.execPath, MAIN, 'vantage', ...where] }
}

/** coturn reads its configuration from a file even when it has nothing in it. */
const TURNSERVER_FILES = new Map([['turnserver.conf', '']])

function turnserver({ address, alternateAddress, port }: VantageSpec): readonly string[] {
  const addresses = [address, ...(alternateAddress === null ? [] : [alternateAddress])]
  return [
    ...['turnserver', '-c', 'FOLDER/turnserver.conf', '--stun-only', '--no-auth', '--no-cli', '--no-tls', '--no-dtls'],
    ...['--log-file', 'stdout', '--simple-log', '--pidfile', 'FOLDER/turnserver.pid', '--db', 'FOLDER/turndb'],
    ...['--relay-threads', '1', '--listening-port', String(port)],
    ...addresses.flatMap((each) => ['--listening-ip', each]),
  ]
}

function hostDaemon(host: HostSpec, layout: Layout): Daemon {
  const own = layout.hosts.get(host.name)!
  const listeners = host.listeners.flatMap((listener) =>
    boundAddresses(listener).map((address) => ({
      transport: listener.transport,
      port: listener.port,
      address,
      behavior: listener.behavior,
      contacts: listener.contacts.map((peer) => ({
        address: contactAddress(peer.host, layout, own),
        port: peer.port,
      })),
    })),
  )
  return guest(host.name, { listeners, pages: [], isPortal: false })
}

function boundAddresses(listener: ListenerSpec): readonly (Address | null)[] {
  if (listener.address === 'any') return [null]
  return listener.address === 'loopback' ? ['127.0.0.1', '::1'] : [listener.address]
}

/** A contact is spoken to in IPv4 where both have it. */
function contactAddress(name: string, layout: Layout, own: readonly Address[]): Address {
  const theirs = layout.hosts.get(name)!
  const family = (['ipv4', 'ipv6'] as const).find((each) =>
    [own, theirs].every((addresses) => addresses.some((address) => familyOf(address) === each)),
  )
  return theirs.find((address) => familyOf(address) === family) ?? theirs[0]!
}

function hasPortal({ filters }: Box): boolean {
  return filters.some(({ action }) => action === 'portal')
}

function pageDaemon(box: Box, layout: Layout): Daemon {
  return guest(box.name, { listeners: [], pages: layout.boxes.get(box.name)!.inside, isPortal: false })
}

function guest(host: string, task: GuestTask): Daemon {
  const ports = task.listeners.map(({ transport, port }) => ({ transport, port }))
  return {
    host,
    title: task.isPortal ? 'portal' : task.pages.length === 0 ? 'listeners' : 'page',
    command: [process.execPath, GUEST, JSON.stringify(task)],
    files: new Map(),
    holds: [
      ...ports,
      ...task.pages.map(() => ({ transport: 'tcp', port: 80 }) as const),
      ...(task.isPortal ? [{ transport: 'tcp', port: PORTAL_PORT } as const] : []),
    ],
  }
}

function portMappingDaemon(box: Box, layout: Layout): Daemon {
  const yes = (wanted: boolean) => (wanted ? 'yes' : 'no')
  // NAT-PMP and PCP are one switch in miniupnpd, and one port.
  const natPmp = box.portMapping.includes('nat-pmp') || box.portMapping.includes('pcp')
  const config = [
    'ext_ifname=outside',
    ...(box.portMappingOutside
      ? [`listening_ip=${insideAddress(box, layout)}/0`, `port=${SERVED_OUTSIDE.tcp[0]}`]
      : ['listening_ip=inside']),
    `enable_natpmp=${yes(natPmp)}`,
    `enable_upnp=${yes(box.portMapping.includes('upnp'))}`,
    `upnp_table_name=${ROUTER_TABLE}`,
    `upnp_nat_table_name=${ROUTER_TABLE}`,
    'secure_mode=yes',
    'lease_file=FOLDER/leases',
    `uuid=8d94fefb-5d4e-4c93-8685-${createHash('sha256').update(box.name).digest('hex').slice(0, 12)}`,
    'allow 1-65535 0.0.0.0/0 1-65535',
    '',
  ]
  return {
    host: box.name,
    title: 'miniupnpd',
    command: ['miniupnpd', '-d', '-f', 'FOLDER/miniupnpd.conf', '-P', 'FOLDER/miniupnpd.pid'],
    files: new Map([['miniupnpd.conf', config.join('\n')]]),
    holds: natPmp ? [{ transport: 'udp', port: 5351 }] : [{ transport: 'udp', port: 1900 }],
  }
}

/** For miniupnpd everybody is at home then, who has an address of IPv4. */
function insideAddress(box: Box, layout: Layout): Address {
  return layout.boxes.get(box.name)!.inside.find((address) => familyOf(address) === 'ipv4')!
}
