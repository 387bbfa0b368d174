import type { Transport } from '../model/endpoint.ts'
import { type Box, type Filter, PORTAL_PORT } from '../topology/topology.ts'
import { hex } from '../wire/bytes.ts'

/**
 * An nft rule set with a provider's filters. They stand where packets come in, as a provider's access lists do, so
 * that "everything" includes what would expire here. conntrack has seen the packet by then.
 */
export function providerRules(box: Box): string {
  const proxies = box.filters.filter((filter) => filter.action === 'syn-proxy')
  const portals = box.filters.filter((filter) => filter.action === 'portal')
  const firstProxy = box.filters.findIndex(({ action }) => action === 'syn-proxy')
  const others = box.filters
    .map((filter, index): PlacedFilter => ({ ...filter, isBeforeProxies: index < firstProxy }))
    .filter(({ action }) => action !== 'syn-proxy' && action !== 'portal')
  const resets = box.filters.filter((filter) => filter.action === 'reset')
  return `${resets.length === 0 ? '' : ['ip', 'ip6'].map((family) => resetTable(family, others)).join('\n')}
table inet peerway-policy {
${others.flatMap((filter, index) => sets(filter, index)).join('\n')}${watched(others)}
  chain not-tracked {
    type filter hook prerouting priority raw
${lines(proxies.map((filter) => `${matched(filter, 'tcp')} tcp flags & (fin|syn|rst|ack) == syn notrack`))}
  }
  chain access-list {
    type filter hook prerouting priority mangle
    ${NEIGHBOURS} accept
${lines(portals.map((filter) => `${matched(filter, 'tcp')} accept`))}
${lines(others.flatMap((filter, index) => (picksFlows(filter) ? judgedByFlow(filter, index) : judged(filter))))}
  }
  chain portals {
    type nat hook prerouting priority dstnat
${lines(portals.map((filter) => `${matched(filter, 'tcp')} redirect to :${PORTAL_PORT}`))}
  }
  chain proxied {
    type filter hook forward priority filter
${lines(proxies.flatMap(proxied))}
  }
}`
}

/** conntrack does not know the handshakes that a proxy will complete, so whoever stands before it must look for them. */
interface PlacedFilter extends Filter {
  readonly isBeforeProxies: boolean
}

// ---------------------------------------------------------------------------------------------- flows remembered

/** A flow as the packet at hand goes, and the other way round; tables of nft have one set for each family. */
const FAMILIES = ['ip', 'ip6'] as const
const FORTH = (family: string) => `meta l4proto . ${family} saddr . th sport . ${family} daddr . th dport`
const BACK = (family: string) => `meta l4proto . ${family} daddr . th dport . ${family} saddr . th sport`
const FLOW_TYPE = { ip: 'ipv4_addr', ip6: 'ipv6_addr' } as const

/** Is something remembered of the flows in which its payload was found? */
function picksFlows({ payload = null, wholeFlow = false, action }: Filter): boolean {
  return payload !== null && (wholeFlow || action === 'throttle')
}

/** The flows of a filter, and, where it slows them, what each may still send. */
function sets(filter: Filter, index: number): readonly string[] {
  if (!picksFlows(filter)) return []
  return FAMILIES.flatMap((family) => [
    flowSet(`flows${index}-${family}`, family),
    ...(filter.action === 'throttle' ? [flowSet(`meters${index}-${family}`, family)] : []),
  ])
}

function flowSet(name: string, family: keyof typeof FLOW_TYPE): string {
  const address = FLOW_TYPE[family]
  const type = `inet_proto . ${address} . inet_service . ${address} . inet_service`
  return `  set ${name} {\n    type ${type}\n    flags dynamic,timeout\n    timeout 2m\n  }`
}

/** Of a packet in whose flow something was said before. */
const LATER = 2
/** Any byte at all. */
const SOMETHING = '@ih,0,8 >= 0'

/** Marks packets of flows in which something was said before, whatever becomes of it. */
function watched(filters: readonly Filter[]): string {
  if (!filters.some(({ firstPacket }) => firstPacket)) return ''
  const rules = FAMILIES.flatMap((family) => [
    `${SOMETHING} ${FORTH(family)} @heard-${family} meta mark set ${LATER} return`,
    `${SOMETHING} ${BACK(family)} @heard-${family} meta mark set ${LATER} return`,
    `${SOMETHING} meta l4proto { tcp, udp } add @heard-${family} { ${FORTH(family)} }`,
  ])
  return `
${FAMILIES.map((family) => flowSet(`heard-${family}`, family)).join('\n')}
  chain watched {
    type filter hook prerouting priority mangle - 2
${lines(rules)}
  }`
}

/** What is known of the flow goes before what this packet says. */
function judgedByFlow(filter: PlacedFilter, index: number): readonly string[] {
  const isThrottle = filter.action === 'throttle'
  return FAMILIES.flatMap((family) => {
    const flows = `@flows${index}-${family}`
    const key = FORTH(family)
    const decision = isThrottle
      ? `update @meters${index}-${family} { ${key} limit rate over ${bytesPerSecond(filter)} bytes/second } drop`
      : 'drop'
    const known = [FORTH(family), BACK(family)].map((flow) => `${flow} ${flows} ${decision}`)
    const found = (filter.transports === 'any' ? [] : filter.transports).map(
      (transport) => `${meant(filter, transport)}add ${flows} { ${key} }${isThrottle ? '' : ' drop'}`,
    )
    return [...known, ...found]
  })
}

/**
 * The lengths alone are set: whoever receives the packet cuts what is beyond them. A UDP checksum of 0 is none (RFC 768), which
 * IPv6 does not allow.
 */
function cut({ payloadBytes }: Filter): string {
  const udp = 8 + payloadBytes!
  return `udp length > ${udp} ip length set ${20 + udp} udp length set ${udp} udp checksum set 0 accept`
}

function bytesPerSecond({ kilobitsPerSecond }: Filter): number {
  return (kilobitsPerSecond ?? 0) * 125
}

// ---------------------------------------------------------------------------------------------- filters

/** Without neighbour discovery there would be no line at all, and nobody filters that. */
const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }'

function judged(filter: PlacedFilter): readonly string[] {
  if (filter.action === 'truncate') return [`${meant(filter, 'udp')}${cut(filter)}`]
  if (filter.transports === 'any') return [`${side(filter)} ${flows(filter)}${verdict(filter, 'udp')}`]
  return filter.transports.map((transport) => `${meant(filter, transport)}${verdict(filter, transport)}`)
}

/** A payload is looked for in every packet, and what is slowed is all that comes. */
function flows({ everyPacket, payload = null, action, isBeforeProxies }: PlacedFilter): string {
  if (everyPacket || payload !== null || action === 'throttle') return ''
  return isBeforeProxies ? 'ct state new,untracked ' : 'ct state new '
}

/** Which packets of a transport are meant, payload and all. */
function meant(filter: PlacedFilter, transport: Transport): string {
  const { payload = null } = filter
  const isFirst = filter.firstPacket ? `meta mark != ${LATER} ` : ''
  return `${matched(filter, transport)} ${payload === null ? flows(filter) : `${isFirst}${beginning(payload)} `}`
}

/** nft compares at most 16 bytes at once. A packet with a shorter payload does not match. */
function beginning(payload: Uint8Array): string {
  const digits = hex(payload)
  const pieces = digits.match(/.{1,32}/g) ?? []
  return pieces.map((piece, index) => `@ih,${index * 128},${piece.length * 4} 0x${piece}`).join(' ')
}

const COPY = 1

/** The first filter that means a packet decides here too. */
function copied(filter: PlacedFilter, family: string): readonly string[] {
  if (filter.action === 'reset') return [`${meant(filter, 'tcp')}meta mark set ${COPY} dup to ${family} daddr return`]
  if (filter.transports === 'any') return [`${side(filter)} ${flows(filter)}return`]
  return filter.transports.includes('tcp') ? [`${meant(filter, 'tcp')}return`] : []
}

/**
 * Rejecting tells the sender alone. The other end is told by a copy of the packet, which is sent from here with its mark and
 * becomes a reset on its way out: it has the number that is waited for there.
 */
function resetTable(family: string, filters: readonly PlacedFilter[]): string {
  return `table ${family} peerway-resets {
  chain copied {
    type filter hook prerouting priority mangle - 1
${lines(filters.flatMap((filter) => copied(filter, family)))}
  }
  chain turned {
    type filter hook output priority filter
    meta mark ${COPY} tcp flags set rst
  }
}`
}

function proxied(filter: Filter): readonly string[] {
  const match = matched(filter, 'tcp')
  return [
    // Without timestamps: those that it echoes to the host are not the host's own, and Linux 6.18 drops what bears them.
    `${match} ct state invalid,untracked synproxy mss 1460 wscale 7 sack-perm`,
    `${match} ct state invalid drop`,
  ]
}

function matched(filter: Filter, transport: Transport): string {
  const { ports } = filter
  if (ports === 'any') return `${side(filter)} meta l4proto ${transport}`
  if ('only' in ports) return `${side(filter)} ${transport} dport { ${ports.only.join(', ')} }`
  return `${side(filter)} ${transport} dport != { ${ports.except.join(', ')} }`
}

function side(filter: Filter): string {
  return `iifname ${filter.direction === 'in' ? 'outside' : 'inside'}`
}

function verdict(filter: Filter, transport: Transport): string {
  if (filter.action === 'drop') return 'drop'
  if (filter.action === 'throttle') return `limit rate over ${bytesPerSecond(filter)} bytes/second drop`
  return transport === 'tcp' ? 'reject with tcp reset' : 'reject with icmpx admin-prohibited'
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}`).join('\n')
}
