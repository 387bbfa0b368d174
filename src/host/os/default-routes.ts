import type { Address } from '../../model/endpoint.ts'
import type { DefaultRoute } from '../../model/evidence.ts'
import { onLinuxOnly } from './not-available.ts'
import { bytesAddress, readProc, rowsOf, wordsAddress } from './proc.ts'
import { runProgram } from './run-program.ts'

const RTF_UP = 0x1
const RTF_GATEWAY = 0x2
const RTF_REJECT = 0x200

/**
 * Default routes of the main tables, best first per family. Routes that only a policy-routing rule leads to are not in
 * /proc; `sourceTowards` obeys them.
 */
export async function defaultRoutes(): Promise<readonly DefaultRoute[]> {
  if (process.platform !== 'linux') throw onLinuxOnly('error.of.reading-routes')
  const [route, arp, ipv6Route] = await Promise.all(
    ['/proc/net/route', '/proc/net/arp', '/proc/net/ipv6_route'].map(readProc),
  )
  const ipv6 = parseIpv6Routes(ipv6Route!)
  const neighbours = ipv6.some(({ gateway }) => gateway !== null) ? await ipv6Neighbours() : ''
  return [...withMacs(parseIpv4Routes(route!), parseArp(arp!)), ...withMacs(ipv6, parseNeighbours(neighbours))]
}

type BareRoute = Omit<DefaultRoute, 'gatewayMac'>
/** Key: `INTERFACE ADDRESS`. */
type Macs = ReadonlyMap<string, string>

function withMacs(routes: readonly BareRoute[], macs: Macs): DefaultRoute[] {
  const best = [...routes].sort((a, b) => a.metric - b.metric)
  return best.map((route) => ({ ...route, gatewayMac: macs.get(`${route.interface} ${route.gateway}`) ?? null }))
}

/** /proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
export function parseIpv4Routes(text: string): BareRoute[] {
  return rowsOf(text).flatMap(([name, destination, gateway, flags, , , metric, mask]) => {
    if (destination !== '00000000' || mask !== '00000000') return []
    return usable('ipv4', name!, wordsAddress(gateway!), Number.parseInt(flags!, 16), Number(metric))
  })
}

/** /proc/net/ipv6_route: destination length source length gateway metric refcount use flags interface; all hexadecimal. */
export function parseIpv6Routes(text: string): BareRoute[] {
  return rowsOf(text).flatMap(([destination, length, , sourceLength, gateway, metric, , , flags, name]) => {
    // A route for one source prefix alone (RFC 8028) is a default route too, where the length says so.
    if (length !== '00' || !/^0{32}$/.test(destination!) || sourceLength === undefined) return []
    // Unreachable, prohibiting and discarding routes stand on `lo`.
    if (name === undefined || name === 'lo') return []
    return usable('ipv6', name, bytesAddress(gateway!), Number.parseInt(flags!, 16), Number.parseInt(metric!, 16))
  })
}

function usable(family: 'ipv4' | 'ipv6', name: string, hop: Address, flags: number, metric: number): BareRoute[] {
  if ((flags & RTF_UP) === 0 || (flags & RTF_REJECT) !== 0) return []
  return [{ family, gateway: (flags & RTF_GATEWAY) === 0 ? null : hop, interface: name, metric }]
}

/** /proc/net/arp: address, hardware type, flags (0x2 is complete), hardware address, mask, device. */
function parseArp(text: string): Macs {
  const complete = rowsOf(text).filter(([, , flags]) => (Number(flags) & 0x2) !== 0)
  return new Map(complete.map(([address, , , mac, , device]) => [`${device} ${address}`, mac!]))
}

/** /proc does not have the IPv6 neighbours. */
async function ipv6Neighbours(): Promise<string> {
  try {
    return (await runProgram(['ip', '-6', 'neigh', 'show'], { timeoutMs: 1000 })).stdout
  } catch {
    return ''
  }
}

/** `fe80::1 dev eth0 lladdr 02:00:00:00:00:01 router REACHABLE` */
function parseNeighbours(text: string): Macs {
  const lines = text.matchAll(/^(\S+) dev (\S+) lladdr ([0-9a-f:]{17})\b/gm)
  return new Map([...lines].map(([, address, device, mac]) => [`${device} ${address}`, mac!]))
}
