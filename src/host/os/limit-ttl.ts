import { familyOf } from '../../model/endpoint.ts'
import { addressBytes } from '../../model/ip.ts'
import { hex } from '../../wire/bytes.ts'
import type { LimitedFlow, LimitedFlows } from '../host.ts'
import { packetsByCounter } from './nft-counters.ts'
import { NftSession } from './nft-session.ts'
import { processStart } from './process-start.ts'

const MOST_FLOWS = 64
let tables = 0

/**
 * See `Netfilter.limitTtl`. The rules stand in a table that the kernel removes with the process that owns it; where it knows
 * no such tables, none are made.
 */
export async function limitTtl(flows: readonly LimitedFlow[]): Promise<LimitedFlows> {
  requireFlows(flows)
  tables += 1
  const name = `peerway_ttl_${process.pid}_${await processStart(`${process.pid}`)}_${tables}`
  const session = new NftSession()
  const list = `list counters table inet ${name}`
  await session.ask([ttlTable(name, flows), list])
  return {
    async read() {
      return parseTold(await session.ask([list]), flows.length)
    },
    close: () => session.end(),
    [Symbol.asyncDispose]: () => session.end(),
  }
}

/**
 * One nft command. Limited is what carries bytes (PSH) and breaks nothing off (RST): handshakes, acknowledgements and our own
 * reset at the end go all the way. After every other rule of the host on the way out, and before every one on the way in.
 */
export function ttlTable(name: string, flows: readonly LimitedFlow[]): string {
  const counters = flows.map((_, index) => `counter f${index} { }`)
  const limits = flows.map(({ local, remote, ttl }) => {
    const [ip, field] = familyOf(remote.address) === 'ipv4' ? ['ip', 'ttl'] : ['ip6', 'hoplimit']
    const flow = `${ip} daddr ${remote.address} tcp sport ${local.port} tcp dport ${remote.port}`
    return `${flow} tcp flags & (psh | rst) == psh ${ip} ${field} set ${ttl}`
  })
  const told = flows.map((flow, index) => `${quoteOf(flow)} counter name f${index}`)
  return `add table inet ${name} { flags owner; ${counters.join('; ')}; \
chain out { type filter hook output priority 1000000; policy accept; ${limits.join('; ')}; }; \
chain told { type filter hook prerouting priority -1000; policy accept; ${told.join('; ')}; }; }`
}

/** An ICMP error holds the IP header of what it is about behind 8 bytes of its own, and behind that the ports. */
function quoteOf({ local, remote }: LimitedFlow): string {
  const to = `0x${hex(addressBytes(remote.address))}`
  const ports = (at: number) => `@th,${at},16 ${local.port} @th,${at + 16},16 ${remote.port}`
  return familyOf(remote.address) === 'ipv4'
    ? `icmp type time-exceeded @th,136,8 6 @th,192,32 ${to} ${ports(224)}`
    : `icmpv6 type time-exceeded @th,112,8 6 @th,256,128 ${to} ${ports(384)}`
}

export function parseTold(text: string, count: number): number[] {
  const packets = packetsByCounter(text)
  return Array.from({ length: count }, (_, index) => packets.get(`f${index}`) ?? 0)
}

/** RangeError for what would not be nft's syntax, or for too much of it. */
function requireFlows(flows: readonly LimitedFlow[]): void {
  if (flows.length === 0 || flows.length > MOST_FLOWS) {
    throw new RangeError(`1 to ${MOST_FLOWS} flows, not ${flows.length}`)
  }
  for (const { local, remote, ttl } of flows) {
    const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535
    if (!isPort(local.port) || !isPort(remote.port)) throw new RangeError('a port is 1 to 65535')
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > 255) throw new RangeError(`a TTL is 1 to 255, not ${ttl}`)
    // Throws for what is no address.
    addressBytes(remote.address)
  }
}
